import { createHash } from 'node:crypto';
import { type ByteSource, type Bytes, DeadboxError, MemorySource, transportFailed, WindowSource } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NtfsVolume, type UpCase } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { restoreAttributeList } from '../../packages/repair/src/operations/ntfs/attribute-list.js';
import { blankContent } from '../../packages/repair/src/operations/ntfs/blank-content.js';
import { partsOn, placer } from '../../packages/repair/src/operations/ntfs/directory-index.js';
import { keepsOrder, nameCandidates } from '../../packages/repair/src/operations/ntfs/free-name.js';
import { checkNotMirrored, mirroredPlace } from '../../packages/repair/src/operations/ntfs/mft-mirror.js';
import { restoreMftRecords } from '../../packages/repair/src/operations/ntfs/mft-records.js';
import { neutraliseFile } from '../../packages/repair/src/operations/ntfs/neutralise-file.js';
import { restoreBootSector, restoreMftMirror } from '../../packages/repair/src/operations/ntfs/ntfs-copies.js';
import {
  checkPending,
  findHibernated,
  openRepairable,
} from '../../packages/repair/src/operations/ntfs/volume-state.js';
import type { RepairOperation } from '../../packages/repair/src/plan/repair-plan.js';
import { attributesOf, moveToExtension, replaceAttributes, unseal } from '../support/file-record-writer.js';
import { EditedVolume, nameOf, nonResident, resident, typeOf } from '../support/ntfs/edited-volume.js';
import type { VolumeOptions } from '../support/ntfs-writer/ntfs-volume.js';
import type { FileOptions } from '../support/ntfs-writer/tree.js';
import {
  appliedTo,
  diskWith,
  MEMORY_VOLUME,
  memoryDisk,
  refusalOf,
  SMALL,
  volumeOf,
} from '../support/repair/memory-volume.js';
import { pendingLog } from '../support/repair/pending-log.js';

/*
 * What an operation plans for a small volume in memory: written, the bytes must make the volume that a writer of NTFS,
 * which shares no code with the reader, makes of the right names; and what it refuses, with its facts.
 */

type Files = Record<string, FileOptions>;

const CLUSTER = 4096;
const HIDDEN = MEMORY_VOLUME.offset / 512;
const same = (left: Bytes, right: Bytes): boolean => Buffer.compare(left, right) === 0;
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const changed = (bytes: Bytes, change: (bytes: Bytes, view: DataView) => void): Bytes => {
  const copy = bytes.slice();
  change(copy, viewOf(copy));
  return copy;
};
const volume = (files: Files, options: Partial<VolumeOptions> = {}): EditedVolume =>
  volumeOf(files, { hiddenSectors: HIDDEN, ...options });

/** The records of the folder and the file of {@link DRIVER}. */
const [FOLDER, FILE] = [24, 25];
const DRIVER = '/drivers/bad.sys';
const CONTENT = Uint8Array.from({ length: 9000 }, (_, i) => (i % 255) + 1);
const driver: Files = { [DRIVER]: { content: CONTENT } };
const plain = volume(driver).bytes;

describe('a name that no pattern matches', () => {
  const candidates = (name: string): string[] => [...nameCandidates(name)].map((each) => each.name);

  test('has one other character: of the ending, the last one first', () => {
    expect(candidates('a.bc')).toEqual([
      ...Array.from('_-0~z!#$%&@^`{}', (one) => `a.b${one}`),
      ...Array.from('_-0~z!#$%&@^`{}', (one) => `a.${one}c`),
    ]);
    expect([...nameCandidates('ab.c')].map(({ at }) => at)).toEqual(Array.from({ length: 15 }, () => 3));
    expect(candidates('a.z').slice(0, 5)).toEqual(['a._', 'a.-', 'a.0', 'a.~', 'a.!']);
    expect(candidates('a.Z').includes('a.z')).toBe(false);
    expect(candidates('.b')).toHaveLength(15);
  });

  test('has it anywhere where there is no ending', () => {
    expect([...nameCandidates('ab')].map(({ at }) => at)).toEqual([
      ...Array.from({ length: 15 }, () => 1),
      ...Array.from({ length: 15 }, () => 0),
    ]);
    expect(candidates('a.')).toHaveLength(30);
    expect(candidates('')).toEqual([]);
  });

  test('keeps characters that are none of ASCII', () => {
    expect(candidates('a.設b').every((name) => name.startsWith('a.設'))).toBe(true);
    expect(candidates('a.~')).toHaveLength(14);
    expect(candidates('a.\u007f')).toEqual([]);
  });

  test('stands between its neighbours as NTFS orders them, and is none of them', async () => {
    const upCase: UpCase = await (await NtfsVolume.open(new MemorySource(plain))).upCase();
    const names = ['a', 'C', 'e'].map((name) => ({ name }));
    const keeps = (index: number, name: string): boolean => keepsOrder(names, index, name, upCase);
    expect([keeps(1, 'b'), keeps(1, 'D'), keeps(0, '0'), keeps(2, 'z')]).toEqual([true, true, true, true]);
    // Of names that differ in case only, capital letters come first.
    expect([keeps(1, 'a'), keeps(1, 'A'), keeps(1, 'e'), keeps(1, 'E')]).toEqual([false, false, false, true]);
    expect([keeps(0, 'd'), keeps(2, 'b'), keeps(1, '0'), keeps(1, 'z')]).toEqual([false, false, false, false]);
  });
});

describe('a volume', () => {
  test('may be written where it is NTFS, open, and not put to sleep', async () => {
    const disk = await memoryDisk(plain);
    const opened = await openRepairable(disk, 1, {});
    expect([opened.volume, opened.pending.outcome]).toEqual([disk.volumes[0], 'none']);
    const ask = (more: Partial<Volume>): Promise<unknown> =>
      memoryDisk(plain, more).then((on) => openRepairable(on, 1, {}));
    expect(await refusalOf(openRepairable(disk, 2, {}))).toEqual(['not-ntfs', { found: 'no such volume' }]);
    for (const product of ['BitLocker', undefined]) {
      const encryption = { product } as unknown as Volume['encryption'];
      expect(await refusalOf(ask({ locked: true, encryption }))).toEqual(['locked', { product: product ?? null }]);
    }
    expect(await refusalOf(ask({ fileSystem: 'fat32' }))).toEqual(['not-ntfs', { found: 'fat32' }]);
    const none = await refusalOf(ask({ ntfs: () => Promise.resolve(undefined) }));
    expect(none).toEqual(['not-ntfs', { found: 'ntfs' }]);
    const page = new Uint8Array(8192);
    page.set(Buffer.from('hibr'));
    const asleep = await memoryDisk(volume({ '/hiberfil.sys': { content: page } }).bytes);
    expect((await refusalOf(openRepairable(asleep, 1, {})))[0]).toBe('hibernated');
  });

  test('on which Windows was put to sleep is found among those of a disk that can be read', async () => {
    const of = (number: number, state: string, more: Partial<Volume> = {}): Partial<Volume> => ({
      number,
      locked: false,
      fileSystem: 'ntfs',
      ntfs: () => Promise.resolve({ hibernation: () => Promise.resolve(state) } as unknown as NtfsVolume),
      ...more,
    });
    const damaged = new DeadboxError('NTFS_MFT_UNREADABLE', 'damaged', { at: { layer: 'volume', offset: 0 } });
    const find = (...volumes: readonly Partial<Volume>[]): Promise<unknown> => findHibernated(diskWith(...volumes), {});
    const asleep = of(3, 'hibernated');
    expect(await find(of(1, 'none'), asleep)).toEqual({ volume: 3, state: 'hibernated' });
    for (const other of [
      of(1, 'hibernated', { locked: true }),
      of(1, 'hibernated', { fileSystem: 'fat32' }),
      of(1, '', { ntfs: () => Promise.resolve(undefined) }),
      of(1, '', { ntfs: () => Promise.reject(damaged) }),
    ]) {
      expect(await find(other)).toBe(undefined);
      expect(await find(other, asleep)).toEqual({ volume: 3, state: 'hibernated' });
    }
    const lost = new Error('the connection is lost');
    await expect(find(of(1, '', { ntfs: () => Promise.reject(lost) }), asleep)).rejects.toBe(lost);
  });

  test('is not written while its journal cannot be followed, and what that will write is known', async () => {
    const unreadable = new Uint8Array(65_536).fill(0x77);
    unreadable.set(Buffer.from('RSTR'));
    const broken = await memoryDisk(volume({}, { log: unreadable, flags: 1 }).bytes);
    expect(await refusalOf(openRepairable(broken, 1, {}))).toEqual([
      'log-pending',
      { gaps: ['unreadable'], outcome: 'not-examined' },
    ]);
    const waiting = await memoryDisk(volume({}, { log: pendingLog(5 * CLUSTER, 1024, 0x07), flags: 1 }).bytes);
    const { pending } = await openRepairable(waiting, 1, {});
    expect(pending.outcome).toBe('complete');
    const lsn = pending.targets[0]?.lsn ?? 0n;
    const ask = (offset: number, length: number, own: bigint): void => checkPending(pending, 'x', offset, length, own);
    expect(() => ask(5 * CLUSTER - 10, 10, 0n)).not.toThrow();
    expect(() => ask(5 * CLUSTER + 1024, 10, 0n)).not.toThrow();
    const refused = async (offset: number, length: number, own: bigint): Promise<unknown> => ask(offset, length, own);
    expect(await refusalOf(refused(5 * CLUSTER - 10, 11, 0n))).toEqual([
      'log-pending',
      { what: 'x', offset: 5 * CLUSTER - 10, operation: 'UpdateResidentValue', lsn: String(lsn) },
    ]);
  });
});

