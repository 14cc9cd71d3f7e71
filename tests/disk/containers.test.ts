import { join } from 'node:path';
import { type ByteSource, isDeadboxError, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { type ImageReport, scanDisk } from 'deadbox';
import { beforeAll, expect, test } from 'vitest';
import { expectSame, generator } from '../support/source-contract.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** Containers as qemu-img writes them, and the raw disk itself. */
const CONTAINERS: readonly (readonly [name: string, format: string, options: string])[] = [
  ['disk.img', 'raw', ''],
  ['dynamic.vhd', 'vpc', 'subformat=dynamic,force_size=on'],
  ['fixed.vhd', 'vpc', 'subformat=fixed,force_size=on'],
  ['dynamic.vhdx', 'vhdx', 'subformat=dynamic'],
  ['sparse.vmdk', 'vmdk', 'subformat=monolithicSparse'],
  ['stream.vmdk', 'vmdk', 'subformat=streamOptimized'],
  ['disk.qcow2', 'qcow2', ''],
  ['disk.vdi', 'vdi', ''],
];
const CUTS = 24;
const PIECE = 64 << 10;

/** A report without what the container itself adds. */
function facts({ verdict, severity, installations, volumes }: ImageReport): string {
  return JSON.stringify({ verdict, severity, installations, volumes }, (key, value: unknown) =>
    // A step to repair the image names it.
    key === 'file' || key === 'image' ? undefined : value,
  );
}

describeWithTools(['qemu-img'], 'a disk in any container', () => {
  const folder = temporaryFolder();
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>();
  let disk: ByteSource;
  let right = '';

  async function scan(source: ByteSource, name: string): Promise<ImageReport> {
    await using opened = await openDisk(source, { name });
    return await scanDisk(opened, {});
  }

  beforeAll(async () => {
    const raw = testImagePath('gpt-faulty');
    disk = await openFile(raw);
    right = facts(await scan(disk, 'disk.img'));
    for (const [name, format, options] of CONTAINERS) {
      const path = join(folder, name);
      run('qemu-img', ['convert', '-O', format, ...(options === '' ? [] : ['-o', options]), raw, path]);
      const file = await openFile(path);
      bytes.set(name, new Uint8Array(await file.read(0, file.size)));
      await file.close?.();
    }
  }, 120_000);

  const content = (name: string): Uint8Array<ArrayBuffer> => bytes.get(name) ?? new Uint8Array(0);

  test.each(CONTAINERS.map(([name]) => name))('gets the same report: %s', async (name) => {
    expect(facts(await scan(new MemorySource(content(name)), name))).toBe(right);
  });

  test.each(CONTAINERS.map(([name]) => name))(
    'cut short anywhere, %s gives the bytes of the disk or an error, and never an all-clear',
    async (name) => {
      const whole = content(name);
      const random = generator(name.length);
      for (let cut = 0; cut < CUTS; cut += 1) {
        // Most cuts in the last part: headers cut off are soon found.
        const length = Math.floor(whole.length * (cut < 4 ? cut / 4 : 1 - random() ** 2 / 2));
        const source = (): ByteSource => new MemorySource(whole.slice(0, length));
        const what = `${name} cut at ${length} of ${whole.length}`;
        try {
          await using opened = await openDisk(source(), { name });
          for (let at = 0; at < opened.image.size; at += PIECE * (1 + Math.floor(random() * 16))) {
            const size = Math.min(PIECE, opened.image.size - at);
            const piece = await Promise.resolve()
              .then(() => opened.image.read(at, size))
              .catch((error: unknown) => {
                if (!isDeadboxError(error)) throw error;
                return undefined;
              });
            if (piece !== undefined) expectSame(piece, await disk.read(at, size), `${what}, read at ${at}`);
          }
          const { severity, verdict } = await scanDisk(opened, {});
          expect(severity, `${what}: ${verdict}`).not.toBe('none');
        } catch (error) {
          if (!isDeadboxError(error)) throw error;
        }
      }
    },
    120_000,
  );
});
