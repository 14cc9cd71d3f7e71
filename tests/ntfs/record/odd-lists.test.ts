import { MemorySource } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { AttributeSet } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import {
  appendAttribute,
  emptyRecord,
  type ListEntry,
  listValue,
  seal,
  viewOf,
} from '../../support/file-record-writer.js';
import { EditedVolume, nonResident, resident, typeOf } from '../../support/ntfs/edited-volume.js';
import { FailingReads } from '../../support/ntfs/failing-reads.js';
import type { Run } from '../../support/ntfs-writer/layout.js';

const CLUSTER = 4096;
const FREE = 2000;
/** The file, and two records that NTFS reserves. */
const [FILE, ONE, TWO] = [24, 13, 14];
/** Id of the data attributes. */
const ID = 0x40;

function open(made: EditedVolume): Promise<NtfsVolume> {
  return NtfsVolume.open(new MemorySource(made.bytes));
}

function volume(): EditedVolume {
  return new EditedVolume((tree, root) => tree.addFile(root, 'file', { content: new Uint8Array(24) }));
}

/** Part of the data from `firstVcn` on. */
function extent(runs: readonly Run[], firstVcn: number, size: number, id = ID): Uint8Array {
  const { bytes } = nonResident(0x80, runs, { size }, CLUSTER, { firstVcn });
  viewOf(bytes).setUint16(0x0e, id, true);
  return bytes;
}

interface Holder {
  readonly number: number;
  readonly parts: readonly Uint8Array[];
  readonly base?: { readonly record: number; readonly sequence: number };
  readonly edit?: (view: DataView) => void;
}

/** Writes an extension record. */
function hold(made: EditedVolume, { number, parts, base, edit }: Holder): void {
  const sequence = made.view.getUint16(made.at(FILE) + 0x10, true);
  const record = emptyRecord(1024, number, base ?? { record: FILE, sequence });
  for (const part of parts) appendAttribute(record, part);
  edit?.(viewOf(record));
  made.bytes.set(seal(record), made.at(number));
}

function listed(record: number, vcn: number, id = ID, sequence = 1): ListEntry {
  return { type: 0x80, name: new Uint8Array(0), vcn, record, sequence, id };
}

/** The runs of the file's data, and what was said of them. */
async function runsOf(
  holders: readonly Holder[],
  entries: readonly ListEntry[],
  inBase: readonly Uint8Array[] = [],
): Promise<{ runs: number[][]; issues: [string, unknown][] }> {
  const made = volume();
  made.remove(FILE, 0x80);
  for (const holder of holders) hold(made, holder);
  made.rewrite(FILE, (parts) => [...parts, ...inBase]);
  made.add(FILE, resident(0x20, listValue(entries)));
  const opened = await open(made);
  const file = await opened.file(FILE);
  const runs = (await file.dataRuns()).map(({ vcn, lcn, length }) => [vcn, lcn - FREE, length]);
  return { runs, issues: opened.issues.issues.map(({ code, data }) => [code, data.reason ?? data.found]) };
}

const FIRST: Holder = { number: ONE, parts: [extent([{ lcn: FREE, length: 2 }], 0, 6 * CLUSTER)] };
const LATER: Holder = { number: TWO, parts: [extent([{ lcn: FREE + 5, length: 4 }], 2, 0)] };
/** What the first extent alone gives: its record claims no more. */
const ALONE = [[0, 0, 2]];