describe('a file is renamed', () => {
  const renamed = async (
    files: readonly string[],
    from: string,
    to: string,
    options: Partial<VolumeOptions> = {},
    more: FileOptions = { content: CONTENT },
  ): Promise<RepairOperation> => {
    const build = (name: string): Bytes =>
      volume(
        Object.fromEntries([...files, name].map((each) => [`/drivers/${each}`, each === name ? more : { size: 1 }])),
        options,
      ).bytes;
    const before = build(from);
    const operation = await neutraliseFile(await memoryDisk(before), 1, `/drivers/${from}`, {});
    expect(same(appliedTo(before, operation), build(to))).toBe(true);
    return operation;
  };
  const many = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `B-${String(i).padStart(3, '0')}.sys`);

  test('in its record, then in the index of its folder', async () => {
    const { edits, ...operation } = await renamed([], 'bad.sys', 'bad.sy_');
    expect(operation).toEqual({
      id: 'neutralise-file',
      volume: 1,
      data: {
        path: DRIVER,
        record: FILE,
        sequence: 1 + ((FILE * 7) % 5),
        names: [{ from: 'bad.sys', to: 'bad.sy_' }],
        sha256: createHash('sha256').update(CONTENT).digest('hex'),
      },
    });
    expect(edits.map(({ what, before, after }) => [what, before, after])).toEqual([
      ['file-name', '73', '5f'],
      ['index-entry', '73', '5f'],
    ]);
    await renamed([], 'bad.sys', 'bad.sy_', {}, { content: new Uint8Array(3) });
  });

  test('with the hash of its content as it is stored: compressed, where it is', async () => {
    const made = volume(driver);
    const stored = made.bytes.slice(400 * CLUSTER, 401 * CLUSTER).fill(0xa5, 0, 100);
    made.bytes.set(stored, 400 * CLUSTER);
    const runs = [
      { lcn: 400, length: 1 },
      { lcn: -1, length: 15 },
    ];
    const { bytes } = nonResident(0x80, runs, { size: CONTENT.length }, CLUSTER);
    // The header of a compressed attribute is eight bytes longer: there stands how much of it is stored.
    const compressed = Uint8Array.of(...bytes.subarray(0, 0x40), ...new Uint8Array(8), ...bytes.subarray(0x40));
    const view = viewOf(compressed);
    view.setUint32(4, compressed.length, true);
    view.setUint16(0x0c, 1, true);
    view.setUint16(0x20, 0x48, true);
    view.setUint8(0x22, 4);
    view.setUint32(0x40, CLUSTER, true);
    made.replace(FILE, { type: 0x80, name: '', bytes: compressed });
    const { data } = await neutraliseFile(await memoryDisk(made.bytes), 1, DRIVER, {});
    const content = new Uint8Array(CONTENT.length);
    content.set(stored);
    expect(data.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('in a folder of blocks, wherever their clusters lie', async () => {
    await renamed(many(60), 'C-291.sys', 'C-291.sy_');
    await renamed(many(60), 'B-0305.sys', 'B-0305.sy_');
    for (const clusterSize of [512, 1024, 2048]) await renamed(many(40), 'C-291.sys', 'C-291.sy_', { clusterSize });
  });

  test('under its short name, too', async () => {
    const { data, edits } = await renamed([], 'C-00000291.sys', 'C-00000291.sy_', { shortNames: true });
    expect(data.names).toEqual([
      { from: 'C-0000~1.SYS', to: 'C-0000~1.SY_' },
      { from: 'C-00000291.sys', to: 'C-00000291.sy_' },
    ]);
    expect(edits.map(({ what }) => what)).toEqual(['file-name', 'file-name', 'index-entry', 'index-entry']);
  });

  test('to a name that nothing in the folder has and that keeps its place', async () => {
    await renamed(['bad.sy_'], 'bad.sys', 'bad.sy-');
    await renamed(['BAD.SY_', 'bad.sy_x'], 'bad.sys', 'bad.sy-');
    await renamed(['bad.sy!'], 'bad.sys', 'bad.sy_');
    await renamed(['bad.sy_x'], 'bad.sys', 'bad.sy_');
    // To the volume these two letters are one.
    await renamed(['σ.sy_'], 'ς.sys', 'ς.sy-');
    const between = await memoryDisk(
      volume(Object.fromEntries(['bad.syr', 'bad.sys', 'bad.syt'].map((name) => [`/drivers/${name}`, { size: 1 }])))
        .bytes,
    );
    expect(await refusalOf(neutraliseFile(between, 1, DRIVER, {}))).toEqual(['no-free-name', { name: 'bad.sys' }]);
  });

  test('in the mirror of its record, where that is kept equal', async () => {
    const { edits } = await renamed([], 'bad.sys', 'bad.sy_', { clusterSize: 65_536 });
    expect(edits.map(({ what }) => what)).toEqual(['file-name', 'mft-mirror', 'index-entry', 'mft-mirror']);
    const files = { clusterSize: 65_536 };
    const before = volume(driver, files).bytes;
    const cluster = Number(viewOf(before).getBigUint64(0x38, true)) * 65_536;
    // Windows leaves the records behind the fourth as they were.
    const stale = changed(before, (bytes) => bytes.fill(0, cluster + FILE * 1024, cluster + FILE * 1024 + 8));
    const operation = await neutraliseFile(await memoryDisk(stale), 1, DRIVER, {});
    expect(operation.edits.map(({ what }) => what)).toEqual(['file-name', 'index-entry', 'mft-mirror']);
    const right = volume({ '/drivers/bad.sy_': { content: CONTENT } }, files).bytes;
    expect(
      same(
        changed(appliedTo(stale, operation), (bytes) =>
          bytes.set(right.subarray(cluster + FILE * 1024, cluster + FILE * 1024 + 1024), cluster + FILE * 1024),
        ),
        right,
      ),
    ).toBe(true);
  });
});

describe('a name of which the changed character is not stored where it is read', () => {
  const name = (length: number): string => `C-${'0'.repeat(length - 6)}.sys`;
  const others = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`/drivers/B-${i}.sys`, { size: 1 }]));
  const build = (of: string): Bytes => volume({ ...others, [`/drivers/${of}`]: { content: CONTENT } }).bytes;
  const planned = async (bytes: Bytes, of: string): Promise<RepairOperation> =>
    neutraliseFile(await memoryDisk(bytes), 1, `/drivers/${of}`, {});

  test.each(['file-name', 'index-entry'] as const)('is changed in the update sequence array: %s', async (what) => {
    const probe = (await planned(build(name(40)), name(40))).edits.find((edit) => edit.what === what);
    const length = 40 + (((510 - ((probe?.offset ?? 0) % 512) + 512) % 512) >> 1);
    expect(length).toBeLessThan(240);
    const before = build(name(length));
    const operation = await planned(before, name(length));
    expect((operation.edits.find((edit) => edit.what === what)?.offset ?? 0) % 512).toBeLessThan(0x40);
    expect(same(appliedTo(before, operation), build(name(length).replace(/s$/, '_')))).toBe(true);
  });

  test('is changed in the record that its attribute was moved to', async () => {
    const moved = (of: string): Bytes => {
      const made = volume({ [`/drivers/${of}`]: { content: CONTENT } });
      const at = { base: made.at(FILE), extension: made.at(60), size: 1024 };
      moveToExtension(made.bytes, at, { base: FILE, extension: 60 }, (type) => type === 0x30);
      return made.bytes;
    };
    const before = moved('bad.sys');
    const operation = await planned(before, 'bad.sys');
    expect(same(appliedTo(before, operation), moved('bad.sy_'))).toBe(true);
    // That record is damaged behind the name.
    const made = new EditedVolume(before);
    made.add(60, { type: 0x40, name: '', bytes: rubbish() });
    expect(await refusalOf(planned(made.bytes, 'bad.sys'))).toEqual([
      'file-record-damaged',
      { path: DRIVER, record: 60 },
    ]);
  });
});

