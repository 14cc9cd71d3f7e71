import { type Bytes, hashSource, isDeadboxError, MemorySource } from '@deadbox/core';
import { type MftTable, NtfsVolume } from '@deadbox/ntfs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  attributeAt,
  openBytes,
  places,
  viewOf,
  walkPaths,
  windowsVolume,
  withBadSectors,
} from '../../support/ntfs/volume-bytes.js';

const DRIVERS = '/Windows/System32/drivers';
const FOLDER = `${DRIVERS}/CrowdStrike`;
const CHANNEL_FILE = `${FOLDER}/C-00000291-00000000-00000032.sys`;

let good: Bytes;
let allPaths: string[];
let recordOf: (path: string) => number;
/** Byte offset on the volume of a record. */
let offsetOf: (record: number) => number;
let tablePaths: Map<string, number>;

async function namesOf(table: MftTable): Promise<Map<string, number>> {
  return new Map([...table.rows({ metadata: true })].map((row) => [table.path(row), table.name(row).record]));
}

beforeAll(async () => {
  good = windowsVolume();
  const volume = await openBytes(good);
  allPaths = await walkPaths(volume);
  tablePaths = await namesOf(await volume.mft());
  recordOf = (path) => {
    const record = tablePaths.get(path);
    if (record === undefined) throw new Error(`no ${path}`);
    return record;
  };
  const mft = volume.geometry.mftLcn * volume.geometry.clusterSize;
  offsetOf = (record) => mft + record * volume.geometry.recordSize;
  const [part] = await volume.records.locate(recordOf(CHANNEL_FILE));
  expect(part.offset).toBe(offsetOf(recordOf(CHANNEL_FILE)));
  expect(volume.issues.issues).toEqual([]);
});

/** A damaged twin of the volume. */
function twin(edit: (bytes: Bytes, view: DataView<ArrayBuffer>) => void): Bytes {
  const bytes = good.slice();
  edit(bytes, viewOf(bytes));
  return bytes;
}

async function code(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    return error.code;
  }
}

describe('a damaged boot sector', () => {
  test('is replaced by the backup behind the file system, and said', async () => {
    const bytes = twin((b) => b.fill(0, 0, 512));
    const volume = await openBytes(bytes);
    expect(volume.bootSectorFrom).toBe('backup');
    expect(volume.issues.issues).toMatchObject([
      { code: 'ntfs.boot-backup-used', at: { offset: 0 }, data: { backup: 32767 * 512 } },
    ]);
    expect(await walkPaths(volume)).toEqual(allPaths);
  });

  test.each([
    ['bytes per sector', 0x0b, 3],
    ['sectors per cluster', 0x0d, 0x85],
    ['total sectors', 0x2f, 0xff],
    ['LCN of $MFT', 0x36, 0x7f],
    ['record size', 0x40, 0],
  ])('with an impossible %s counts as damaged', async (_, at, value) => {
    const volume = await openBytes(twin((b) => b.fill(value, at, at + 1)));
    expect(volume.bootSectorFrom).toBe('backup');
    expect(await volume.lookup(CHANNEL_FILE)).toBeDefined();
  });

  test('is found again when the container has been padded', async () => {
    const padded = new Uint8Array(good.length + 300_000);
    padded.set(good);
    padded.fill(0, 0, 512);
    expect((await openBytes(padded)).bootSectorFrom).toBe('backup');
  });

  test('without a backup says what was found instead', async () => {
    const zeros = twin((b) => {
      b.fill(0, 0, 512);
      b.fill(0, b.length - 4096);
    });
    await expect(openBytes(zeros)).rejects.toMatchObject({
      code: 'NTFS_NOT_NTFS',
      at: { offset: 3 },
      data: { found: 'only zeros' },
    });
  });

  test('without a backup is made up for by $MFT itself, when that is asked for', async () => {
    const lost = twin((b) => {
      b.fill(0, 0, 512);
      b.fill(0, b.length - 4096);
    });
    const volume = await NtfsVolume.open(new MemorySource(lost), { searchMft: true });
    expect(volume.bootSectorFrom).toBe('search');
    expect(volume.geometry).toMatchObject({ clusterSize: 4096, recordSize: 1024, mftLcn: 4 });
    expect(await walkPaths(volume)).toEqual(allPaths);
  });

  test('without a backup and with a damaged record 0: the mirror leads to $MFT', async () => {
    const lost = twin((b) => {
      b.fill(0, 0, 512);
      b.fill(0, b.length - 4096);
      b.fill(0, offsetOf(0), offsetOf(0) + 4);
    });
    const volume = await NtfsVolume.open(new MemorySource(lost), { searchMft: true });
    expect(volume.records.fromMirror).toBe(true);
    expect(await walkPaths(volume)).toEqual(allPaths);
  });

  test('of a volume without any $MFT stays an error when it was searched', async () => {
    await expect(NtfsVolume.open(new MemorySource(new Uint8Array(3 << 20)), { searchMft: true })).rejects.toMatchObject(
      {
        code: 'NTFS_NOT_NTFS',
      },
    );
  });

  test('of another file system is not overruled by an old NTFS backup', async () => {
    const bitlocker = twin((b) => b.set(new TextEncoder().encode('-FVE-FS-'), 3));
    await expect(openBytes(bitlocker)).rejects.toMatchObject({
      code: 'NTFS_NOT_NTFS',
      data: { found: 'a BitLocker volume' },
    });
  });

  test.each([0, 1, 511, 4096])('of a volume of only %i bytes is an error, not a crash', async (size) => {
    expect(await code(openBytes(good.slice(0, size)))).toMatch(/^(NTFS_|READ_)/);
  });
});

