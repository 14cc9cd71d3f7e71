import { type Bytes, isDeadboxError, utf16Bytes } from '@deadbox/core';
import type { ContradictionKind, NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { beforeAll, describe, expect, test } from 'vitest';
import { random } from '../../support/ntfs/ntfs-tree.js';
import { attributeAt, openBytes, viewOf, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const DRIVERS = '/Windows/System32/drivers';
const FOLDER = `${DRIVERS}/CrowdStrike`;
const NAME = 'C-00000291-00000000-00000032.sys';
/** Index entry flags, and where an entry's fields stand. */
const HAS_CHILD = 1;
const LAST = 2;
const LENGTH = 8;
const FLAGS = 12;
const KEY = 0x10;

let good: Bytes;
/** Byte offsets on the volume: records of the two folders and of the file, the block of the drivers folder. */
let drivers: number;
let folder: number;
let file: number;
let block: number;
/** The header of the node that holds the file's entry. */
let node: number;
let record: number;
/** The entry of the file in its folder's index. */
let entry: number;

beforeAll(async () => {
  good = windowsVolume();
  const volume = await openBytes(good);
  const at = async (path: string): Promise<NtfsFile> => (await volume.lookup(path)) as NtfsFile;
  drivers = (await at(DRIVERS)).location.offset;
  folder = (await at(FOLDER)).location.offset;
  file = (await at(`${FOLDER}/${NAME}`)).location.offset;
  record = (await at(`${FOLDER}/${NAME}`)).record;
  block = (await (await at(DRIVERS)).dataRuns('$I30', { type: 0xa0 }))[0]?.offset as number;
  const { place } = (await at(`${FOLDER}/${NAME}`)).entry ?? {};
  node = (place?.nodeOffset ?? 0) + 0x18;
  entry = node - 0x18 + (place?.entryOffset ?? 0);
  expect(volume.contradictions).toEqual([]);
});

function valueOf(bytes: Bytes, attribute: number): number {
  return attribute + viewOf(bytes).getUint16(attribute + 0x14, true);
}

/** Offset of the first entry of a node whose header stands at `header`. */
function firstEntry(view: DataView<ArrayBuffer>, header: number): number {
  return header + view.getUint32(header, true);
}

function twin(edit: (view: DataView<ArrayBuffer>, bytes: Bytes) => void): Bytes {
  const bytes = good.slice();
  edit(viewOf(bytes), bytes);
  return bytes;
}

/** What a search for the file says: by path, and by prefix in its folder. */
async function search(volume: NtfsVolume): Promise<{ found: boolean; kinds: Set<ContradictionKind> }> {
  const way = await volume.search(FOLDER);
  const there = way.file === undefined ? undefined : await volume.findInDirectory(way.file, 'C-00000291');
  const kinds = new Set([...way.contradictions, ...(there?.contradictions ?? [])].map(({ kind }) => kind));
  expect(way.complete && (there?.complete ?? true)).toBe(kinds.size === 0);
  for (const { kind } of way.file?.contradictions ?? []) kinds.add(kind);
  let found = false;
  for (const named of there?.entries ?? []) {
    const opened = await named.open();
    for (const { kind } of opened.contradictions) kinds.add(kind);
    found ||= opened.record === record && !opened.isDirectory;
  }
  return { found, kinds };
}

interface Case {
  name: string;
  kind: ContradictionKind;
  edit: (view: DataView<ArrayBuffer>, bytes: Bytes) => void;
}

const CASES: Case[] = [
  {
    name: 'a root whose end entry has lost its child flag, so that all blocks would be ignored',
    kind: 'nodes-unreached',
    edit: (view) => {
      const value = valueOf(good, attributeAt(good, drivers, 0x90));
      view.setUint32(value + 0x1c, 0, true);
      const last = firstEntry(view, value + 0x10);
      expect(view.getUint16(last + FLAGS, true)).toBe(HAS_CHILD | LAST);
      view.setUint16(last + FLAGS, LAST, true);
    },
  },
  {
    name: 'a root that says it has no children although its entries do',
    kind: 'child-flag',
    edit: (view) => view.setUint32(valueOf(good, attributeAt(good, drivers, 0x90)) + 0x1c, 0, true),
  },
  {
    name: 'the mark of the last entry on an earlier one',
    kind: 'entries-end',
    edit: (view) => view.setUint16(firstEntry(view, node) + FLAGS, LAST, true),
  },
  {
    name: 'an entry that is as long as two',
    kind: 'entry-invalid',
    edit: (view) => {
      const first = firstEntry(view, node);
      const length = view.getUint16(first + LENGTH, true);
      view.setUint16(first + LENGTH, length + view.getUint16(first + length + LENGTH, true), true);
    },
  },
  {
    name: 'a first entry that is passed over',
    kind: 'entry-invalid',
    edit: (view) => {
      const first = firstEntry(view, node);
      view.setUint32(node, first - node + view.getUint16(first + LENGTH, true), true);
    },
  },
  {
    name: 'a key that is shorter than its name',
    kind: 'entry-invalid',
    edit: (view) => view.setUint16(entry + 10, view.getUint16(entry + 10, true) - 2, true),
  },
  {
    name: 'a reference to another record',
    kind: 'entry-name',
    edit: (view) => view.setUint32(entry, 64, true),
  },
  {
    name: 'a reference with another sequence number',
    kind: 'entry-stale',
    edit: (view) => view.setUint16(entry + 6, 9, true),
  },
  {
    name: 'a key whose parent is another directory',
    kind: 'entry-parent',
    edit: (view) => view.setUint32(entry + KEY, 64, true),
  },
  {
    name: 'a key whose name is another one that sorts alike',
    kind: 'entry-name',
    edit: (view) => view.setUint16(entry + KEY + 0x42 + 2 * 9, '2'.charCodeAt(0), true),
  },
  {
    name: 'a key in the name space of 8.3 names',
    kind: 'entry-name',
    edit: (view) => view.setUint8(entry + KEY + 0x41, 2),
  },
  {
    name: 'a key that says it is a directory',
    kind: 'entry-kind',
    edit: (view) => view.setUint32(entry + KEY + 0x38, 0x1000_0020, true),
  },
  {
    name: 'a file whose record has the directory bit',
    kind: 'record-kind',
    edit: (view) => view.setUint16(file + 0x16, 3, true),
  },
  {
    name: 'a folder whose record has lost the directory bit',
    kind: 'record-kind',
    edit: (view) => view.setUint16(folder + 0x16, 1, true),
  },
  {
    name: 'a folder whose name is another one that sorts alike',
    kind: 'entry-name',
    edit: (view, bytes) => {
      const text = utf16Bytes('CrowdStrike');
      for (let at = block; at < block + 4096; at += 2)
        if (text.every((byte, i) => bytes[at + i] === byte))
          view.setUint16(at + text.length - 2, 'f'.charCodeAt(0), true);
    },
  },
  {
    name: 'keys out of order that the search itself would not notice',
    kind: 'entry-order',
    edit: (view) => view.setUint16(entry + KEY + 0x42, 'Z'.charCodeAt(0), true),
  },
];

describe.each(CASES)('an index with $name', ({ edit, kind }) => {
  test(`is told as ${kind}, and the file is found all the same`, async () => {
    const { found, kinds } = await search(await openBytes(twin(edit)));
    expect([...kinds]).toContain(kind);
    expect(found).toBe(true);
  });
});

async function namesOf(listing: ReturnType<NtfsFile['entries']>): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of listing) for (const { name } of batch) names.push(name);
  return names;
}