/** An attribute that no parser takes: its value leaves it. */
function rubbish(): Uint8Array {
  const { bytes } = resident(0x40, new Uint8Array(8));
  viewOf(bytes).setUint32(0x10, 0xffff, true);
  return bytes;
}

describe('a file is not renamed', () => {
  /** What is said of a volume that `edit` changed. */
  const refused = async (
    edit: (made: EditedVolume) => void,
    path = DRIVER,
    files: Files = driver,
  ): Promise<unknown> => {
    const made = volume(files);
    edit(made);
    return refusalOf(neutraliseFile(await memoryDisk(made.bytes), 1, path, {}));
  };
  const nothing = (): void => undefined;
  const manyFiles: Files = {
    ...driver,
    ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`/drivers/B-${i}.sys`, { size: 1 }])),
  };
  /** The block of the index that lists the driver, and another one. */
  const listing = Buffer.from(volume(manyFiles).bytes);
  const BLOCK = listing.lastIndexOf('INDX', listing.lastIndexOf(Buffer.from('bad.sys', 'utf16le')));
  const OTHER_BLOCK = listing.indexOf('INDX');
  /** Changes the entry of a name in the index of the folder, which stands in its record. */
  const entryOf = (name: string, edit: (entry: DataView) => void) => (made: EditedVolume) =>
    made.rewrite(FOLDER, (parts) => {
      const root = parts.find((each) => typeOf(each) === 0x90) ?? new Uint8Array(0);
      const at = Buffer.from(root).indexOf(Buffer.from(name, 'utf16le')) - 0x42 - 0x10;
      edit(new DataView(root.buffer, root.byteOffset + at));
      return parts;
    });
  /** Changes the value of the first `$FILE_NAME` of a record. */
  const nameChanged = (record: number, edit: (value: DataView) => void) => (made: EditedVolume) =>
    made.rewrite(record, (parts) => {
      const part = parts.find((each) => typeOf(each) === 0x30) ?? new Uint8Array(0);
      const head = viewOf(part);
      edit(new DataView(part.buffer, part.byteOffset + head.getUint16(0x14, true)));
      return parts;
    });

  test('that is not there, or no plain file, or one of the file system', async () => {
    expect(await refused(nothing, '/drivers/x')).toEqual(['file-missing', { path: '/drivers/x' }]);
    expect(await refused(nothing, '/drivers')).toEqual(['not-a-plain-file', { path: '/drivers', type: 'directory' }]);
    expect(await refused(nothing, '/$LogFile')).toEqual(['mirrored-record', { record: 2 }]);
    expect(await refused(nothing, '/$Volume')).toEqual(['mirrored-record', { record: 3 }]);
    const noData = await refused((made) => made.remove(FILE, 0x80));
    expect(noData).toEqual(['not-a-plain-file', { path: DRIVER, type: 'other' }]);
    // Compressed by WOF it is still a file, the content of which stands elsewhere.
    const tagged = await refused((made) => {
      const value = new Uint8Array(24);
      viewOf(value).setUint32(0, 0x8000_0017, true);
      viewOf(value).setUint16(4, 16, true);
      for (const at of [8, 12, 16]) viewOf(value).setUint32(at, at === 12 ? 2 : 1, true);
      made.add(FILE, resident(0xc0, value));
    });
    expect(tagged).toEqual(['not-a-plain-file', { path: DRIVER, type: 'file' }]);
  });

  test('whose record, or that of its folder, is damaged', async () => {
    const damage = (record: number) => (made: EditedVolume) =>
      made.add(record, { type: record === FILE ? 0x100 : 0x40, name: '', bytes: rubbish() });
    expect(await refused(damage(FILE))).toEqual(['file-record-damaged', { path: DRIVER }]);
    expect(await refused(damage(FOLDER))).toEqual(['file-record-damaged', { path: '/drivers' }]);
  });

  test('that is a link: what it leads to is another file', async () => {
    const target = Buffer.from('good.sys', 'utf16le');
    const value = new Uint8Array(20 + 2 * target.length);
    const view = viewOf(value);
    view.setUint32(0, 0xa000_000c, true);
    for (const [at, number] of [value.length - 8, 0, 0, target.length, target.length, target.length].entries())
      view.setUint16(4 + 2 * at, number, true);
    view.setUint32(16, 1, true);
    value.set(target, 20);
    value.set(target, 20 + target.length);
    const link = (made: EditedVolume): void => made.add(FILE, resident(0xc0, value));
    expect(await refused(link, DRIVER, { ...driver, '/drivers/good.sys': { size: 1 } })).toEqual([
      'not-a-plain-file',
      { path: DRIVER, type: 'symlink' },
    ]);
  });

  test('in a record of the file system that says that it is a folder', async () => {
    const forged = await refused((made) => {
      const root = made.parts(FOLDER).find((part) => typeOf(part) === 0x90) ?? new Uint8Array(0);
      const entry = Buffer.from(root).indexOf(Buffer.from('bad.sys', 'utf16le')) - 0x42;
      viewOf(root).setUint32(entry, 3, true);
      viewOf(root).setUint16(entry + 6, 3, true);
      made.add(3, { type: 0x90, name: '$I30', bytes: root });
      made.header(3, (view) => view.setUint16(0x16, 3, true));
      nameChanged(FILE, (value) => {
        value.setUint32(0, 3, true);
        value.setUint16(6, 3, true);
      })(made);
    }, '/$Volume/bad.sys');
    expect(forged).toEqual(['mirrored-record', { record: 3 }]);
  });

  test('where the index of its folder is damaged, or it was found by its record alone', async () => {
    const broken = (at: number) => (made: EditedVolume) => {
      made.bytes.fill(0, at, at + 4);
    };
    expect(await refused(broken(BLOCK), DRIVER, manyFiles)).toEqual([
      'index-damaged',
      { path: DRIVER, foundBy: 'mft' },
    ]);
    expect(await refused(broken(OTHER_BLOCK), DRIVER, manyFiles)).toEqual([
      'index-damaged',
      { directory: '/drivers', found: ['node-unreadable'] },
    ]);
  });

  test('that has names elsewhere, or two long ones', async () => {
    const linked = (folder: string, name: string): Bytes =>
      new EditedVolume((tree) => {
        const parent = tree.folder('drivers');
        const file = tree.addFile(parent, 'bad.sys', { content: CONTENT });
        tree.link(file, tree.folder(folder), name);
      }, SMALL).bytes;
    for (const [folder, name] of [
      ['other', 'bad.sys'],
      ['drivers', 'worse.sys'],
    ] as const)
      expect(await refusalOf(neutraliseFile(await memoryDisk(linked(folder, name)), 1, DRIVER, {}))).toEqual([
        'hard-links',
        { path: DRIVER, names: ['bad.sys', name] },
      ]);
    expect(await refused((made) => made.remove(FILE, 0x30))).toEqual(['names-disagree', { path: DRIVER }]);
    const shortOnly = await refused((made) => {
      nameChanged(FILE, (value) => value.setUint8(0x41, 2))(made);
      entryOf('bad.sys', (entry) => entry.setUint8(0x51, 2))(made);
    });
    expect(shortOnly).toEqual(['hard-links', { path: DRIVER, names: ['bad.sys'] }]);
  });

  test('whose short name lies in another folder, or in one that is gone', async () => {
    for (const edit of [
      (value: DataView) => value.setUint32(0, 5, true),
      (value: DataView) => value.setUint16(6, 9, true),
    ]) {
      const made = volume({ '/drivers/bad one.sys': { content: CONTENT } }, { shortNames: true });
      nameChanged(FILE, edit)(made);
      const work = neutraliseFile(await memoryDisk(made.bytes), 1, '/drivers/bad one.sys', {});
      expect((await refusalOf(work))[0]).toBe('hard-links');
    }
  });

  test('that has a further name which cannot be read', async () => {
    const damaged = ['file-record-damaged', { path: DRIVER, record: FILE }];
    expect(await refused((made) => made.add(FILE, resident(0x30, new Uint8Array(68))))).toEqual(damaged);
    const outside = (made: EditedVolume): void => made.add(FILE, made.stored(0x30, new Uint8Array(68), 400));
    expect(await refused(outside)).toEqual(damaged);
  });

  test('whose record names another folder, or none', async () => {
    const parent = (record: number, sequence: number): ((made: EditedVolume) => void) =>
      nameChanged(FILE, (value) => {
        value.setUint32(0, record, true);
        value.setUint16(6, sequence, true);
      });
    const sequence = 1 + ((FOLDER * 7) % 5);
    expect(await refused(parent(FOLDER, sequence + 1))).toEqual(['names-disagree', { path: DRIVER, parent: FOLDER }]);
    expect(await refused(parent(FILE, 1 + ((FILE * 7) % 5)))).toEqual([
      'names-disagree',
      { path: DRIVER, parent: FILE },
    ]);
    expect(await refused(parent(5, 5))).toEqual(['names-disagree', { path: DRIVER, name: 'bad.sys' }]);
    const free = await refused((made) => {
      parent(27, 1)(made);
      made.header(27, (view) => view.setUint16(0x10, 1, true));
    });
    expect(free).toEqual([expect.stringMatching(/^(names-disagree|file-record-damaged)$/), expect.anything()]);
  });

  test('where its index entries say another thing than its record', async () => {
    const disagree = ['names-disagree', { path: DRIVER, name: 'bad.sys' }];
    expect(await refused(nameChanged(FILE, (value) => value.setUint8(0x41, 1)))).toEqual(disagree);
    const short = ['names-disagree', { path: '/drivers/bad one.sys', name: 'BADONE~1.SYS' }];
    for (const edit of [
      (entry: DataView) => entry.setUint32(0, FOLDER, true),
      (entry: DataView) => entry.setUint16(6, 9, true),
      (entry: DataView) => entry.setUint16(0x52, 0x43, true),
      (entry: DataView) => entry.setUint8(0x51, 1),
    ]) {
      const made = volume({ '/drivers/bad one.sys': { content: CONTENT } }, { shortNames: true });
      entryOf('BADONE~1.SYS', edit)(made);
      const disk = await memoryDisk(made.bytes);
      expect(await refusalOf(neutraliseFile(disk, 1, '/drivers/bad one.sys', {}))).toEqual(short);
    }
  });

  test('where the index lists the file more often than its record has names', async () => {
    const twice = entryOf('bae.sys', (entry) => {
      entry.setUint32(0, FILE, true);
      entry.setUint16(6, 1 + ((FILE * 7) % 5), true);
    });
    expect(await refused(twice, DRIVER, { ...driver, '/drivers/bae.sys': { size: 1 } })).toEqual([
      'names-disagree',
      { path: DRIVER, inRecord: 1, inIndex: 2 },
    ]);
  });

  test('where the index of its folder is not in order', async () => {
    const files = { ...driver, '/drivers/bae.sys': { size: 1 }, '/drivers/baf.sys': { size: 1 } };
    const unsorted = await refused(
      (made) => {
        const at = Buffer.from(made.bytes).indexOf(Buffer.from('baf.sys', 'utf16le'), made.at(FOLDER));
        made.bytes[at] = 0x41;
        made.bytes[at + 4] = 0x41;
      },
      DRIVER,
      files,
    );
    expect(unsorted).toEqual(['index-unsorted', { directory: '/drivers', name: 'AaA.sys' }]);
    const equal = entryOf('baf.sys', (entry) => entry.setUint16(0x56, 0x65, true));
    expect(await refused(equal, DRIVER, files)).toEqual(['index-unsorted', { directory: '/drivers', name: 'bae.sys' }]);
    const nameless = entryOf('bae.sys', (entry) => entry.setUint8(0x50, 0));
    expect(await refused(nameless, DRIVER, files)).toEqual(['index-damaged', { directory: '/drivers' }]);
  });

  test('where the journal would write its record, or the block of its index entry', async () => {
    const made = volume(manyFiles);
    for (const [offset, size, redo, what, at] of [
      [made.at(FILE), 1024, 0x07, 'file record', made.at(FILE)],
      [BLOCK, 4096, 0x0e, 'index', BLOCK],
      [OTHER_BLOCK, 4096, 0x0e, undefined, 0],
      [made.at(FILE) + 2048, 1024, 0x07, undefined, 0],
    ] as const) {
      const log = pendingLog(offset, size, redo);
      const work = neutraliseFile(await memoryDisk(volume(manyFiles, { log, flags: 1 }).bytes), 1, DRIVER, {});
      if (what === undefined) expect((await work).edits).toHaveLength(2);
      else expect(await refusalOf(work)).toEqual(['log-pending', expect.objectContaining({ what, offset: at })]);
    }
    // What the journal is to write stands in the block already, where its own number is not below.
    const log = volume(manyFiles, { log: pendingLog(BLOCK, 4096, 0x0e, true), flags: 1 });
    const lsn = (await openRepairable(await memoryDisk(log.bytes), 1, {})).pending.targets[0]?.lsn ?? 0n;
    for (const [own, waits] of [
      [1n, true],
      [lsn - 1n, true],
      [lsn, false],
    ] as const) {
      log.view.setBigUint64(BLOCK + 8, own, true);
      const work = neutraliseFile(await memoryDisk(log.bytes), 1, DRIVER, {});
      if (waits) expect((await refusalOf(work))[0]).toBe('log-pending');
      else expect((await work).edits).toHaveLength(2);
    }
  });
});