describe('a damaged record 0', () => {
  test('is replaced by its copy in $MFTMirr, and said', async () => {
    const volume = await openBytes(twin((b) => b.fill(0x58, offsetOf(0), offsetOf(0) + 4)));
    expect(volume.records.fromMirror).toBe(true);
    expect(places(volume.issues.issues)).toEqual([{ code: 'ntfs.mft-mirror-used', record: 0, offset: offsetOf(0) }]);
    expect(await walkPaths(volume)).toEqual(allPaths);
  });

  test('and a damaged mirror leave nothing to open', async () => {
    const bytes = twin((b) => {
      b.fill(0x58, offsetOf(0), offsetOf(0) + 4);
      b.fill(0x58, 2047 * 4096, 2047 * 4096 + 4);
    });
    await expect(openBytes(bytes)).rejects.toMatchObject({
      code: 'NTFS_MFT_UNREADABLE',
      at: { offset: offsetOf(0), record: 0 },
    });
  });

  test('that promises 2^48 records is not believed', async () => {
    const bytes = twin((b, view) => {
      const data = attributeAt(b, offsetOf(0), 0x80);
      for (const field of [0x28, 0x30, 0x38]) view.setBigUint64(data + field, 2n ** 58n - 4096n, true);
    });
    const volume = await openBytes(bytes).catch((error: unknown) => error);
    // 2^58 is beyond 2^53, so the attribute is refused and the mirror takes over.
    expect(volume).toMatchObject({ records: { fromMirror: true } });
    const large = twin((b, view) => {
      const data = attributeAt(b, offsetOf(0), 0x80);
      for (const field of [0x28, 0x30, 0x38]) view.setBigUint64(data + field, 2n ** 48n, true);
    });
    const opened = await openBytes(large);
    expect(opened.records.recordCount).toBeLessThanOrEqual(good.length / 1024);
    expect((await namesOf(await opened.mft())).size).toBe(tablePaths.size);
  });
});

interface RecordDamage {
  name: string;
  /** Changes the record at `at`; returns the byte offset in the record that the issue must name. */
  edit: (bytes: Bytes, view: DataView<ArrayBuffer>, at: number) => number;
  code: string;
  issue: string;
}