describe('data in several records', () => {
  test('is put together in the order of its clusters, whatever the order of the list', async () => {
    const found = await runsOf([FIRST, LATER], [listed(TWO, 2), listed(ONE, 0)]);
    expect(found).toEqual({ runs: [...ALONE, [2, 5, 4]], issues: [] });
  });

  test('may go on in the base record', async () => {
    const inBase = [extent([{ lcn: FREE + 5, length: 4 }], 2, 0, 9)];
    expect(await runsOf([FIRST], [listed(ONE, 0), listed(FILE, 2, 9, 0)], inBase)).toEqual({
      runs: [...ALONE, [2, 5, 4]],
      issues: [],
    });
  });

  test('with an extent that overlaps one before it has the first, and a gap between two is told', async () => {
    const overlapping = { ...LATER, parts: [extent([{ lcn: FREE + 5, length: 4 }], 1, 0)] };
    expect(await runsOf([FIRST, overlapping], [listed(ONE, 0), listed(TWO, 1)])).toEqual({ runs: ALONE, issues: [] });
    const behind = { ...LATER, parts: [extent([{ lcn: FREE + 5, length: 4 }], 3, 0)] };
    expect(await runsOf([FIRST, behind], [listed(ONE, 0), listed(TWO, 3)])).toEqual({
      runs: [...ALONE, [3, 5, 4]],
      issues: [['ntfs.runs', 'gap']],
    });
  });

  test('that is compressed cannot be read behind a gap: a unit that is lost would read as zeros', async () => {
    const compressed = (part: Uint8Array): Uint8Array => {
      viewOf(part).setUint16(0x0c, 1, true);
      part[0x22] = 4;
      return part;
    };
    const made = volume();
    made.remove(FILE, 0x80);
    hold(made, { ...FIRST, parts: [compressed(extent([{ lcn: FREE, length: 2 }], 0, 6 * CLUSTER))] });
    hold(made, { ...LATER, parts: [compressed(extent([{ lcn: FREE + 5, length: 4 }], 3, 0))] });
    made.add(FILE, resident(0x20, listValue([listed(ONE, 0), listed(TWO, 3)])));
    const file = await (await open(made)).file(FILE);
    await expect(file.stream('')).rejects.toMatchObject({ code: 'NTFS_RUNS_INVALID', data: { covered: 2 } });
  });

  test('is not sought in attributes that are resident, or that begin elsewhere than the list says', async () => {
    const value = resident(0x80, new Uint8Array(8)).bytes;
    viewOf(value).setUint16(0x0e, ID, true);
    expect((await runsOf([FIRST, { ...LATER, parts: [value] }], [listed(ONE, 0), listed(TWO, 2)])).runs).toEqual(ALONE);
    expect((await runsOf([FIRST, LATER], [listed(ONE, 0), listed(TWO, 4)])).runs).toEqual(ALONE);
  });

  test('has no run but those of later extents when the first has none', async () => {
    const empty = { ...FIRST, parts: [extent([], 0, 6 * CLUSTER)] };
    const from = { ...LATER, parts: [extent([{ lcn: FREE + 5, length: 4 }], 2, 0)] };
    expect((await runsOf([empty, from], [listed(ONE, 0), listed(TWO, 2)])).issues).toContainEqual(['ntfs.runs', 'gap']);
  });

  test('may have its first extent in a later one of two entries that name the same', async () => {
    const found = await runsOf([FIRST], [listed(ONE, 0, 77), listed(ONE, 0)]);
    expect(found.runs).toEqual(ALONE);
    expect(found.issues).toContainEqual(['ntfs.attribute-list', 'no such attribute']);
  });
});