describe('where bytes lie', () => {
  test('follows from the parts that they lie in', async () => {
    const place = placer([
      { offset: 100, length: 4 },
      { offset: 10, length: 2 },
      { offset: 50, length: 1 },
    ]);
    expect([0, 3, 4, 5, 6].map(place)).toEqual([100, 103, 10, 11, 50]);
    const beyond = async (): Promise<unknown> => place(7);
    expect(await refusalOf(beyond())).toEqual(['index-damaged', { at: 7 }]);
  });

  test('is known of a stream whose bytes are those of the volume, all of them', async () => {
    const content = new MemorySource(new Uint8Array(4096));
    const window = new WindowSource(content, 512, 1024);
    expect(await partsOn(window, content, 10, 20, {})).toEqual([{ offset: 522, length: 20 }]);
    for (const [stream, from, length, offset] of [
      [content, 10, 20, 10],
      [new WindowSource(new MemorySource(new Uint8Array(2048)), 0, 2048), 10, 20, 10],
      [window, 1000, 100, 1000],
    ] as const)
      expect(await refusalOf(partsOn(stream, content, from, length, {}))).toEqual(['content-not-stored', { offset }]);
  });

  test('in the mirror is known of as many records as a cluster has, where they are equal', async () => {
    const bytes = new Uint8Array(64 << 10);
    const RUN = { offset: 16_384, bytes: 8192 };
    const treeOf = (run: object | undefined, parts = 1, clusterSize = 8192): NtfsVolume =>
      ({
        geometry: { clusterSize, recordSize: 1024 },
        file: () => Promise.resolve({ dataRuns: () => Promise.resolve(run === undefined ? [] : [run]) }),
        records: {
          locate: (record: number) =>
            Promise.resolve(Array.from({ length: parts }, () => ({ offset: record * 1024, length: 1024 / parts }))),
        },
        source: new MemorySource(bytes),
      }) as unknown as NtfsVolume;
    const ask = (record: number, tree: NtfsVolume): Promise<number | undefined> => mirroredPlace(tree, record, 5, {});
    expect(await ask(0, treeOf(RUN))).toBe(16_384 + 5);
    expect(await ask(7, treeOf(RUN))).toBe(16_384 + 7 * 1024 + 5);
    expect(await ask(8, treeOf({ ...RUN, bytes: 16_384 }))).toBe(undefined);
    expect(await ask(3, treeOf(RUN, 1, 4096))).toBe(16_384 + 3 * 1024 + 5);
    expect(await ask(4, treeOf(RUN, 1, 4096))).toBe(undefined);
    for (const tree of [treeOf(undefined), treeOf({ bytes: 8192 }), treeOf(RUN, 2)])
      expect(await ask(3, tree)).toBe(undefined);
    expect(await ask(3, treeOf({ ...RUN, bytes: 4096 }))).toBe(16_384 + 3 * 1024 + 5);
    expect(await ask(3, treeOf({ ...RUN, bytes: 4095 }))).toBe(undefined);
    bytes[16_384 + 3 * 1024 + 900] = 1;
    expect(await ask(3, treeOf(RUN))).toBe(undefined);
    expect(() => checkNotMirrored(4)).not.toThrow();
  });
});

