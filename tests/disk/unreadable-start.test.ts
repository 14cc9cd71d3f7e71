import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { withBadPlaces } from '../support/encryption/failing-source.js';
import { root } from '../support/workspace.js';

describe('a volume whose start nothing recognises', () => {
  const golden = JSON.parse(readFileSync(join(root, 'test-images/mbr-faulty.json'), 'utf8'));
  const disk = new Uint8Array(gunzipSync(readFileSync(join(root, 'test-images/mbr-faulty.img.gz'))));
  const { offset } = golden.partitions.find((item: { number: number }) => item.number === golden.windowsVolume);

  test('is read by its backup boot sector even where a place that could hold a LUKS header cannot be read', async () => {
    const bytes = disk.slice();
    bytes.fill(0x41, offset, offset + 512);
    const source = withBadPlaces(new MemorySource(bytes), [{ offset: offset + 0xc000, length: 512 }]);
    const opened = await openDisk(source, { cache: { blockSize: 4096 } });
    const volume = opened.volumes.find((item) => item.offset === offset);
    expect(volume?.encryption).toMatchObject({ verdict: 'none', issues: [{ code: 'encryption.unreadable' }] });
    expect(await volume?.ntfs()).toBeDefined();
    await opened.close();
  });
});