describe('an extension record', () => {
  const issueOf = async (holder: Partial<Holder>, entry = listed(ONE, 0)): Promise<unknown[]> =>
    (await runsOf([{ ...FIRST, ...holder }], [entry])).issues;

  test('may name its base without a sequence number', async () => {
    const found = await runsOf([{ ...FIRST, base: { record: FILE, sequence: 0 } }], [listed(ONE, 0)]);
    expect(found).toEqual({ runs: ALONE, issues: [] });
  });

  test('of another life of its base, of another base, that is free, or is another one by now is none of the file', async () => {
    for (const holder of [
      { base: { record: FILE, sequence: 999 } },
      { base: { record: 5, sequence: 5 } },
      { edit: (view: DataView) => view.setUint16(0x16, 0, true) },
      { edit: (view: DataView) => view.setUint16(0x10, 7, true) },
      { edit: (view: DataView) => view.setBigUint64(0x20, 0n, true) },
    ])
      expect(await issueOf(holder)).toEqual([['ntfs.extension-record', expect.any(String)]]);
    expect(await issueOf({ edit: (view) => view.setUint16(0x16, 0, true) })).toEqual([
      ['ntfs.extension-record', expect.stringContaining('free, base 24')],
    ]);
  });

  test('of a deleted file is taken as it is left', async () => {
    const made = volume();
    made.remove(FILE, 0x80);
    hold(made, { ...FIRST, base: { record: FILE, sequence: 999 }, edit: (view) => view.setUint16(0x16, 0, true) });
    made.add(FILE, resident(0x20, listValue([listed(ONE, 0)])));
    made.header(FILE, (view) => view.setUint16(0x16, 0, true));
    const opened = await open(made);
    expect((await (await opened.file(FILE)).dataRuns()).map(({ lcn }) => lcn)).toEqual([FREE]);
    expect(opened.issues.count('ntfs.extension-record')).toBe(0);
  });
});

describe('a list of attributes', () => {
  test('larger than any is read up to its most, and that is told', async () => {
    const made = volume();
    const size = 0x4_0000 + CLUSTER;
    made.add(FILE, nonResident(0x20, [{ lcn: FREE - 80, length: size / CLUSTER }], { size }, CLUSTER));
    const opened = await open(made);
    await opened.file(FILE);
    expect(opened.issues.issues.map(({ code, data }) => [code, data.found])).toContainEqual([
      'ntfs.attribute-list',
      size,
    ]);
  });

  test('whose clusters are lost is told, and the base record has what it has', async () => {
    const made = volume();
    made.add(FILE, nonResident(0x20, [], { size: CLUSTER }, CLUSTER));
    const opened = await open(made);
    expect((await opened.file(FILE)).size).toBe(24);
    expect(opened.issues.count('ntfs.attribute-list')).toBe(1);
  });

  test('is empty where there is none, and a value is cut to what is asked for', async () => {
    const opened = await open(volume());
    const set = new AttributeSet(opened.records, await opened.records.read(FILE));
    expect(await set.list()).toEqual([]);
    const data = await set.find(0x80);
    expect(await set.value(data as never, 5)).toHaveLength(5);
  });
});

test('a torn record is given to whoever bears it, one without room for its fixups to nobody', async () => {
  const made = volume();
  made.view.setUint16(made.at(FILE) + 0x04, 0x1fe, true);
  const opened = await open(made);
  await expect(opened.records.read(FILE, { tolerant: true })).rejects.toMatchObject({ code: 'NTFS_RECORD_INVALID' });
});