describe('the content of a file', () => {
  const blanked = async (bytes: Bytes, path = DRIVER): Promise<RepairOperation> =>
    blankContent(await memoryDisk(bytes), 1, path, {});

  test('becomes zeros where it lies, in pieces of 4096 bytes', async () => {
    for (const pieces of [1, 3]) {
      const before = volume({ [DRIVER]: { content: CONTENT, pieces } }).bytes;
      const operation = await blanked(before);
      expect(operation).toMatchObject({
        id: 'blank-content',
        volume: 1,
        data: { path: DRIVER, record: FILE, bytes: CONTENT.length },
      });
      expect(operation.edits.map(({ after, what }) => [after.length / 2, what])).toEqual([
        [4096, 'file-content'],
        [4096, 'file-content'],
        [CONTENT.length - 8192, 'file-content'],
      ]);
      const right = volume({ [DRIVER]: { content: new Uint8Array(CONTENT.length), pieces } }).bytes;
      expect(same(appliedTo(before, operation), right)).toBe(true);
    }
  });

  test('is only what was written of it, and what is zeros already stays', async () => {
    const valid = await blanked(volume({ [DRIVER]: { content: CONTENT, valid: 5000 } }).bytes);
    expect(valid.edits.map(({ after }) => after.length / 2)).toEqual([4096, 5000 - 4096]);
    const whole = await blanked(volume({ [DRIVER]: { content: CONTENT, pieces: 3, valid: 4096 } }).bytes);
    expect(whole.edits.map(({ after }) => after.length / 2)).toEqual([4096]);
    const half = CONTENT.slice().fill(0, 0, 4096);
    const rest = await blanked(volume({ [DRIVER]: { content: half } }).bytes);
    expect(rest.edits.map(({ after }) => after.length / 2)).toEqual([4096, CONTENT.length - 8192]);
    expect((await blanked(volume({ [DRIVER]: { content: new Uint8Array(9000) } }).bytes)).edits).toEqual([]);
  });

  test('is not taken to go on behind its end, whatever was written there', async () => {
    const made = volume(driver);
    made.rewrite(FILE, (parts) => {
      const data = parts.find((part) => typeOf(part) === 0x80) ?? new Uint8Array(0);
      viewOf(data).setBigUint64(0x38, 12_288n, true);
      return parts;
    });
    const { edits } = await blanked(made.bytes);
    expect(edits.reduce((sum, { after }) => sum + after.length / 2, 0)).toBe(CONTENT.length);
  });

  test('stays where it stands in the record, has holes, or is longer than four mebibytes', async () => {
    const small = volume({ [DRIVER]: { content: new Uint8Array(3).fill(1) } }).bytes;
    expect(await refusalOf(blanked(small))).toEqual(['content-not-stored', { path: DRIVER, size: 3 }]);
    const made = volume(driver);
    const runs = [
      { lcn: -1, length: 1 },
      { lcn: 400, length: 2 },
    ];
    made.replace(FILE, nonResident(0x80, runs, { size: CONTENT.length }, CLUSTER));
    expect(await refusalOf(blanked(made.bytes))).toEqual(['content-not-stored', { path: DRIVER }]);
    for (const size of [4 << 20, (4 << 20) + 1]) {
      const large = volume(driver, { size: 8 << 20 });
      const clusters = Math.ceil(size / CLUSTER);
      large.replace(FILE, nonResident(0x80, [{ lcn: 10, length: clusters }], { size, valid: 10 }, CLUSTER));
      if (size > 4 << 20)
        expect(await refusalOf(blanked(large.bytes))).toEqual(['content-not-stored', { path: DRIVER, size }]);
      else expect((await blanked(large.bytes)).data.bytes).toBe(size);
    }
    const named = volume({ [DRIVER]: { content: CONTENT, streams: { x: new Uint8Array(3) } } }).bytes;
    expect((await blanked(named)).edits).toHaveLength(3);
    const first = volume({ [DRIVER]: { content: CONTENT, streams: { x: new Uint8Array(3) } } });
    first.rewrite(FILE, (parts) => parts.toReversed());
    expect((await blanked(first.bytes)).edits).toHaveLength(3);
    // A hole behind what was written is none of the content that lies there.
    for (const [valid, pieces] of [
      [8192, 2],
      [8193, undefined],
    ] as const) {
      const tail = volume(driver);
      const two = [
        { lcn: 400, length: 2 },
        { lcn: -1, length: 1 },
      ];
      tail.bytes.fill(1, 400 * CLUSTER, 402 * CLUSTER);
      tail.replace(FILE, nonResident(0x80, two, { size: CONTENT.length, valid }, CLUSTER));
      if (pieces === undefined)
        expect(await refusalOf(blanked(tail.bytes))).toEqual(['content-not-stored', { path: DRIVER }]);
      else expect((await blanked(tail.bytes)).edits).toHaveLength(pieces);
    }
    const stream = volume({ [DRIVER]: { content: new Uint8Array(3) } });
    stream.add(FILE, stream.stored(0x80, CONTENT, 400, { name: 'x' }));
    expect(await refusalOf(blanked(stream.bytes))).toEqual(['content-not-stored', { path: DRIVER, size: 3 }]);
    const empty = volume(driver);
    empty.replace(FILE, nonResident(0x80, [], { size: 0 }, CLUSTER));
    expect(await refusalOf(blanked(empty.bytes))).toEqual(['content-not-stored', { path: DRIVER, size: 0 }]);
  });
});

