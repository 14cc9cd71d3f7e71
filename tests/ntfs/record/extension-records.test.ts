import { type Bytes, hashSource } from '@deadbox/core';
import type { NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ListEntry, moveToExtension, seal, unseal, viewOf as view } from '../../support/file-record-writer.js';
import { fragmentMft, patchableBytes } from '../../support/fragment-mft.js';
import { attributeAt, openBytes, walkPaths, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const DRIVERS = '/Windows/System32/drivers';
const FILE = `${DRIVERS}/CrowdStrike/C-00000291-00000000-00000032.sys`;
/** A record that mkntfs leaves free. */
const FREE = 40;

let good: Bytes;
let paths: string[];
let files: Map<string, NtfsFile>;
let mft: number;

beforeAll(async () => {
  good = windowsVolume();
  const volume = await openBytes(good);
  mft = volume.geometry.mftLcn * volume.geometry.clusterSize;
  paths = await walkPaths(volume);
  files = new Map();
  for (const path of paths) files.set(path, (await volume.lookup(path)) as NtfsFile);
  expect((await volume.file(FREE)).inUse).toBe(false);
});

function fileAt(path: string): NtfsFile {
  return files.get(path) as NtfsFile;
}

/** The volume with some attributes of a file in an extension record. */
function split(path: string, pick: (type: number) => boolean, change?: (entries: ListEntry[]) => ListEntry[]): Bytes {
  const bytes = good.slice();
  const { record } = fileAt(path);
  moveToExtension(
    bytes,
    { base: mft + record * 1024, extension: mft + FREE * 1024, size: 1024 },
    { base: record, extension: FREE },
    pick,
    change,
  );
  return bytes;
}

async function contentOf(volume: NtfsVolume, path: string): Promise<string> {
  const file = await volume.lookup(path);
  return hashSource(await (file as NtfsFile).stream());
}

describe('attributes in extension records', () => {
  test('$INDEX_ROOT of a directory, as after an upgrade from Windows 10 to 11', async () => {
    const volume = await openBytes(split(DRIVERS, (type) => type === 0x90));
    expect(await walkPaths(volume)).toEqual(paths);
    expect(await volume.lookup(FILE)).toMatchObject({ path: FILE, foundBy: 'index' });
    expect(volume.issues.issues).toEqual([]);
  });

  test('all of the index: root, allocation and bitmap', async () => {
    const volume = await openBytes(split(DRIVERS, (type) => type >= 0x90));
    expect(await walkPaths(volume)).toEqual(paths);
    expect(volume.issues.issues).toEqual([]);
  });

  test('$FILE_NAME and the first $DATA of a file', async () => {
    const intact = await openBytes(good);
    const volume = await openBytes(split(FILE, (type) => type === 0x30 || type === 0x80));
    expect(await contentOf(volume, FILE)).toBe(await contentOf(intact, FILE));
    expect((await volume.lookup(FILE))?.names).toHaveLength(1);
    const table = await volume.mft();
    const record = fileAt(FILE).record;
    expect(table.namesOf(record).map((row) => table.path(row))).toEqual([FILE]);
    expect(table.record(record)).toMatchObject({ type: 'file', size: 6321 });
    expect(table.record(FREE)).toBeUndefined();
    expect(volume.issues.issues).toEqual([]);
  });

  test('are found in a list that is not sorted', async () => {
    const volume = await openBytes(
      split(
        FILE,
        (type) => type === 0x30 || type === 0x80,
        (entries) => entries.reverse(),
      ),
    );
    expect((await volume.lookup(FILE))?.size).toBe(6321);
    expect(volume.issues.issues).toEqual([]);
  });

  test('count once when the list names them twice', async () => {
    const volume = await openBytes(
      split(
        FILE,
        (type) => type === 0x80,
        (entries) => [...entries, ...entries],
      ),
    );
    const file = await volume.lookup(FILE);
    expect(file?.attributes.filter((attribute) => attribute.type === 0x80)).toHaveLength(1);
    expect(file?.names).toHaveLength(1);
  });
});

describe('$MFT itself, in extents whose records lie in $MFT', () => {
  /** The volume with `$MFT` in three extents, described by records 0, 16 and 17. */
  const fragmented = (): Bytes => {
    const bytes = good.slice();
    fragmentMft(patchableBytes(bytes), 22, { runsPerRecord: 8 });
    return bytes;
  };
  const listEntry = (bytes: Bytes, holder: number): number => {
    const list = attributeAt(bytes, mft, 0x20) + 24;
    for (let at = list; ; at += view(bytes).getUint16(at + 4, true))
      if (view(bytes).getUint32(at + 0x10, true) === holder) return at;
  };

  test('is read whole, also through a read of the last record alone', async () => {
    const bytes = fragmented();
    const volume = await openBytes(bytes);
    expect((await volume.records.read(volume.records.recordCount - 1)).inUse).toBe(true);
    expect(await walkPaths(await openBytes(bytes))).toEqual(paths);
    expect((await volume.records.stream()).runs).toHaveLength(22);
  });

  test('is read when the record of an extent lies in a part that a later extent maps (libfsntfs issue 35)', async () => {
    const bytes = fragmented();
    const before = await openBytes(bytes);
    const last = before.records.recordCount - 1;
    const [from] = await before.records.locate(16);
    const [to] = await before.records.locate(last);
    const record = unseal(bytes.slice(from.offset, from.offset + 1024));
    view(record).setUint32(0x2c, last, true);
    bytes.set(seal(record), to.offset);
    bytes.fill(0, from.offset, from.offset + 1024);
    view(bytes).setUint32(listEntry(bytes, 16) + 0x10, last, true);
    const volume = await openBytes(bytes);
    const wanted = paths.filter((path) => fileAt(path).record !== last);
    const found = await Promise.all(wanted.map((path) => volume.lookup(path)));
    expect(found.map((file) => file?.path)).toEqual(wanted);
    expect(volume.issues.count('ntfs.mft-extent')).toBe(0);
  });

  test('whose extents name each other is read as far as it can be, with one issue for each that is lost', async () => {
    const bytes = fragmented();
    // Extent 1 is said to be in the last record, which only extent 2 maps, and extent 2 in record 80, which only extent
    // 1 maps.
    const volume0 = await openBytes(bytes);
    view(bytes).setUint32(listEntry(bytes, 16) + 0x10, volume0.records.recordCount - 1, true);
    view(bytes).setUint32(listEntry(bytes, 17) + 0x10, 60, true);
    const volume = await openBytes(bytes);
    expect((await volume.root()).isDirectory).toBe(true);
    await expect(volume.file(volume0.records.recordCount - 1)).rejects.toMatchObject({ code: 'NTFS_RUNS_INVALID' });
    const table = await volume.mft();
    expect(table.badRecords).toBeGreaterThan(0);
    expect(volume.issues.count('ntfs.mft-extent')).toBe(2);
    expect(volume.issues.count('ntfs.read-failed')).toBe(1);
  });
});

describe('a damaged attribute list', () => {
  const others = (): string[] => paths.filter((path) => path !== FILE);

  test('that names itself is not followed', async () => {
    const own = {
      type: 0x20,
      name: new Uint8Array(0),
      vcn: 0,
      record: fileAt(FILE).record,
      sequence: fileAt(FILE).sequence,
      id: 0x77,
    };
    const volume = await openBytes(
      split(
        FILE,
        (type) => type === 0x80,
        (entries) => [own, ...entries, own],
      ),
    );
    expect(await volume.lookup(FILE)).toMatchObject({ size: 6321 });
    expect(await walkPaths(volume)).toEqual(paths);
  });

  test('whose extension record has a list that names the base record ends', async () => {
    const bytes = split(FILE, (type) => type === 0x80);
    // Two records that call each other their base.
    const base = mft + fileAt(FILE).record * 1024;
    const record = unseal(bytes.slice(base, base + 1024));
    view(record).setUint32(0x20, FREE, true);
    view(record).setUint16(0x26, 1, true);
    bytes.set(seal(record), base);
    const volume = await openBytes(bytes);
    await expect(volume.file(fileAt(FILE).record)).rejects.toMatchObject({ code: 'NTFS_RECORD_INVALID' });
    expect(await volume.lookup(FILE)).toBeUndefined();
    expect((await walkPaths(volume)).filter((path) => path !== FILE)).toEqual(others());
  });

  const wrong: [string, (entries: ListEntry[]) => ListEntry[], string][] = [
    [
      'names a record that does not exist',
      (entries) => entries.map((entry) => (entry.type === 0x80 ? { ...entry, record: 999_999 } : entry)),
      'ntfs.extension-record',
    ],
    [
      'names a record of another file',
      (entries) => entries.map((entry) => (entry.type === 0x80 ? { ...entry, record: 66 } : entry)),
      'ntfs.extension-record',
    ],
    [
      'names an earlier life of the record',
      (entries) => entries.map((entry) => (entry.type === 0x80 ? { ...entry, sequence: 7 } : entry)),
      'ntfs.extension-record',
    ],
    [
      'names an attribute that the record does not hold',
      (entries) => entries.map((entry) => (entry.type === 0x80 ? { ...entry, id: 99 } : entry)),
      'ntfs.attribute-list',
    ],
  ];
  test.each(wrong)('that %s is one issue; what the base record holds comes out', async (_, change, code) => {
    const volume = await openBytes(split(FILE, (type) => type === 0x80, change));
    const file = await volume.lookup(FILE);
    expect(file).toMatchObject({ path: FILE, type: 'other' });
    expect(volume.issues.issues).toMatchObject([{ code, at: { record: fileAt(FILE).record } }]);
    expect(await walkPaths(volume)).toEqual(paths);
  });

  test('with an entry of length 0 is one issue with its place', async () => {
    const bytes = split(FILE, (type) => type === 0x80);
    const base = mft + fileAt(FILE).record * 1024;
    const list = attributeAt(bytes, base, 0x20);
    view(bytes).setUint16(list + 24 + 4, 0, true);
    const volume = await openBytes(bytes);
    expect(await volume.lookup(FILE)).toMatchObject({ path: FILE, type: 'other' });
    expect(volume.issues.issues).toMatchObject([
      { code: 'ntfs.attribute-list', at: { offset: list, record: fileAt(FILE).record } },
    ]);
  });

  test('an extension record without a base is one issue in a scan, and its names are not listed', async () => {
    const bytes = split(FILE, (type) => type === 0x30);
    const extension = mft + FREE * 1024;
    view(bytes).setUint16(extension + 0x26, 9, true);
    const volume = await openBytes(bytes);
    const table = await volume.mft();
    expect([...table.rows()].map((row) => table.path(row))).not.toContain(FILE);
    expect(volume.issues.issues).toMatchObject([
      { code: 'ntfs.extension-record', at: { record: FREE, offset: FREE * 1024 + 0x20 } },
    ]);
  });
});

describe('case-sensitive directories', () => {
  test('are told, and give the exact name first', async () => {
    const bytes = good.slice();
    const folder = fileAt(DRIVERS);
    const information = attributeAt(bytes, folder.location.offset, 0x10);
    const value = information + view(bytes).getUint16(information + 0x14, true);
    view(bytes).setUint32(value + 0x28, 1, true);
    const volume = await openBytes(bytes);
    expect((await volume.lookup(DRIVERS))?.standardInformation?.caseSensitive).toBe(true);
    expect((await volume.lookup(`${DRIVERS}/ndis.sys`))?.name).toBe('ndis.sys');
    expect((await volume.lookup(`${DRIVERS}/NDIS.SYS`))?.name).toBe('ndis.sys');
  });
});