describe('$MFT', () => {
  /** Record 0 with an extent of its data in record 14. */
  const fragmented = (
    edit: {
      readonly runs?: readonly Run[];
      readonly view?: (view: DataView) => void;
      readonly parts?: readonly Uint8Array[];
    } = {},
    entries: readonly ListEntry[] = [listed(TWO, 32)],
  ): EditedVolume => {
    const made = volume();
    const parts = edit.parts ?? [extent(edit.runs ?? [{ lcn: FREE, length: 4 }], 32, 0)];
    hold(made, {
      number: TWO,
      parts,
      base: { record: 0, sequence: 1 },
      ...(edit.view === undefined ? {} : { edit: edit.view }),
    });
    made.rewrite(0, (all) =>
      all.map((part) => {
        if (typeOf(part) !== 0x80) return part;
        const view = viewOf(part);
        for (const at of [0x28, 0x30, 0x38]) view.setBigUint64(at, BigInt(36 * CLUSTER), true);
        return part;
      }),
    );
    made.add(0, resident(0x20, listValue(entries)));
    return made;
  };
  const outcome = async (made: EditedVolume): Promise<[string, unknown][]> => {
    const opened = await open(made);
    await opened.records.read(130).catch(() => undefined);
    await (await opened.records.stream()).extents(0, 1).next();
    return opened.issues.issues.map(({ code, data }) => [code, data.reason]);
  };

  test('with an extent whose record is not its own, or does not hold it, has lost that part', async () => {
    const value = resident(0x80, new Uint8Array(8)).bytes;
    viewOf(value).setUint16(0x0e, ID, true);
    for (const made of [
      fragmented({ view: (view) => view.setUint16(0x16, 0, true) }),
      fragmented({ view: (view) => view.setUint16(0x10, 9, true) }),
      fragmented({ view: (view) => view.setUint32(0x20, 9, true) }),
      fragmented({ parts: [] }),
      fragmented({ parts: [value] }),
      fragmented({}, [listed(TWO, 33)]),
    ])
      expect(await outcome(made)).toContainEqual([
        'ntfs.mft-extent',
        expect.stringContaining('does not hold the extent'),
      ]);
  });

  test('with a damaged run list of an extent has the runs before the damage', async () => {
    expect(
      await outcome(
        fragmented({
          runs: [
            { lcn: FREE, length: 1 },
            { lcn: 9000, length: 3 },
          ],
        }),
      ),
    ).toContainEqual(['ntfs.runs', 'past-volume']);
  });

  test('is given up when the connection is lost, whichever extent is read', async () => {
    const source = new FailingReads(fragmented().bytes);
    source.begin(1, 'connection');
    await expect(NtfsVolume.open(source)).rejects.toMatchObject({ code: 'READ_FAILED' });
    source.begin(-1, 'connection');
    for (const made of [fragmented(), fragmented({ parts: [] })]) {
      const reads = new FailingReads(made.bytes);
      const opened = await NtfsVolume.open(reads);
      reads.begin(-1, 'connection');
      await opened.records.read(130).catch(() => undefined);
      for (let failing = reads.reads - 1; failing >= 0; failing -= 1) {
        const again = await NtfsVolume.open(reads);
        reads.begin(failing, 'connection');
        await expect(again.records.read(130)).rejects.toMatchObject({ code: 'READ_FAILED' });
        reads.begin(-1, 'connection');
      }
    }
  });

  test('with two entries for one extent takes the first', async () => {
    const twice = fragmented({}, [listed(TWO, 32), listed(ONE, 32)]);
    expect(await outcome(twice)).not.toContainEqual(['ntfs.mft-extent', expect.anything()]);
  });

  test('with a list that cannot be read to its end says where, and one in clusters is read', async () => {
    const made = fragmented();
    const list = made.parts(0).find((part) => typeOf(part) === 0x20) as Uint8Array;
    const cut = Uint8Array.from([...list.subarray(24), 0x80, 0, 0, 0, 4, 0, 0, 0, ...new Uint8Array(24)]);
    made.replace(0, made.stored(0x20, cut, FREE + 30));
    const opened = await open(made);
    expect(opened.issues.issues).toMatchObject([
      { code: 'ntfs.attribute-list', data: { listOffset: expect.any(Number) } },
    ]);
    expect((await opened.records.read(14)).number).toBe(14);
  });

  test('whose own runs are damaged, or none, is taken from its mirror, and without that is unreadable', async () => {
    for (const runs of [[], [{ lcn: 9000, length: 32 }]]) {
      const made = volume();
      made.replace(0, nonResident(0x80, runs, { size: 32 * CLUSTER }, CLUSTER));
      const opened = await open(made);
      expect(opened.records.fromMirror).toBe(true);
      expect(opened.issues.issues).toMatchObject([{ code: 'ntfs.mft-mirror-used' }]);
      const mirror = Number(made.view.getBigUint64(0x38, true)) * CLUSTER;
      made.bytes.copyWithin(mirror, made.at(0), made.at(0) + 1024);
      await expect(open(made)).rejects.toMatchObject({ code: 'NTFS_MFT_UNREADABLE' });
    }
  });
});