describe('the boot sectors of a volume', () => {
  const LAST = plain.length - 512;
  const restored = async (bytes: Bytes, more: Partial<Volume> = {}): Promise<RepairOperation> =>
    restoreBootSector(await memoryDisk(plain, { content: new MemorySource(bytes), ...more }), 1, {});

  test('are written anew from each other', async () => {
    for (const [at, from, to] of [
      [0, 'backup', 0],
      [LAST, 'primary', LAST],
    ] as const) {
      const damaged = changed(plain, (bytes) => bytes.fill(0, at, at + 512));
      const operation = await restored(damaged);
      expect(operation).toMatchObject({
        id: 'restore-boot-sector',
        volume: 1,
        edits: [{ offset: at, what: 'boot-sector' }],
        data: { from, offset: to },
      });
      expect(same(appliedTo(damaged, operation), plain)).toBe(true);
    }
  });

  test('are only sound where they describe this volume', async () => {
    /** What the first sector is taken for where the backup is none: sound, it is what the backup is written from. */
    const isSound = async (change: (view: DataView) => void, more: Partial<Volume> = {}): Promise<boolean> => {
      const bytes = changed(plain, (copy, view) => {
        copy.fill(0, LAST);
        change(view);
      });
      return restored(bytes, more).then(
        ({ data }) => data.from === 'primary',
        (error) => error.id !== 'no-sound-copy',
      );
    };
    const sectors = (count: number) => (view: DataView) => view.setBigUint64(0x28, BigInt(count), true);
    expect(await isSound(() => undefined)).toBe(true);
    expect(await isSound((view) => view.setUint32(0x1c, 0, true))).toBe(true);
    for (const hidden of [1, HIDDEN + 1, HIDDEN - 1])
      expect(await isSound((view) => view.setUint32(0x1c, hidden, true))).toBe(false);
    expect(await isSound(sectors(plain.length / 512))).toBe(false);
    expect(await isSound(sectors(plain.length / 512 - 1))).toBe(true);
    // The file system may be smaller than its partition, by less than 64 MiB.
    const [least, length] = [2000, 2000 * 512 + (64 << 20)];
    const large = { length, content: undefined } as const;
    for (const [more, sound] of [
      [-1, true],
      [0, false],
    ] as const) {
      const bytes = new Uint8Array(length + 512);
      bytes.set(changed(plain.subarray(0, 8192), (_, view) => sectors(least)(view)));
      const content = new MemorySource(bytes);
      const work = restoreBootSector(
        await memoryDisk(plain, { ...large, length: length + more * 512, content }),
        1,
        {},
      );
      expect(
        await work.then(
          () => true,
          () => false,
        ),
      ).toBe(sound);
    }
  });

  test('stay where they are the same, do not say the same, or are not there', async () => {
    expect(await refusalOf(restored(plain))).toEqual(['nothing-to-repair', { offset: LAST }]);
    for (const at of [0x48, 0x1fd]) {
      const other = changed(plain, (bytes) => bytes.set([bytes[at] ^ 1], at));
      expect(await refusalOf(restored(other))).toEqual(['copies-differ', { offset: LAST }]);
    }
    const neither = changed(plain, (bytes) => bytes.fill(0, 0, 512).fill(0, LAST));
    const none = ['no-sound-copy', { offset: LAST }];
    expect(await refusalOf(restored(neither))).toEqual(none);
    expect(await refusalOf(restored(plain.slice(0, -1)))).toEqual(none);
    const locked = ['locked', {}];
    const disk = await memoryDisk(plain);
    expect(await refusalOf(restoreBootSector(disk, 2, {}))).toEqual(locked);
    expect(await refusalOf(restored(plain, { locked: true }))).toEqual(locked);
    expect(await refusalOf(restored(plain, { content: undefined }))).toEqual(locked);
  });

  test('are all that is read', async () => {
    const lengths: number[] = [];
    const content: ByteSource = {
      size: plain.length,
      read: (offset, length) => {
        lengths.push(length);
        return plain.slice(offset, offset + length);
      },
    };
    expect((await refusalOf(restored(plain, { content })))[0]).toBe('nothing-to-repair');
    expect(Math.max(...lengths)).toBeLessThanOrEqual(8192);
  });

  test('are written from the backup where the first one lost its code alone', async () => {
    // What Windows puts there begins with a jump, and goes on in sectors that name BOOTMGR.
    const whole = changed(plain, (bytes, view) => {
      for (const at of [0, LAST]) {
        bytes.set([0xeb, 0x52, 0x90], at);
        for (let i = 0x54; i < 0x1fe; i += 1) bytes[at + i] = i & 0xff || 1;
        bytes.set(Buffer.from('BOOTMGR is missing'), at + 0x190);
        view.setUint16(at + 0x1fe, 0xaa55, true);
      }
      bytes.set(Buffer.from('BOOTMGR', 'utf16le'), 514);
      bytes.set(Buffer.from('BOOTMGR'), 600);
    });
    const lost = changed(whole, (bytes) => bytes.fill(0, 0x54, 0x1fe));
    const operation = await restored(lost);
    expect(operation.data).toEqual({ from: 'backup', offset: 0 });
    expect(same(appliedTo(lost, operation), whole)).toBe(true);
  });
});

