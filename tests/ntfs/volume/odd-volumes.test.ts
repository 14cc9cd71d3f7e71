import { MemorySource } from '@deadbox/core';
import { type ClusterExtent, checkVolume, listObjectIds, NtfsVolume, openChangeJournal } from '@deadbox/ntfs';
import { checkMftHead, findMisplacedListNames } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { EditedVolume, resident } from '../../support/ntfs/edited-volume.js';

const CLUSTER = 4096;
const FREE = 2000;
/** Records of the system's files, and the first of another. */
const [MFT, MIRROR, LOG, VOLUME, BITMAP, UP_CASE, FIRST] = [0, 1, 2, 3, 6, 10, 24];

function open(made: EditedVolume): Promise<NtfsVolume> {
  return NtfsVolume.open(new MemorySource(made.bytes));
}

async function edited(edit: (made: EditedVolume) => void): Promise<NtfsVolume> {
  const made = new EditedVolume((tree, root) => tree.addFile(root, 'file', { content: new Uint8Array(3) }));
  edit(made);
  return open(made);
}

function codes(volume: NtfsVolume): string[] {
  return volume.issues.issues.map(({ code }) => code);
}

describe('$Volume', () => {
  test('without a name has the label of no letters', async () => {
    const volume = await edited((made) => made.remove(VOLUME, 0x60));
    expect(await volume.information()).toEqual({ label: '', version: '3.1', flags: 0, dirty: false });
  });

  test.each<[string, (made: EditedVolume) => void]>([
    ['without information', (made) => made.remove(VOLUME, 0x70)],
    ['with too short information', (made) => made.replace(VOLUME, resident(0x70, new Uint8Array(8)))],
  ])('%s leaves version and flags out, and that is an issue', async (_, edit) => {
    const volume = await edited(edit);
    expect(await volume.information()).toEqual({ label: 'Windows' });
    expect(codes(volume)).toEqual(['ntfs.volume-information']);
  });
});

describe('the log', () => {
  test.each<[string, (made: EditedVolume) => void]>([
    ['without $DATA', (made) => made.remove(LOG, 0x80)],
    [
      'with zeros in the place of restart pages',
      (made) => made.replace(LOG, made.stored(0x80, new Uint8Array(8192), FREE)),
    ],
  ])('%s is unreadable', async (_, edit) => {
    const volume = await edited(edit);
    expect(await volume.logState()).toEqual({ log: 'unreadable' });
    expect(codes(volume)).toEqual(['ntfs.log-restart']);
  });
});

test('a folder called hiberfil.sys is no hibernation file', async () => {
  const volume = await open(new EditedVolume((tree, root) => tree.addFolder(root, 'hiberfil.sys')));
  expect(await volume.hibernation()).toBe('none');
});

test('a volume without object ids or a journal has none', async () => {
  const volume = await edited(() => undefined);
  for await (const batch of listObjectIds(volume)) throw new Error(`${batch.length} ids`);
  expect(await openChangeJournal(volume)).toBeUndefined();
});

test('a journal without $Max has no information of itself', async () => {
  const made = new EditedVolume((tree) => tree.addFile(tree.folder('/$Extend'), '$UsnJrnl'));
  made.add(FIRST + 1, resident(0x80, new Uint8Array(0), { name: '$J' }));
  const journal = await openChangeJournal(await open(made));
  expect(journal?.stream.size).toBe(0);
  expect(journal?.information).toBeUndefined();
});

describe('$Bitmap', () => {
  test.each<[string, (made: EditedVolume) => void, number]>([
    ['without $DATA', (made) => made.remove(BITMAP, 0x80), 0],
    ['of too few bytes', (made) => made.replace(BITMAP, resident(0x80, new Uint8Array(20))), 20],
  ])('%s is refused', async (_, edit, found) => {
    await expect((await edited(edit)).clusters()).rejects.toMatchObject({
      code: 'NTFS_ATTRIBUTE_INVALID',
      data: { expected: 256, found },
    });
  });

  test('of clusters that are used by turns gives each of them, and nothing of an empty range', async () => {
    const volume = await edited((made) =>
      made.replace(BITMAP, made.stored(0x80, new Uint8Array(256).fill(0x55), FREE)),
    );
    const clusters = await volume.clusters();
    const found: ClusterExtent[] = [];
    for await (const batch of clusters.extents()) found.push(...batch);
    expect(found).toHaveLength(2047);
    expect(found[1]).toEqual({ lcn: 1, length: 1, allocated: false });
    expect(await clusters.count()).toEqual({ allocated: 1024, free: 1023 });
    for await (const batch of clusters.extents(7, 7)) throw new Error(`${batch.length} extents of nothing`);
  });
});

