import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { afterAll, expect, test } from 'vitest';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { FileSink } from '../support/ntfs-writer/sink.js';
import { differingBytes, withDiskFile } from '../support/repair/repaired-disk.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** How many volumes are made; the whole campaign is 500. */
const VOLUMES = Number(process.env.DEADBOX_REPAIR_VOLUMES ?? 12);
const folder = temporaryFolder();

/** mulberry32: the same numbers for the same seed. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value = (value + Math.imul(value ^ (value >>> 7), value | 61)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % limit;
  };
}

const STEMS = [
  'driver',
  'Äußere',
  '設定',
  'C-00000291-',
  'x',
  'very long name of a content file with spaces ',
  'ÿ',
  'b.c.d',
];
const EXTENSIONS = ['sys', 'SYS', 'dat', 'bin', 'x', 'config', ''];

/** A name of up to 60 characters; those of one number differ from those of every other. */
function randomName(below: (limit: number) => number, number: number): string {
  const extension = EXTENSIONS[below(EXTENSIONS.length)];
  const stem = `${STEMS[below(STEMS.length)]}${below(100)}-${number}`;
  return extension === '' ? stem : `${stem}.${extension}`;
}

/** A volume of any geometry with one folder of random names; gives the names and their contents. */
function randomVolume(path: string, seed: number): { path: string; sha256: string }[] {
  const below = generator(seed);
  const clusterSize = 512 << below(8);
  const sectorSize = clusterSize >= 4096 && below(3) === 0 ? 4096 : 512;
  const sink = new FileSink(path, 96 << 20);
  try {
    const writer = new NtfsVolumeWriter(sink, {
      size: 96 << 20,
      sectorSize,
      clusterSize,
      mftFragments: 1 + below(6),
      shortNames: below(4) > 0,
    });
    const depth = 1 + below(4);
    const names = Array.from({ length: depth }, (_, i) => `folder ${i} ${'y'.repeat(below(40))}`);
    const parent = writer.tree.folder(names.join('/'));
    const files: { path: string; sha256: string }[] = [];
    const count = [1, 4, 40, 400][below(4)];
    for (let i = 0; i < count; i += 1) {
      const name = randomName(below, i);
      const content = Uint8Array.from({ length: 1 + below(3000) }, (_, at) => (at * 7 + i) & 0xff);
      writer.tree.addFile(parent, name, { content });
      files.push({ path: `/${names.join('/')}/${name}`, sha256: createHash('sha256').update(content).digest('hex') });
    }
    writer.finish();
    return files;
  } finally {
    sink.close();
  }
}

/** What ntfs-3g says: the folder has the new name and not the old one, every other file is as it was. */
function expectMounted(
  path: string,
  files: readonly { path: string; sha256: string }[],
  wanted: string,
  to: string,
): void {
  const mount = join(folder, 'mount');
  mkdirSync(mount, { recursive: true });
  run('ntfs-3g', ['-o', 'ro', path, mount]);
  try {
    const parent = join(mount, wanted.slice(0, wanted.lastIndexOf('/')));
    const listed = readdirSync(parent).toSorted();
    const name = wanted.slice(wanted.lastIndexOf('/') + 1);
    const expected = files.map((file) => file.path.slice(file.path.lastIndexOf('/') + 1));
    expect(listed).toEqual(expected.map((each) => (each === name ? to : each)).toSorted());
    for (const file of files) {
      const at = file.path === wanted ? join(parent, to) : join(mount, file.path);
      expect(createHash('sha256').update(readFileSync(at)).digest('hex')).toBe(file.sha256);
    }
    expect(() => readFileSync(join(mount, wanted))).toThrow(/ENOENT/);
  } finally {
    run('umount', [mount]);
  }
}

describeWithTools(['fls', 'ntfs-3g', 'umount'], 'a file of a random volume', () => {
  let refused = 0;
  afterAll(() => expect(refused).toBeLessThan(VOLUMES / 10));

  test(`is renamed as planned, and put back: ${VOLUMES} volumes`, async () => {
    for (let seed = 1; seed <= VOLUMES; seed += 1) {
      const original = join(folder, `${seed}.img`);
      const path = join(folder, `${seed}.repaired.img`);
      const undo = join(folder, `${seed}.undo.json`);
      const files = randomVolume(original, seed);
      const wanted = files[generator(seed ^ 0x5eed)(files.length)].path;
      copyFileSync(original, path);
      const plan = await withDiskFile(path, async (disk) => {
        const made = await planRepair(disk, [{ operation: 'neutralise-file', volume: 1, path: wanted }]);
        if (made.refusals.length === 0) await applyRepair(disk, made, undo);
        return made;
      });
      if (plan.refusals.length > 0) {
        // A name of characters that have no replacement at equal length in this order.
        expect(
          plan.refusals.map(({ id }) => id),
          wanted,
        ).toEqual(['no-free-name']);
        refused += 1;
      } else {
        const planned = plan.operations[0].edits.map(({ offset }) => offset).toSorted((a, b) => a - b);
        expect(differingBytes(original, path), wanted).toEqual(planned);
        const names = plan.operations[0].data.names as { from: string; to: string }[];
        const to = names.find(({ from }) => wanted.endsWith(`/${from}`))?.to ?? '';
        if (canMount) expectMounted(path, files, wanted, to);
        expect(run('fls', ['-r', '-p', path])).not.toMatch(/OrphanFiles\/./);
        undoRepair(readJournal(undo));
        expect(differingBytes(original, path), wanted).toEqual([]);
        rmSync(undo);
      }
      rmSync(original);
      rmSync(path);
    }
  }, 3_600_000);
});