describe('the first records of $MFT', () => {
  const [MFT, MIRROR] = [0x30, 0x38].map((at) => Number(viewOf(plain).getBigUint64(at, true)) * CLUSTER) as [
    number,
    number,
  ];
  const mirrored = async (bytes: Bytes): Promise<RepairOperation> => restoreMftMirror(await memoryDisk(bytes), 1, {});
  const restored = async (bytes: Bytes, more: Partial<Volume> = {}): Promise<RepairOperation> =>
    restoreMftRecords(await memoryDisk(plain, { content: new MemorySource(bytes), ...more }), 1, {});

  test('are copied to the mirror where that differs', async () => {
    for (const [records, places] of [
      [[0], [10]],
      [
        [1, 3],
        [1024 + 100, 3 * 1024 + 900],
      ],
      [[3], [4095]],
    ] as const) {
      const damaged = changed(plain, (bytes) => {
        for (const at of places) bytes[MIRROR + at] = bytes[MIRROR + at] ^ 0xff;
      });
      const operation = await mirrored(damaged);
      expect(operation).toMatchObject({ id: 'restore-mft-mirror', volume: 1, data: { records } });
      expect(new Set(operation.edits.map(({ what }) => what))).toEqual(new Set(['mft-mirror']));
      expect(same(appliedTo(damaged, operation), plain)).toBe(true);
    }
    const fifth = volume(driver, { clusterSize: 8192 }).bytes;
    const at = Number(viewOf(fifth).getBigUint64(0x38, true)) * 8192 + 4 * 1024;
    expect(await refusalOf(mirrored(changed(fifth, (bytes) => bytes.fill(1, at, at + 8))))).toEqual([
      'nothing-to-repair',
      { record: 1 },
    ]);
  });

  test('are not copied where they are not whole, or the journal is to be replayed', async () => {
    expect(await refusalOf(mirrored(plain))).toEqual(['nothing-to-repair', { record: 1 }]);
    for (const record of [1, 3]) {
      const freed = changed(plain, (bytes) => bytes.set([0], MFT + record * 1024 + 0x16));
      expect(await refusalOf(mirrored(freed))).toEqual(['no-sound-copy', { record }]);
    }
    const first = changed(plain, (bytes) => bytes.fill(0, MFT, MFT + 1024));
    expect(await refusalOf(mirrored(first))).toEqual(['no-sound-copy', { record: 0 }]);
    const log = pendingLog(50 * CLUSTER, 1024, 0x07);
    expect(await refusalOf(mirrored(volume(driver, { log, flags: 1 }).bytes))).toEqual(['log-pending', { targets: 1 }]);
    for (const runs of [[], [{ lcn: -1, length: 1 }]]) {
      const made = volume(driver);
      made.replace(1, nonResident(0x80, runs, { size: runs.length * 4096 }, CLUSTER));
      expect(await refusalOf(mirrored(made.bytes))).toEqual(['no-sound-copy', { record: 1 }]);
    }
    // A mirror of two records and one of four, in clusters of 2048 bytes.
    for (const length of [1, 2]) {
      const made = new EditedVolume(undefined, { ...SMALL, clusterSize: 2048 });
      const bytes = made.bytes;
      const lcn = Number(viewOf(bytes).getBigUint64(0x38, true));
      const mft = Number(viewOf(bytes).getBigUint64(0x30, true)) * 2048;
      replaceAttributes(bytes, mft + 1024, 1024, [
        ...attributesOf(unseal(bytes.slice(mft + 1024, mft + 2048))).filter((part) => typeOf(part) !== 0x80),
        nonResident(0x80, [{ lcn, length }], { size: length * 2048 }, 2048).bytes,
      ]);
      expect((await refusalOf(mirrored(bytes)).catch(() => ['repaired']))[0]).toBe(
        length === 1 ? 'no-sound-copy' : 'repaired',
      );
    }
  });

  test('are copied from the mirror where they are damaged', async () => {
    for (const [records, change] of [
      [[0], (bytes: Bytes) => bytes.fill(0, MFT, MFT + 1024)],
      [[0, 1, 2, 3], (bytes: Bytes) => bytes.fill(0xff, MFT, MFT + 4096)],
      [[3], (bytes: Bytes) => bytes.fill(0x12, MFT + 4094, MFT + 4096)],
      [[2], (bytes: Bytes) => bytes.set([0], MFT + 2048 + 0x16)],
      [[1], (bytes: Bytes) => bytes.set([2], MFT + 1024 + 0x2c)],
      [[1], (bytes: Bytes) => bytes.fill(0xff, MFT + 1024 + 0x38, MFT + 1024 + 0x3c)],
    ] as const) {
      const damaged = changed(plain, change);
      const operation = await restored(damaged);
      expect(operation).toMatchObject({ id: 'restore-mft-records', volume: 1, data: { records } });
      expect(new Set(operation.edits.map(({ what }) => what))).toEqual(new Set(['mft-record']));
      expect(same(appliedTo(damaged, operation), plain)).toBe(true);
    }
  });

  test('are those of the file system, not the fifth', async () => {
    expect(await refusalOf(restored(changed(plain, (bytes) => bytes.fill(0, MFT + 4096, MFT + 5120))))).toEqual([
      'nothing-to-repair',
      { record: 0 },
    ]);
  });

  test('are copied in the form that they had before NTFS 3.1, without their own number', async () => {
    const old = changed(plain, (bytes, view) => {
      for (const at of [MFT + 1024, MIRROR + 1024]) {
        bytes.copyWithin(at + 0x2a, at + 0x30, at + 0x36).fill(0, at + 0x30, at + 0x38);
        view.setUint16(at + 4, 0x2a, true);
      }
    });
    const damaged = changed(old, (bytes) => bytes.fill(0, MFT + 1024, MFT + 2048));
    expect(same(appliedTo(damaged, await restored(damaged)), old)).toBe(true);
  });

  test('stay where one of them lies in two pieces', async () => {
    const size = 512;
    const { bytes } = new EditedVolume(undefined, { ...SMALL, hiddenSectors: HIDDEN, clusterSize: size });
    const [mft, mirror] = [0x30, 0x38].map((at) => Number(viewOf(bytes).getBigUint64(at, true)));
    const runs = [
      { lcn: mft, length: 1 },
      { lcn: mft + 1, length: 127 },
    ];
    for (const at of [mft, mirror])
      replaceAttributes(
        bytes,
        at * size,
        1024,
        attributesOf(unseal(bytes.slice(at * size, at * size + 1024))).map((part) =>
          typeOf(part) === 0x80 ? nonResident(0x80, runs, { size: 65_536 }, size).bytes : part,
        ),
      );
    const refused = ['no-sound-copy', { record: 0 }];
    expect(await refusalOf(mirrored(changed(bytes, (copy) => copy.fill(0, mirror * size, mirror * size + 8))))).toEqual(
      refused,
    );
    expect(
      await refusalOf(restored(changed(bytes, (copy) => copy.fill(0, mft * size + 1024, mft * size + 2048)))),
    ).toEqual(refused);
  });

  test('stay where the first one is whole and does not lead to the table', async () => {
    const noTable = changed(plain, (bytes) => bytes.fill(0, MFT + 1024, MFT + 2048));
    const parts = attributesOf(unseal(noTable.slice(MFT, MFT + 1024)));
    replaceAttributes(
      noTable,
      MFT,
      1024,
      parts.filter((part) => typeOf(part) !== 0x80),
    );
    expect(await refusalOf(restored(noTable))).toEqual(['no-sound-copy', { record: 0 }]);
  });

  test('stay where they are whole, and where the mirror is none', async () => {
    expect(await refusalOf(restored(plain))).toEqual(['nothing-to-repair', { record: 0 }]);
    const both = changed(plain, (bytes) => bytes.fill(0, MFT + 1024, MFT + 2048).fill(0, MIRROR + 1024, MIRROR + 2048));
    expect(await refusalOf(restored(both))).toEqual(['no-sound-copy', { record: 1 }]);
    const swapped = changed(plain, (bytes) =>
      bytes.fill(0, MFT + 1024, MFT + 2048).copyWithin(MIRROR + 1024, MIRROR + 2048, MIRROR + 3072),
    );
    expect(await refusalOf(restored(swapped))).toEqual(['no-sound-copy', { record: 1 }]);
    // A copy of $MFT's own record that names other clusters than the boot sector.
    const elsewhere = changed(volume(driver).bytes, (bytes) => bytes.fill(0, MFT, MFT + 1024));
    replaceAttributes(
      elsewhere,
      MIRROR,
      1024,
      attributesOf(unseal(elsewhere.slice(MIRROR, MIRROR + 1024))).map((part) =>
        typeOf(part) === 0x80 ? nonResident(0x80, [{ lcn: 420, length: 16 }], { size: 65_536 }, CLUSTER).bytes : part,
      ),
    );
    elsewhere.copyWithin(420 * CLUSTER, MFT, MFT + 65_536).copyWithin(420 * CLUSTER, MIRROR, MIRROR + 1024);
    expect(await refusalOf(restored(elsewhere))).toEqual(['no-sound-copy', { record: 0 }]);
  });

  test('stay on a volume that may not be written', async () => {
    const damage = (bytes: Bytes): Bytes => changed(bytes, (copy) => copy.fill(0, MFT + 1024, MFT + 2048));
    const damaged = damage(plain);
    expect(await refusalOf(restoreMftRecords(await memoryDisk(plain), 2, {}))).toEqual(['locked', {}]);
    expect(await refusalOf(restored(damaged, { locked: true }))).toEqual(['locked', {}]);
    expect(await refusalOf(restored(damaged, { content: undefined }))).toEqual(['locked', {}]);
    expect(await refusalOf(restored(damaged, { fileSystem: 'fat32' }))).toEqual(['not-ntfs', { found: 'fat32' }]);
    const lost = transportFailed('network', 'http://server/disk', { offset: 0, length: 512 }, 'HTTP 503');
    const content: ByteSource = { size: plain.length, read: () => Promise.reject(lost) };
    await expect(restored(damaged, { content })).rejects.toBe(lost);
    const noBoot = changed(damaged, (bytes) => bytes.fill(0, 0, 512));
    expect(await refusalOf(restored(noBoot))).toEqual(['no-sound-copy', { offset: 0 }]);
    const log = pendingLog(50 * CLUSTER, 1024, 0x07);
    expect(await refusalOf(restored(damage(volume(driver, { log, flags: 1 }).bytes)))).toEqual([
      'log-pending',
      { targets: 1 },
    ]);
    const page = new Uint8Array(8192);
    page.set(Buffer.from('hibr'));
    const asleep = damage(volume({ '/hiberfil.sys': { content: page } }).bytes);
    expect((await refusalOf(restored(asleep)))[0]).toBe('hibernated');
  });
});