describe('$MFT:$BITMAP', () => {
  test.each<[string, (made: EditedVolume) => void, string]>([
    ['missing', (made) => made.remove(MFT, 0xb0), 'no $BITMAP'],
    ['of zeros', (made) => made.replace(MFT, resident(0xb0, new Uint8Array(16))), 'its first records are free'],
  ])('%s is no reason to skip a record, and an issue', async (_, edit, reason) => {
    const volume = await edited(edit);
    const table = await volume.mft();
    expect([...table.rows()].map((row) => table.path(row))).toEqual(['/', '/file']);
    expect(volume.issues.issues).toMatchObject([{ code: 'ntfs.mft-bitmap', data: { reason } }]);
  });

  test('that has a used record free is told by a check', async () => {
    const volume = await edited((made) => {
      const bits = new Uint8Array(8).fill(0xff);
      bits[3] = 0xfe;
      made.replace(MFT, resident(0xb0, bits));
    });
    const { records, sound } = await checkVolume(volume);
    expect(records.usedButFree).toEqual({ count: 1, first: [FIRST] });
    expect(sound).toBe(false);
  });
});

test('$UpCase without $DATA is replaced by the table of Windows, and that is an issue', async () => {
  const volume = await edited((made) => made.remove(UP_CASE, 0x80));
  expect((await volume.upCase())(0xe4)).toBe(0xc4);
  expect(codes(volume)).toEqual(['ntfs.up-case']);
});

test('names outside an index are looked for in one part of the table once', async () => {
  const volume = await edited(() => undefined);
  const root = await volume.root();
  for (const maxBytes of [16 << 10, 16 << 10, 24 << 10])
    expect(await volume.outsideIndex(root, '', { maxBytes })).toMatchObject({ checked: 'part', entries: [] });
});

test('names of a folder without an index are found by the records, those that are whole', async () => {
  const made = new EditedVolume((tree, root) => {
    const folder = tree.addFolder(root, 'folder');
    for (const name of ['one', 'two', 'three']) tree.addFile(folder, name, { content: new Uint8Array(1) });
  });
  made.remove(FIRST, 0x90, '$I30');
  // A further name of the same file elsewhere, and one that lies in clusters.
  const name = made.parts(FIRST + 1).find((part) => part[0] === 0x30) as Uint8Array;
  const elsewhere = name.slice(24);
  elsewhere[0] = 5;
  made.add(FIRST + 1, resident(0x30, elsewhere), made.stored(0x30, name.subarray(24), FREE));
  const volume = await open(made);
  const folder = await volume.file(FIRST);
  const listing = folder.entries();
  const names: string[] = [];
  for await (const batch of listing) names.push(...batch.map((entry) => entry.name));
  expect(names.sort()).toEqual(['one', 'three', 'two']);
  expect(listing).toMatchObject({ complete: false, foundBy: 'mft' });
});

