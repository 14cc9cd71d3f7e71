import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeadboxError, MemorySource, type Siblings } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { checkExtentShape, generator } from '../support/source-contract.js';
import { describeWithTools, hasTool, run, temporaryFolder } from '../support/tools.js';

const ROUNDS = 250;
/** A mutated header may claim a disk of a petabyte: only so much of its beginning and its end is read. */
const READ = 3 << 20;
/** One mutated image may take this long, on a machine that does other things as well. */
const SLOWEST_MS = 5000;

const IMAGES: readonly (readonly [string, ...string[]])[] = [
  ['sparse.vmdk', '-O', 'vmdk'],
  ['stream.vmdk', '-O', 'vmdk', '-o', 'subformat=streamOptimized'],
  ['split.vmdk', '-O', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse'],
  ['flat.vmdk', '-O', 'vmdk', '-o', 'subformat=monolithicFlat'],
  ['plain.qcow2', '-O', 'qcow2', '-o', 'cluster_size=4k'],
  ['zlib.qcow2', '-c', '-O', 'qcow2', '-o', 'cluster_size=16k'],
  ['zstd.qcow2', '-c', '-O', 'qcow2', '-o', 'cluster_size=16k,compression_type=zstd'],
  ['ext.qcow2', '-O', 'qcow2', '-o', 'cluster_size=16k,extended_l2=on'],
  ['one.qcow', '-O', 'qcow'],
  ['disk.parallels', '-O', 'parallels'],
];

describeWithTools(['qemu-img'], 'mutated images end in a typed error or in bytes', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'disk.raw');
  const random = generator(31_337);
  writeFileSync(
    raw,
    Uint8Array.from({ length: 2 << 20 }, (_, i) =>
      (i >> 16) % 3 === 0 ? 0 : (i >> 16) % 3 === 1 ? i % 251 : random() * 256,
    ),
  );

  for (const [name, ...options] of IMAGES) {
    test(name, async () => {
      const place = join(folder, `of-${name}`);
      mkdirSync(place);
      run('qemu-img', ['convert', '-f', 'raw', ...options, raw, name], { cwd: place });
      if (name === 'plain.qcow2') run('qemu-img', ['snapshot', '-c', 'one', name], { cwd: place });
      await mutate(place, name);
    });
  }

  test.skipIf(!hasTool('ewfacquire'))('segments.E01', async () => {
    const place = join(folder, 'ewf');
    mkdirSync(place);
    run('ewfacquire', ['-u', '-q', '-t', join(place, 'segments'), '-f', 'encase6', '-S', '1MiB', '-d', 'sha1', raw]);
    await mutate(place, 'segments.E01');
  });

  test('archive.ova', async () => {
    const place = join(folder, 'ova');
    mkdirSync(place);
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, 'd.vmdk'], {
      cwd: place,
    });
    writeFileSync(
      join(place, 'd.ovf'),
      '<Envelope><References><File href="d.vmdk" id="f"/></References><DiskSection><Disk fileRef="f"/></DiskSection></Envelope>',
    );
    run('tar', ['-cf', 'archive.ova', 'd.ovf', 'd.vmdk'], { cwd: place });
    await mutate(place, 'archive.ova');
  });

  /** Opens and reads `name` again and again, each time with other bytes changed in one of the files. */
  async function mutate(place: string, name: string): Promise<void> {
    const files = new Map(readdirSync(place).map((file) => [file, new Uint8Array(readFileSync(join(place, file)))]));
    const outcomes = { bytes: 0, errors: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const names = [...files.keys()];
      const victim = random() < 0.5 ? name : names[Math.floor(random() * names.length)];
      const changed = new Map(files).set(victim, damage(files.get(victim) as Uint8Array<ArrayBuffer>));
      const started = performance.now();
      const error = await readAll(changed, name);
      expect(performance.now() - started, `round ${round}`).toBeLessThan(SLOWEST_MS);
      if (error === undefined) outcomes.bytes += 1;
      else {
        outcomes.errors += 1;
        if (!isDeadboxError(error))
          throw new Error(`round ${round} with ${victim}: not a typed error`, { cause: error });
      }
    }
    expect(outcomes.bytes).toBeGreaterThan(0);
    expect(outcomes.errors).toBeGreaterThan(0);
  }

  /** Flips bits, puts extreme numbers, or cuts; mostly in the first kilobytes, where headers and tables lie. */
  function damage(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (random() < 0.1) return bytes.slice(0, Math.floor(random() * bytes.length));
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
      const reach =
        random() < 0.5 ? Math.min(512, copy.length) : random() < 0.7 ? Math.min(600_000, copy.length) : copy.length;
      const at = Math.floor(random() * reach);
      const kind = random();
      if (kind < 0.4) copy[at] = copy[at] ^ (1 << Math.floor(random() * 8));
      else if (kind < 0.6) copy[at] = random() * 256;
      else if (at + 8 <= copy.length) {
        const values = [
          0n,
          1n,
          0x7fff_ffff_ffff_ffffn,
          0xffff_ffff_ffff_ffffn,
          0xffff_ffffn,
          1n << 53n,
          BigInt(copy.length),
        ];
        const value = values[Math.floor(random() * values.length)];
        if (random() < 0.5) view.setBigUint64(at, value, random() < 0.5);
        else view.setUint32(at, Number(value & 0xffff_ffffn), random() < 0.5);
      }
    }
    return copy;
  }

  async function readAll(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, name: string): Promise<unknown> {
    const siblings: Siblings = {
      open: (wanted) => {
        const bytes = files.get(wanted);
        return Promise.resolve(bytes === undefined ? undefined : new MemorySource(bytes, { name: wanted }));
      },
    };
    try {
      const disk = await openImage(new MemorySource(files.get(name) as Uint8Array<ArrayBuffer>), { name, siblings });
      const buffer = new Uint8Array(1 << 18);
      for (const start of [0, Math.max(disk.size - READ, 0)]) {
        for (let at = start; at < Math.min(start + READ, disk.size); at += buffer.length) {
          await disk.readInto(at, buffer.subarray(0, Math.min(buffer.length, disk.size - at)));
        }
      }
      await checkExtentShape(disk, 0, Math.min(READ, disk.size));
      await disk.close();
      return undefined;
    } catch (error) {
      return error;
    }
  }
});