describe('a whole listing', () => {
  test('tells of blocks that are in use and that no entry leads to', async () => {
    const volume = await openBytes(
      twin((view) => {
        const bitmap = attributeAt(good, drivers, 0xb0);
        view.setUint8(valueOf(good, bitmap), 0x03);
      }),
    );
    const listing = ((await volume.lookup(DRIVERS)) as NtfsFile).entries();
    await namesOf(listing);
    // The second bit stands for a block behind the end of this index: nothing is hidden.
    expect(listing.complete).toBe(true);
    const free = await openBytes(twin((view) => view.setUint8(valueOf(good, attributeAt(good, drivers, 0xb0)), 0)));
    const second = ((await free.lookup(DRIVERS)) as NtfsFile).entries();
    await namesOf(second);
    expect(second.contradictions).toMatchObject([{ kind: 'node-free' }]);
  });

  test('of a block that belongs to another directory shows none of its names', async () => {
    const volume = await openBytes(
      twin((view, bytes) => {
        // Every key of the block says that its parent is record 64.
        for (let at = firstEntry(view, block + 0x18); (view.getUint16(at + FLAGS, true) & LAST) === 0; ) {
          const parent = at + KEY;
          if ((parent - block) % 512 < 508) bytes.set([64, 0, 0, 0], parent);
          at += view.getUint16(at + LENGTH, true);
        }
      }),
    );
    const listing = ((await volume.lookup(DRIVERS)) as NtfsFile).entries();
    const ways = new Set<string>();
    for await (const batch of listing) for (const { foundBy } of batch) ways.add(foundBy);
    expect(listing.contradictions).toMatchObject([{ kind: 'node-foreign', offset: block, data: { parent: 64 } }]);
    expect([...ways]).toEqual(['mft']);
  });
});

test('no change of one byte of an index or record on the way makes the file absent without a word', async () => {
  const next = random(11);
  const places = [folder, drivers, file, block].flatMap((at) =>
    Array.from({ length: at === block ? 4096 : 1024 }, (_, i) => at + i),
  );
  const bytes = good.slice();
  for (let round = 0; round < 1500; round += 1) {
    const at = places[Math.floor(next() * places.length)];
    const old = bytes[at];
    bytes[at] = old ^ (1 << Math.floor(next() * 8));
    try {
      const { found, kinds } = await search(await openBytes(bytes));
      if (!found) expect([...kinds], `byte ${at} from ${old} to ${bytes[at]}`).not.toEqual([]);
    } catch (error) {
      if (!isDeadboxError(error)) throw error;
    } finally {
      bytes[at] = old;
    }
  }
});

test('a key of another folder is told to every search that meets its node, also when the node is kept', async () => {
  const volume = await openBytes(twin((_, bytes) => void (bytes[entry + KEY] ^= 1)));
  const { file: damaged } = await volume.search(FOLDER);
  for (const prefix of ['C-00000291', 'C-0000', 'C', 'C-00000291'])
    expect((await volume.findInDirectory(damaged as NtfsFile, prefix)).complete, prefix).toBe(false);
  const sound = await openBytes(good);
  const { file: whole } = await sound.search(FOLDER);
  for (const prefix of ['C-00000291', 'C-0000', 'C', 'C-00000291'])
    expect((await sound.findInDirectory(whole as NtfsFile, prefix)).complete, prefix).toBe(true);
});