describe('a check', () => {
  test('says that $MFTMirr has no content', async () => {
    const volume = await edited((made) => made.remove(MIRROR, 0x80));
    expect((await checkVolume(volume)).mirror).toMatchObject({ records: 0, unreadable: '$MFTMirr has no $DATA' });
  });

  test('tells the first hundred entries without records, and counts all', async () => {
    const made = new EditedVolume((tree, root) => {
      for (let i = 0; i < 110; i += 1) tree.addFile(root, `f${String(i).padStart(3, '0')}`);
    });
    for (let record = FIRST; record < FIRST + 110; record += 1)
      made.header(record, (view) => view.setUint16(0x16, 0, true));
    const { indexes } = await checkVolume(await open(made));
    expect(indexes.entriesWithoutRecord).toMatchObject({ count: 110, first: { length: 100 } });
    expect(indexes.entriesWithoutRecord.first[0]).toMatchObject({ name: 'f000', reason: 'the record is free' });
    expect(indexes.recordsWithoutEntry.count).toBe(0);
  });

  test('tells an entry for a record that is not there, and a key that is no name', async () => {
    for (const [at, value, expected] of [
      [0, 9999, { entriesWithoutRecord: { count: 1, first: [{ reason: 'there is no such record' }] } }],
      [0x0a, 0x20, { damaged: 1, recordsWithoutEntry: { count: 1 } }],
    ] as const) {
      const made = new EditedVolume((tree, root) => {
        tree.addFile(tree.addFolder(root, 'folder'), 'file');
      });
      made.rewrite(FIRST, (parts) => {
        for (const part of parts)
          if (part[0] === 0x90) {
            const view = new DataView(part.buffer, part.byteOffset);
            const entry = view.getUint16(0x14, true) + 0x20;
            if (at === 0) view.setUint32(entry, value, true);
            else view.setUint16(entry + at, value, true);
          }
        return parts;
      });
      expect((await checkVolume(await open(made))).indexes).toMatchObject(expected);
    }
  });

  test('tells a file whose folder has another life', async () => {
    const made = new EditedVolume((tree, root) => {
      tree.addFile(tree.addFolder(root, 'folder'), 'file');
    });
    made.remove(FIRST, 0x90, '$I30');
    made.rewrite(FIRST + 1, (parts) => {
      for (const part of parts) if (part[0] === 0x30) part[24 + 6] = 77;
      return parts;
    });
    const { indexes } = await checkVolume(await open(made));
    expect(indexes.recordsWithoutEntry.first.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('has sequence 77'),
    ]);
  });

  test('does not miss the entry of a file that is free', async () => {
    const made = new EditedVolume((tree, root) => {
      tree.addFile(tree.addFolder(root, 'folder'), 'file');
    });
    made.remove(FIRST, 0x90, '$I30');
    made.header(FIRST + 1, (view) => view.setUint16(0x16, 0, true));
    expect((await checkVolume(await open(made))).indexes.recordsWithoutEntry.count).toBe(0);
  });

  test('of the first records says which copy is bad', async () => {
    const made = new EditedVolume();
    const mirror = Number(made.view.getBigUint64(0x38, true)) * CLUSTER;
    made.view.setUint32(mirror + 1024, 0, true);
    made.view.setUint32(made.at(2), 0, true);
    const heads = await checkMftHead(await open(made));
    expect(heads.map(({ original, copy }) => [original, copy])).toEqual([
      ['good', 'good'],
      ['good', 'bad'],
      ['bad', 'good'],
      ['good', 'good'],
    ]);
  });
});

test('a list of attributes that ends in the middle of an entry has no misplaced names behind it', async () => {
  const entry = (length: number, nameAt: number): Uint8Array => {
    const bytes = new Uint8Array(0x28);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x80, true);
    view.setUint16(4, length, true);
    bytes[6] = 4;
    bytes[7] = nameAt;
    bytes.set(Buffer.from('$SDS', 'utf16le'), 0x1a);
    return bytes;
  };
  for (const [parts, found] of [
    [[entry(0x28, 0x1c), entry(0x30, 0x1c)], 1],
    [[entry(0x10, 0x1c)], 0],
    // The name ends with the entry: there is no room for it two bytes later.
    [
      [
        (() => {
          const tight = entry(0x28, 0x1c);
          tight[6] = 7;
          tight.set(Buffer.from('$Secure', 'utf16le'), 0x1a);
          return tight;
        })(),
      ],
      1,
    ],
  ] as const) {
    const made = new EditedVolume();
    made.add(9, resident(0x20, Uint8Array.from(parts.flatMap((part) => [...part]))));
    expect(await findMisplacedListNames(await open(made))).toHaveLength(found);
  }
});