const RECORD_DAMAGE: RecordDamage[] = [
  {
    name: 'a bad signature',
    code: 'NTFS_RECORD_INVALID',
    issue: 'ntfs.record',
    edit: (b, _, at) => (b.fill(0x58, at, at + 4), 0),
  },
  {
    name: 'the mark BAAD',
    code: 'NTFS_RECORD_INVALID',
    issue: 'ntfs.record',
    edit: (b, _, at) => (b.set([0x42, 0x41, 0x41, 0x44], at), 0),
  },
  {
    name: 'a torn first stride',
    code: 'NTFS_RECORD_TORN',
    issue: 'ntfs.record-torn',
    edit: (b, _, at) => ((b[at + 510] ^= 0xff), 510),
  },
  {
    name: 'a torn second stride',
    code: 'NTFS_RECORD_TORN',
    issue: 'ntfs.record-torn',
    edit: (b, _, at) => ((b[at + 1023] ^= 0xff), 1022),
  },
  {
    name: 'a forged fixup count',
    code: 'NTFS_RECORD_INVALID',
    issue: 'ntfs.record',
    edit: (_, v, at) => (v.setUint16(at + 6, 1, true), 4),
  },
  {
    name: 'a fixup array past the stride',
    code: 'NTFS_RECORD_INVALID',
    issue: 'ntfs.record',
    edit: (_, v, at) => (v.setUint16(at + 4, 0x1fe, true), 4),
  },
];

describe.each(RECORD_DAMAGE)('a file record with $name', ({ edit, code: expectedCode, issue }) => {
  let bytes: Bytes;
  let record: number;
  let at: number;
  beforeAll(() => {
    record = recordOf(CHANNEL_FILE);
    bytes = twin((b, view) => {
      at = edit(b, view, offsetOf(record));
    });
  });

  test('is an error with record and byte position when it is asked for', async () => {
    const volume = await openBytes(bytes);
    await expect(volume.file(record)).rejects.toMatchObject({
      code: expectedCode,
      at: { record, offset: offsetOf(record) + at },
    });
    await expect(volume.lookup(CHANNEL_FILE)).rejects.toMatchObject({ code: expectedCode });
  });

  test('is one issue in a scan, and every other file comes out', async () => {
    const volume = await openBytes(bytes);
    const table = await volume.mft();
    expect(table.badRecords).toBe(1);
    expect(places(volume.issues.issues)).toEqual([{ code: issue, record, offset: record * 1024 + at }]);
    const names = await namesOf(table);
    expect([...tablePaths.keys()].filter((path) => !names.has(path))).toEqual([CHANNEL_FILE]);
  });
});

interface AttributeDamage {
  name: string;
  edit: (bytes: Bytes, view: DataView<ArrayBuffer>, data: number) => number;
}

const ATTRIBUTE_DAMAGE: AttributeDamage[] = [
  { name: 'length 0', edit: (_, v, at) => (v.setUint32(at + 4, 0, true), 4) },
  { name: 'a length that is no multiple of 8', edit: (_, v, at) => (v.setUint32(at + 4, 0x49, true), 4) },
  { name: 'a length past the end of the record', edit: (_, v, at) => (v.setUint32(at + 4, 0x10000, true), 4) },
  { name: 'a length of 2^32 - 8', edit: (_, v, at) => (v.setUint32(at + 4, 0xffff_fff8, true), 4) },
];

describe.each(ATTRIBUTE_DAMAGE)('a $DATA attribute with $name', ({ edit }) => {
  test('is one issue; the names before it and all other files come out', async () => {
    const record = recordOf(CHANNEL_FILE);
    let at = 0;
    const bytes = twin((b, view) => {
      const data = attributeAt(b, offsetOf(record), 0x80);
      at = data - offsetOf(record) + edit(b, view, data);
    });
    const volume = await openBytes(bytes);
    const file = await volume.file(record);
    expect(file.path).toBe(CHANNEL_FILE);
    expect(file.type).toBe('other');
    expect(await code(file.stream())).toBe('NTFS_NO_SUCH_STREAM');
    expect(places(volume.issues.issues)).toContainEqual({
      code: 'ntfs.attribute',
      record,
      offset: offsetOf(record) + at,
    });
    const fresh = await openBytes(bytes);
    expect(await namesOf(await fresh.mft())).toEqual(tablePaths);
    expect(places(fresh.issues.issues)).toEqual([{ code: 'ntfs.attribute', record, offset: record * 1024 + at }]);
  });
});