describe('the offsets of names in an attribute list', () => {
  const [RECORD, EXTENSION] = [24, 60];
  /** A file with named streams, the attributes of which stand in another record. */
  function listed(inRecord: boolean): EditedVolume {
    const made = new EditedVolume((tree, root) => {
      const streams = { one: new Uint8Array(3).fill(1), two: new Uint8Array(3).fill(2), three: new Uint8Array(3) };
      tree.addFile(root, 'file', { content: new Uint8Array(5), streams });
    }, SMALL);
    moveToExtension(
      made.bytes,
      { base: made.at(RECORD), extension: made.at(EXTENSION), size: 1024 },
      { base: RECORD, extension: EXTENSION },
      (type) => type === 0x80,
    );
    if (!inRecord) {
      const list = made.parts(RECORD).find((part) => typeOf(part) === 0x20) ?? new Uint8Array(0);
      const value = list.slice(viewOf(list).getUint16(0x14, true)).slice(0, viewOf(list).getUint32(0x10, true));
      made.replace(RECORD, made.stored(0x20, value, 400));
    }
    return made;
  }
  /** Offsets on the volume of the named entries of its list. */
  function entriesOf(made: EditedVolume, inRecord: boolean): number[] {
    const record = made.at(RECORD);
    let at = record + made.view.getUint16(record + 0x14, true);
    while (made.view.getUint32(at, true) !== 0x20) at += made.view.getUint32(at + 4, true);
    const from = inRecord ? at + made.view.getUint16(at + 0x14, true) : 400 * CLUSTER;
    const size = inRecord ? made.view.getUint32(at + 0x10, true) : made.view.getUint32(at + 0x30, true);
    const found: number[] = [];
    for (let entry = from; entry < from + size; entry += made.view.getUint16(entry + 4, true))
      if (made.bytes[entry + 6] > 0) found.push(entry);
    return found;
  }
  const restored = async (bytes: Bytes, record = RECORD): Promise<RepairOperation> =>
    restoreAttributeList(await memoryDisk(bytes), 1, record, {});

  test('are corrected, one byte each, in the record or in clusters of its own', async () => {
    for (const inRecord of [true, false]) {
      const right = listed(inRecord);
      const entries = entriesOf(right, inRecord);
      expect(entries).toHaveLength(3);
      for (const wrong of [entries, entries.slice(1), entries.slice(0, 1)]) {
        const damaged = changed(right.bytes, (bytes) => {
          for (const at of wrong) bytes[at + 7] = 0x1c;
        });
        const operation = await restored(damaged);
        expect(operation).toEqual({
          id: 'restore-attribute-list',
          volume: 1,
          edits: wrong.map((at) => ({ volume: 1, offset: at + 7, before: '1c', after: '1a', what: 'attribute-list' })),
          data: { record: RECORD },
        });
        expect(same(appliedTo(damaged, operation), right.bytes)).toBe(true);
      }
      expect(await refusalOf(restored(right.bytes))).toEqual(['nothing-to-repair', { record: RECORD }]);
      // Of another type, another number or another name there is no such attribute.
      for (const field of [0, 0x18, 0x1a]) {
        const foreign = changed(right.bytes, (bytes) => {
          for (const at of entries) {
            bytes[at + 7] = 0x1c;
            bytes[at + field] = bytes[at + field] ^ 0x40;
          }
        });
        expect(await refusalOf(restored(foreign))).toEqual(['nothing-to-repair', { record: RECORD }]);
      }
      // Other offsets are nobody's mistake.
      const other = changed(right.bytes, (bytes) => bytes.set([0x1b], entries[0] + 7));
      expect(await refusalOf(restored(other))).toEqual(['nothing-to-repair', { record: RECORD }]);
    }
  });

  /** The same volume with another value of its list, which stands in the record. */
  function withList(change: (value: Uint8Array) => Uint8Array): Bytes {
    const made = listed(true);
    const list = made.parts(RECORD).find((part) => typeOf(part) === 0x20) ?? new Uint8Array(0);
    const from = viewOf(list).getUint16(0x14, true);
    made.replace(RECORD, resident(0x20, change(list.slice(from, from + viewOf(list).getUint32(0x10, true)))));
    return made.bytes;
  }
  const NOTHING = ['nothing-to-repair', { record: RECORD }];

  test('are those of names: entries without one, and ends of lists, have none', async () => {
    // Every entry says 1C, the first ones of which have no name.
    const all = withList((value) => {
      for (let at = 0; at < value.length; at += viewOf(value).getUint16(at + 4, true)) value[at + 7] = 0x1c;
      return value;
    });
    expect((await restored(all)).edits).toHaveLength(3);
    const ended = withList((value) => Uint8Array.of(...value, ...new Uint8Array(64)));
    expect(await refusalOf(restored(ended))).toEqual(NOTHING);
    // A name that leaves its entry, and the list.
    const long = withList((value) => {
      const last = value.length - viewOf(value).getUint16(4, true);
      value[last + 7] = 0x1c;
      value[last + 6] = 255;
      return value;
    });
    expect(await refusalOf(restored(long))).toEqual(NOTHING);
    // A name that leaves its entry, though not the list.
    const outside = withList((value) => {
      const length = viewOf(value).getUint16(4, true);
      const last = value.length - Math.ceil((0x1a + 2 * 'three'.length) / 8) * 8;
      expect(length).toBe(0x20);
      viewOf(value).setUint16(last + 4, 0x1c, true);
      value[last + 7] = 0x1c;
      return value.slice(0, last + 0x1a + 2 * (value[last + 6] ?? 0));
    });
    expect(await refusalOf(restored(outside))).toEqual(NOTHING);
    const headOnly = withList((value) => {
      const entry = value.slice(0, 0x1a);
      viewOf(entry).setUint16(4, 0x1a, true);
      return Uint8Array.of(...entry, ...value);
    });
    expect(await refusalOf(restored(headOnly))).toEqual(NOTHING);
  });

  test('are left alone in a list that is damaged', async () => {
    for (const [length, at] of [
      [0x19, 0],
      [0, 0],
      [0xfff8, 0],
    ] as const) {
      const damaged = withList((value) => {
        viewOf(value).setUint16(4, length, true);
        return value;
      });
      expect(await refusalOf(restored(damaged))).toEqual(['file-record-damaged', { at }]);
    }
    const refused = ['file-record-damaged', { record: RECORD }];
    const free = listed(true);
    free.header(RECORD, (view) => view.setUint16(0x16, 0, true));
    const torn = listed(true);
    torn.add(RECORD, { type: 0x100, name: '', bytes: rubbish() });
    const gone = listed(true);
    gone.bytes.fill(0, gone.at(RECORD), gone.at(RECORD) + 1024);
    for (const { bytes } of [free, torn, gone]) expect(await refusalOf(restored(bytes))).toEqual(refused);
    expect(await refusalOf(restored(plain))).toEqual(NOTHING);
    for (const size of [256 << 10, (256 << 10) + 1]) {
      const large = listed(true);
      const value = large.stored(0x20, new Uint8Array(8), 400);
      const runs = [{ lcn: 400, length: 65 }];
      large.replace(RECORD, { ...value, bytes: nonResident(0x20, runs, { size }, CLUSTER).bytes });
      expect(await refusalOf(restored(large.bytes))).toEqual(size > 256 << 10 ? refused : NOTHING);
    }
  });

  test('are not told from a record that did not come', async () => {
    const made = listed(true);
    for (const at of entriesOf(made, true)) made.bytes[at + 7] = 0x1c;
    const lost = transportFailed('network', 'http://server/disk', { offset: 0, length: 512 }, 'HTTP 503');
    const content: ByteSource = {
      size: made.bytes.length,
      read: (offset, length) =>
        offset === made.at(EXTENSION) ? Promise.reject(lost) : made.bytes.slice(offset, offset + length),
    };
    const tree = await NtfsVolume.open(content);
    const disk = await memoryDisk(made.bytes, { content, ntfs: () => Promise.resolve(tree) });
    await expect(restoreAttributeList(disk, 1, RECORD, {})).rejects.toBe(lost);
  });

  test('are corrected in the mirror, too, where it has the record', async () => {
    const size = 65_536;
    const { bytes } = volume(
      { '/file': { content: new Uint8Array(5), streams: { one: new Uint8Array(3) } } },
      { clusterSize: size },
    );
    const [mft, mirror] = [0x30, 0x38].map((at) => Number(viewOf(bytes).getBigUint64(at, true)) * size);
    const at = { base: mft + RECORD * 1024, extension: mft + EXTENSION * 1024, size: 1024 };
    moveToExtension(bytes, at, { base: RECORD, extension: EXTENSION }, (type) => type === 0x80);
    bytes.copyWithin(mirror, mft, mft + size);
    const entry = Buffer.from(bytes).indexOf(Buffer.from('one', 'utf16le'), at.base) - 0x1a - mft;
    const damaged = changed(bytes, (copy) => {
      for (const from of [mft, mirror]) copy[from + entry + 7] = 0x1c;
    });
    const operation = await restored(damaged);
    expect(operation.edits.map(({ what }) => what)).toEqual(['attribute-list', 'mft-mirror']);
    expect(same(appliedTo(damaged, operation), bytes)).toBe(true);
  });

  test('are not corrected in a record of the file system that differs from its mirror', async () => {
    for (const [record, id] of [
      [3, 'copies-differ'],
      [4, undefined],
    ] as const) {
      const made = volume({});
      made.add(record, resident(0x80, new Uint8Array(3), { name: 'one' }));
      const at = { base: made.at(record), extension: made.at(EXTENSION), size: 1024 };
      moveToExtension(made.bytes, at, { base: record, extension: EXTENSION }, (_, part) => nameOf(part) === 'one');
      const entry = Buffer.from(made.bytes).indexOf(Buffer.from('one', 'utf16le'), made.at(record)) - 0x1a;
      made.bytes[entry + 7] = 0x1c;
      const work = restored(made.bytes, record);
      if (id === undefined) expect((await work).edits).toHaveLength(1);
      else expect(await refusalOf(work)).toEqual([id, { record }]);
    }
  });
});
