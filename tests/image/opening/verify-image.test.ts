import { closeSync, copyFileSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DeadboxError } from '@deadbox/core';
import { type ImageVerification, type VirtualDisk, verifyImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';
import { withImage } from '../../support/image/disk-hash.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const verify = (path: string): Promise<ImageVerification> => withImage(path, (disk) => verifyImage(disk));

describeWithCase('verifying an E01', '23-ewf-damaged-chunk', ['ewfacquire', 'python3'], (made) => {
  test.each(['best', 'none'])('%s is right in its chunks and its stored hashes', async (name) => {
    const { verdict, checks } = await verify(made(`${name}.E01`));
    expect(verdict).toBe('right');
    expect(checks.map(({ what, outcome }) => [what, outcome])).toEqual(
      expect.arrayContaining([
        ['structures', 'right'],
        ['content', 'right'],
        ['md5', 'right'],
      ]),
    );
  });

  // As ewfverify says of each: FAILURE.
  test.each(['best-data', 'best-sum', 'none-data', 'none-sum'])('%s is wrong', async (name) => {
    const { verdict, unreadable } = await verify(made(`${name}.E01`));
    expect(verdict).toBe('wrong');
    expect(unreadable.reduce((sum, { length }) => sum + length, 0)).toBe(name.startsWith('best') ? 32_768 : 0);
    expect(unreadable.length).toBeLessThanOrEqual(1);
  });
});

test('a disk of 64 TiB of which nothing can be read costs some ten thousand reads, and is wrong to its end', async () => {
  const size = 2 ** 46;
  let reads = 0;
  const disk = {
    size,
    issues: [],
    read: () => {
      reads += 1;
      throw new DeadboxError('VMDK_INVALID', 'two entries of the grain directory name the same table');
    },
  } as unknown as VirtualDisk;
  const { verdict, unreadable } = await verifyImage(disk);
  expect(verdict).toBe('wrong');
  expect(unreadable.reduce((sum, { length }) => sum + length, 0)).toBe(size);
  expect(reads).toBeLessThan(150_000);
  expect(unreadable[0]).toMatchObject({ cause: { kind: 'failed', code: 'VMDK_INVALID' } });
  expect(unreadable.at(-1)).toMatchObject({ cause: { kind: 'not-tried', failedReads: 65_536 } });
});

describeWithTools(['qemu-img'], 'verifying containers', () => {
  const folder = temporaryFolder();

  test('a VHDX and a VHD have checksums of structures, a raw disk nothing', async () => {
    for (const [format, verdict] of [
      ['vhdx', 'right'],
      ['vpc', 'right'],
      ['raw', 'nothing-stored'],
    ] as const) {
      const path = join(folder, `disk.${format}`);
      run('qemu-img', ['create', '-q', '-f', format, path, '8M']);
      expect((await verify(path)).verdict).toBe(verdict);
    }
  });

  test('a flipped byte in a VHDX header is found', async () => {
    const path = join(folder, 'flipped.vhdx');
    copyFileSync(join(folder, 'disk.vhdx'), path);
    const handle = openSync(path, 'r+');
    writeSync(handle, new Uint8Array([0xff]), 0, 1, 0x2_0020);
    closeSync(handle);
    expect(await verify(path)).toMatchObject({ verdict: 'wrong', checks: [{ what: 'structures', outcome: 'wrong' }] });
  });
});