describe('a run list', () => {
  const damaged: [string, number[], string][] = [
    ['with a run of length 0', [0x11, 0x00, 0x10, 0x00], 'length'],
    ['with a head that has 9 bytes of length', [0x19, 1, 0, 0, 0, 0, 0, 0], 'length'],
    ['with a head that has 9 bytes of cluster number', [0x91, 1, 0, 0, 0, 0, 0, 0], 'lcn'],
    ['that leads before the volume', [0x11, 0x02, 0xf0, 0x00], 'lcn'],
    ['that leads past the volume', [0x21, 0x02, 0xff, 0x7f, 0x00], 'past-volume'],
    ['that ends too early', [0x00], 'vcn-count'],
  ];
  test.each(damaged)('%s is one issue, and reading an error, not zeros', async (_, runs, reason) => {
    const record = recordOf(CHANNEL_FILE);
    let runsAt = 0;
    const bytes = twin((b, view) => {
      const data = attributeAt(b, offsetOf(record), 0x80);
      runsAt = data + view.getUint16(data + 0x20, true);
      b.fill(0, runsAt, data + view.getUint32(data + 4, true));
      b.set(runs, runsAt);
    });
    const volume = await openBytes(bytes);
    const file = await volume.lookup(CHANNEL_FILE);
    expect(file?.size).toBe(6321);
    expect(await code(hashSource(await (file as NonNullable<typeof file>).stream()))).toBe('NTFS_RUNS_INVALID');
    expect(volume.issues.issues).toMatchObject([
      { code: 'ntfs.runs', at: { record, offset: runsAt }, data: { reason } },
    ]);
    expect(await walkPaths(volume)).toEqual(allPaths);
  });

  test('that covers less than a forged size of 2^48 bytes allocates nothing and fails where it ends', async () => {
    const record = recordOf(CHANNEL_FILE);
    const bytes = twin((b, view) => {
      const data = attributeAt(b, offsetOf(record), 0x80);
      view.setBigUint64(data + 0x30, 2n ** 48n, true);
      view.setBigUint64(data + 0x38, 2n ** 48n, true);
    });
    const file = await (await openBytes(bytes)).file(record);
    expect(file.size).toBe(2 ** 48);
    const stream = await file.stream();
    expect((await stream.read(0, 4)).length).toBe(4);
    expect(() => stream.read(1 << 20, 4)).toThrow(expect.objectContaining({ code: 'NTFS_RUNS_INVALID' }));
  });

  test('whose valid data length is forged beyond the size is clipped', async () => {
    const record = recordOf(CHANNEL_FILE);
    const bytes = twin((b, view) => view.setBigUint64(attributeAt(b, offsetOf(record), 0x80) + 0x38, 2n ** 40n, true));
    const file = await (await openBytes(bytes)).file(record);
    expect(file.attributes.find((attribute) => attribute.type === 0x80)?.initializedSize).toBe(6321);
  });
});

describe('a damaged directory index', () => {
  /** Byte offset of the INDX block of the drivers folder, and of its INDEX_ROOT value. */
  let block: number;
  let rootValue: number;
  let record: number;
  beforeAll(async () => {
    record = recordOf(DRIVERS);
    const volume = await openBytes(good);
    const drivers = await volume.file(record);
    block = (await drivers.dataRuns('$I30', { type: 0xa0 }))[0]?.offset as number;
    const root = attributeAt(good, offsetOf(record), 0x90);
    rootValue = root + viewOf(good).getUint16(root + 0x14, true);
    expect(String.fromCharCode(...good.subarray(block, block + 4))).toBe('INDX');
  });

  const blocks: [string, string, (b: Bytes, v: DataView<ArrayBuffer>, at: number) => number][] = [
    ['a bad signature', 'ntfs.index-node', (b, _, at) => (b.fill(0, at, at + 4), 0)],
    ['a torn stride', 'ntfs.index-node', (b, _, at) => ((b[at + 1022] ^= 0xff), 1022)],
    ['the own number of another block', 'ntfs.index-node', (_, v, at) => (v.setUint32(at + 0x10, 7, true), 0x10)],
    ['used bytes past its end', 'ntfs.index-entry', (_, v, at) => (v.setUint32(at + 0x1c, 0x10000, true), 0x1c)],
    ['a first entry before the header', 'ntfs.index-entry', (_, v, at) => (v.setUint32(at + 0x18, 0, true), 0x18)],
    [
      'an entry of length 0',
      'ntfs.index-entry',
      (_, v, at) => (v.setUint16(at + 0x18 + v.getUint32(at + 0x18, true) + 8, 0, true), -1),
    ],
    [
      'an entry past its end',
      'ntfs.index-entry',
      (_, v, at) => (v.setUint16(at + 0x18 + v.getUint32(at + 0x18, true) + 8, 0xfff8, true), -1),
    ],
    [
      'a key longer than its entry',
      'ntfs.index-entry',
      (_, v, at) => (v.setUint16(at + 0x18 + v.getUint32(at + 0x18, true) + 10, 0x2000, true), -1),
    ],
    [
      'a key that is no name',
      'ntfs.index-entry',
      (b, v, at) => ((b[at + 0x18 + v.getUint32(at + 0x18, true) + 0x10 + 0x41] = 9), -1),
    ],
  ];

  test.each(blocks)('%s: the folder is listed through $MFT, and both facts are reported', async (_, issue, edit) => {
    let at = 0;
    const bytes = twin((b, view) => {
      at = edit(b, view, block);
      if (at < 0) at = 0x18 + view.getUint32(block + 0x18, true);
    });
    const volume = await openBytes(bytes);
    const folder = await volume.lookup(DRIVERS);
    const found = await volume.findInDirectory(folder as NonNullable<typeof folder>, '');
    expect(found).toMatchObject({ complete: false, foundBy: 'mft' });
    expect(places(volume.issues.issues)).toEqual([
      { code: issue, record, offset: block + at },
      { code: 'ntfs.found-by-mft', record, offset: offsetOf(record) },
    ]);
    expect(await walkPaths(await openBytes(bytes))).toEqual(allPaths);
    const file = await (await openBytes(bytes)).lookup(CHANNEL_FILE.toUpperCase());
    expect(file).toMatchObject({ path: CHANNEL_FILE, record: recordOf(CHANNEL_FILE) });
  });

  const roots: [string, (v: DataView<ArrayBuffer>) => void][] = [
    ['a block size of 0', (v) => v.setUint32(rootValue + 8, 0, true)],
    ['a block size of 2^31', (v) => v.setUint32(rootValue + 8, 2 ** 31, true)],
    ['no room for an entry', (v) => v.setUint32(rootValue + 0x14, 0x10, true)],
  ];
  test.each(roots)('a root with %s: likewise', async (_, edit) => {
    const bytes = twin((__, view) => edit(view));
    const volume = await openBytes(bytes);
    expect(await walkPaths(volume)).toEqual(allPaths);
    expect(volume.issues.count('ntfs.found-by-mft')).toBe(1);
  });

  test('a block that is its own child ends, is one issue, and the names come out', async () => {
    const bytes = twin((b, view) => {
      // Give the end entry of the block a child: the block itself.
      const used = view.getUint32(block + 0x1c, true);
      const end = block + 0x18 + used - 16;
      view.setUint16(end + 8, 24, true);
      view.setUint16(end + 12, 3, true);
      view.setBigUint64(end + 16, 0n, true);
      view.setUint32(block + 0x1c, used + 8, true);
      void b;
    });
    const volume = await openBytes(bytes);
    expect(await walkPaths(volume)).toEqual(allPaths);
    expect(volume.issues.issues.filter((issue) => issue.code === 'ntfs.index-loop')).toHaveLength(1);
  });

  test('keys out of order: what a search would pass by is found through $MFT, and both facts are reported', async () => {
    const folder = '/Windows/System32/drivers/CrowdStrike';
    const intact = await openBytes(good);
    const before = await intact.lookup(`${folder}/C-00000285-00000000-00000024.sys`);
    const place = before?.entry?.place as { nodeOffset: number; entryOffset: number };
    const bytes = twin((b) => {
      // C-00000285-… becomes X-00000285-…, on both sides: a search for names behind it ends there.
      b[place.nodeOffset + place.entryOffset + 0x10 + 0x42] = 0x58;
      const name = attributeAt(b, offsetOf(before?.record as number), 0x30);
      b[name + viewOf(b).getUint16(name + 0x14, true) + 0x42] = 0x58;
    });
    const volume = await openBytes(bytes);
    expect(await volume.lookup(CHANNEL_FILE)).toMatchObject({ path: CHANNEL_FILE });
    const directory = await volume.lookup(folder);
    const found = await volume.findInDirectory(directory as NonNullable<typeof directory>, 'C-00000291-0');
    expect(found).toMatchObject({ complete: false, foundBy: 'mft' });
    expect(found.entries.map((entry) => entry.name)).toEqual(['C-00000291-00000000-00000032.sys']);
    expect(volume.issues.count('ntfs.index-order')).toBeGreaterThan(0);
  });

  test('a read error in a block: likewise', async () => {
    const source = withBadSectors(new MemorySource(good.slice()), block, block + 512);
    const volume = await NtfsVolume.open(source);
    expect(await volume.lookup(CHANNEL_FILE)).toMatchObject({ path: CHANNEL_FILE });
    const folder = await volume.lookup(DRIVERS);
    expect(await volume.findInDirectory(folder as NonNullable<typeof folder>, 'ndis')).toMatchObject({
      complete: false,
      foundBy: 'mft',
      entries: [{ name: 'ndis.sys' }],
    });
  });

  test('a directory whose own record is torn is passed through $MFT', async () => {
    const volume = await openBytes(twin((b) => (b[offsetOf(record) + 510] ^= 0xff)));
    expect(await volume.lookup(CHANNEL_FILE)).toMatchObject({ path: CHANNEL_FILE, record: recordOf(CHANNEL_FILE) });
    expect(volume.issues.count('ntfs.found-by-mft')).toBe(1);
  });

  test('an intact index is not searched through $MFT when a name is not there', async () => {
    const volume = await openBytes(good);
    expect(await volume.lookup(`${DRIVERS}/nothing.sys`)).toBeUndefined();
    expect(volume.issues.issues).toEqual([]);
  });
});

describe('an entry and its record', () => {
  test('that disagree in sequence number are a mismatch, and the file is found through $MFT', async () => {
    const record = recordOf(CHANNEL_FILE);
    const volume = await openBytes(twin((_, view) => view.setUint16(offsetOf(record) + 0x10, 77, true)));
    expect(await volume.search(CHANNEL_FILE)).toMatchObject({
      file: { record, foundBy: 'mft' },
      complete: false,
      contradictions: [{ kind: 'entry-stale', record: recordOf(FOLDER) }],
    });
    expect(volume.issues.issues).toMatchObject([
      { code: 'ntfs.index-mismatch', data: { record, expected: 1, found: 77, inUse: true } },
      { code: 'ntfs.found-by-mft' },
    ]);
  });

  test('of a freed record: the entry leads nowhere', async () => {
    const record = recordOf(CHANNEL_FILE);
    const volume = await openBytes(twin((_, view) => view.setUint16(offsetOf(record) + 0x16, 0, true)));
    expect(await volume.lookup(CHANNEL_FILE)).toBeUndefined();
    expect(await volume.search(CHANNEL_FILE)).toMatchObject({ complete: false });
    expect((await volume.file(record)).inUse).toBe(false);
    expect([...(await namesOf(await volume.mft())).keys()]).not.toContain(CHANNEL_FILE);
    const deleted = await volume.mft({ deleted: true });
    expect([...deleted.rows({ deleted: 'only' })].map((row) => deleted.path(row))).toContain(CHANNEL_FILE);
  });
});

describe('parents that run in a circle', () => {
  test('end: the file is shown as an orphan, one issue names the place', async () => {
    const record = recordOf(DRIVERS);
    const child = recordOf(`${DRIVERS}/etc`);
    const bytes = twin((b, view) => {
      const name = attributeAt(b, offsetOf(record), 0x30);
      view.setUint32(name + view.getUint16(name + 0x14, true), child, true);
      view.setUint16(name + view.getUint16(name + 0x14, true) + 6, view.getUint16(offsetOf(child) + 0x10, true), true);
    });
    const volume = await openBytes(bytes);
    const file = await volume.file(recordOf(`${DRIVERS}/etc/hosts`));
    expect(file.path).toMatch(/^\/\$OrphanFiles\/\d+-1\/.*hosts$/);
    expect(volume.issues.count('ntfs.path-loop')).toBe(1);
    const table = await volume.mft();
    const row = table.namesOf(file.record)[0];
    expect(table.path(row)).toMatch(/^\/\$OrphanFiles\/\d+-1\/hosts$/);
    expect(table.paths.lastIsOrphan).toBe(true);
    expect(volume.issues.count('ntfs.path-loop')).toBe(2);
  });
});

describe('read errors in $MFT', () => {
  test('lose the records they hit, are one issue, and leave the rest', async () => {
    const record = recordOf(CHANNEL_FILE);
    const source = withBadSectors(new MemorySource(good.slice()), offsetOf(record), offsetOf(record) + 512);
    const volume = await NtfsVolume.open(source);
    const table = await volume.mft();
    expect(table.badRecords).toBe(1);
    const names = await namesOf(table);
    expect([...tablePaths.keys()].filter((path) => !names.has(path))).toEqual([CHANNEL_FILE]);
    expect(places(volume.issues.issues)).toEqual([{ code: 'ntfs.read-failed', record, offset: record * 1024 }]);
  });

  test('a truncated image still gives what is left', async () => {
    const record = recordOf(CHANNEL_FILE);
    const volume = await openBytes(good.slice(0, offsetOf(record)));
    expect(
      await volume.lookup(`${DRIVERS}/ndis.sys`).catch((error: unknown) => (error as { code: string }).code),
    ).toBeDefined();
    const table = await volume.mft();
    expect((await namesOf(table)).size).toBe(tablePaths.size - 1);
    expect(volume.issues.count('ntfs.read-failed')).toBeGreaterThan(0);
  });
});

describe('$UpCase', () => {
  test('is not read for an ASCII path', async () => {
    const volume = await openBytes(twin((b) => b.fill(0, offsetOf(10), offsetOf(10) + 4)));
    expect(await volume.lookup(CHANNEL_FILE.toLowerCase())).toBeDefined();
    expect(volume.issues.issues).toEqual([]);
  });

  test('that is lost is replaced, and said', async () => {
    const path = '/Users/operator/Documents/GRÜßE 報告.TXT';
    const intact = await openBytes(good);
    const expected = (await intact.lookup(path))?.record;
    expect(expected).toBe(recordOf('/Users/operator/Documents/Grüße 報告.txt'));
    const volume = await openBytes(twin((b) => b.fill(0, offsetOf(10), offsetOf(10) + 4)));
    expect((await volume.lookup(path))?.record).toBe(expected);
    expect(volume.issues.count('ntfs.up-case')).toBe(1);
  });
});
