import { MemorySource } from '@deadbox/core';
import {
  Contradictions,
  listObjectIds,
  type NtfsFile,
  NtfsVolume,
  openSecurityStore,
  readDirectorySlack,
  type SlackNode,
} from '@deadbox/ntfs';
import { parseIndexBlock, parseIndexRoot } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { EditedVolume, nonResident, resident } from '../../support/ntfs/edited-volume.js';
import { buildIndex, indexEntry } from '../../support/ntfs-writer/index-tree.js';

const CLUSTER = 4096;
const FREE = 2000;
const [SECURE, FIRST] = [9, 24];
/** Where the fields of an entry stand. */
const [KEY, UNITS] = [0x10, 0x40];

function open(made: EditedVolume): Promise<NtfsVolume> {
  return NtfsVolume.open(new MemorySource(made.bytes));
}

/** A volume with a folder of these names. */
function folderOf(names: readonly string[]): EditedVolume {
  return new EditedVolume((tree, root) => {
    const folder = tree.addFolder(root, 'folder');
    for (const name of names) tree.addFile(folder, name);
  });
}

/** Changes the entries of the folder's root; `edit` gets the value's view and the offset of each. */
function editRoot(made: EditedVolume, edit: (view: DataView, entries: number[]) => void): void {
  made.rewrite(FIRST, (parts) => {
    const part = parts.find((one) => one[0] === 0x90) as Uint8Array;
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    const entries: number[] = [];
    for (let at = view.getUint16(0x14, true) + 0x20; ; at += view.getUint16(at + 8, true)) {
      entries.push(at);
      if ((view.getUint16(at + 12, true) & 2) !== 0) break;
    }
    edit(view, entries);
    return parts;
  });
}

async function kindsOf(made: EditedVolume): Promise<string[]> {
  const listing = ((await (await open(made)).lookup('/folder')) as NtfsFile).entries();
  let names = 0;
  for await (const batch of listing) names += batch.length;
  expect(names).toBeGreaterThanOrEqual(0);
  return [...new Set(listing.contradictions.map(({ kind }) => kind))].sort();
}

describe('the order of names in a folder', () => {
  test('that are equal but for case is that of their letters, and the other way is damage', async () => {
    expect(await kindsOf(folderOf(['NAME', 'name', 'xA', 'xa']))).toEqual([]);
    const made = folderOf(['NAME', 'name']);
    editRoot(made, (view, [first, second]) => {
      for (let i = 0; i < 4; i += 1) {
        const letter = view.getUint16(first + KEY + 0x42 + i * 2, true);
        view.setUint16(first + KEY + 0x42 + i * 2, letter + 32, true);
        view.setUint16(second + KEY + 0x42 + i * 2, letter, true);
      }
    });
    expect(await kindsOf(made)).toContain('entry-order');
  });

  test('has no place for one name twice', async () => {
    const made = folderOf(['NAME', 'name']);
    editRoot(made, (view, [, second]) => {
      for (let i = 0; i < 4; i += 1) view.setUint16(second + KEY + 0x42 + i * 2, 'NAME'.charCodeAt(i), true);
    });
    expect(await kindsOf(made)).toContain('entry-order');
  });

  test('has the shorter of two names first', async () => {
    expect(await kindsOf(folderOf(['ab', 'abc', 'ABC', 'Ab']))).toEqual([]);
  });
});

describe('an index of names', () => {
  test('whose root has only names of another folder is not read', async () => {
    const made = folderOf(['one']);
    editRoot(made, (view, [first]) => view.setUint32(first + KEY, 77, true));
    expect(await kindsOf(made)).toContain('node-foreign');
  });

  const many = (): EditedVolume =>
    folderOf(Array.from({ length: 60 }, (_, i) => `a long name, number ${String(i).padStart(3, '0')}`));

  test('without a bitmap of its blocks says so', async () => {
    const made = many();
    made.remove(FIRST, 0xb0, '$I30');
    expect(await kindsOf(made)).toEqual(['nodes-unreached']);
  });

  test('with more blocks in use than it leads to says which', async () => {
    const made = many();
    made.replace(
      FIRST,
      resident(0x90, buildIndex([], { type: 0x30, collation: 1, clusterSize: CLUSTER, rootRoom: 100 }).root, {
        name: '$I30',
      }),
    );
    expect(await kindsOf(made)).toContain('nodes-unreached');
  });

  test('whose separator has an impossible length still compares what can be', async () => {
    const made = many();
    editRoot(made, (view, [first]) => view.setUint8(first + KEY + UNITS, 250));
    expect(await kindsOf(made)).toContain('entry-invalid');
    editRoot(made, (view, [first]) => view.setUint16(first + 0x0a, 0x50, true));
    expect(await kindsOf(made)).toContain('entry-invalid');
  });

  test('with a key in a block behind the one above it is out of order', async () => {
    const made = many();
    editRoot(made, (view, [first]) => view.setUint16(first + KEY + 0x42, 0x21, true));
    expect(await kindsOf(made)).toContain('entry-order');
  });

  test('whose blocks lie in a hole has no block there', async () => {
    const made = many();
    const allocation = made.parts(FIRST).find((part) => part[0] === 0xa0) as Uint8Array;
    const size = Number(new DataView(allocation.buffer, allocation.byteOffset).getBigUint64(0x30, true));
    made.replace(FIRST, nonResident(0xa0, [{ lcn: -1, length: size / CLUSTER }], { size }, CLUSTER, { name: '$I30' }));
    expect(await kindsOf(made)).toContain('node-unreadable');
  });
});

describe('a node of an index', () => {
  const place = { offset: 0 };

  test('in a root of fewer than 32 bytes is refused', () => {
    expect(() => parseIndexRoot(new Uint8Array(31), place)).toThrow(
      expect.objectContaining({ code: 'NTFS_INDEX_INVALID' }),
    );
  });

  test('in a block without room for its fixups is refused', () => {
    const block = new Uint8Array(4096);
    block.set(Buffer.from('INDX'));
    expect(() => parseIndexBlock(block, 0, true, place)).toThrow(
      expect.objectContaining({
        code: 'NTFS_INDEX_INVALID',
        data: expect.objectContaining({ field: 'update sequence array' }),
      }),
    );
  });

  test('that says it has children, and whose entry has none, is doubted', () => {
    const { root } = buildIndex([], { type: 0, collation: 0x10, clusterSize: CLUSTER, rootRoom: 100 });
    root[0x1c] = 1;
    expect(parseIndexRoot(Uint8Array.from(root), place).node.doubts).toMatchObject([
      { kind: 'child-flag', expected: 'a child', found: 2 },
    ]);
  });

  test('whose data would lie behind its entry has none', () => {
    const { bytes, view } = indexEntry(4, 20);
    view.setUint16(2, 200, true);
    const { root } = buildIndex([bytes], { type: 0, collation: 0x10, clusterSize: CLUSTER, rootRoom: 100 });
    expect(parseIndexRoot(Uint8Array.from(root), place).node.entries[0]?.data).toHaveLength(0);
  });
});

test('a prefix longer than a name lies behind it', async () => {
  const volume = await open(folderOf(['name', 'name 2']));
  const folder = await volume.lookup('/folder');
  const { entries, complete } = await volume.findInDirectory(folder as never, 'name 2');
  expect([entries.map(({ name }) => name), complete]).toEqual([['name 2'], true]);
});

test('contradictions beyond the first hundred, and beyond those told apart, are counted', () => {
  const found = new Contradictions();
  for (let i = 0; i < 10_001; i += 1) found.add('entry-order', 5, i);
  found.add('entry-order', 5, 10_000);
  found.add('entry-order', 5, 0);
  expect([found.count, found.first.length]).toEqual([10_002, 100]);
});

describe('old names in the slack', () => {
  /** The folder's names, with an old one behind the root's entries, or in a block of its own. */
  const slackOf = async (
    edit: (made: EditedVolume) => void,
    names: readonly string[] = ['one'],
  ): Promise<SlackNode[]> => {
    const made = folderOf(names);
    edit(made);
    const volume = await open(made);
    const found: SlackNode[] = [];
    const folder = await volume.file(FIRST);
    for await (const node of readDirectorySlack(volume, folder)) found.push(node);
    return found;
  };
  const many = Array.from({ length: 60 }, (_, i) => `a long name, number ${String(i).padStart(3, '0')}`);

  test('of the root are given with their place', async () => {
    const found = await slackOf((made) => {
      made.rewrite(FIRST, (parts) =>
        parts.map((part) => {
          if (part[0] !== 0x90) return part;
          // The entry stays where it was; the end entry comes before it.
          const view = new DataView(part.buffer, part.byteOffset);
          const first = view.getUint16(0x14, true) + 0x20;
          const length = view.getUint16(first + 8, true);
          const grown = new Uint8Array(part.length + 16);
          grown.set(part.subarray(0, first));
          grown.set(part.subarray(first + length, first + length + 16), first);
          grown.set(part.subarray(first, first + length), first + 16);
          const after = new DataView(grown.buffer);
          after.setUint32(4, grown.length, true);
          after.setUint32(0x10, view.getUint32(0x10, true) + 16, true);
          after.setUint32(view.getUint16(0x14, true) + 0x14, 0x20, true);
          return grown;
        }),
      );
    });
    expect(found.map(({ vcn, inUse, entries }) => [vcn, inUse, entries.map(({ fileName }) => fileName.name)])).toEqual([
      [undefined, true, ['one']],
    ]);
  });

  test('of a block that is free by a bitmap that ends before it are all old', async () => {
    const found = await slackOf(
      (made) => made.replace(FIRST, resident(0xb0, new Uint8Array(0), { name: '$I30' })),
      many,
    );
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ inUse }) => !inUse)).toBe(true);
  });

  test('of a block without a bitmap are looked for behind its entries only', async () => {
    expect(await slackOf((made) => made.remove(FIRST, 0xb0, '$I30'), many)).toEqual([]);
  });

  test('end with the blocks that are stored', async () => {
    const lost =
      (runs: { lcn: number; length: number }[], size: number) =>
      (made: EditedVolume): void =>
        made.replace(FIRST, nonResident(0xa0, runs, { size }, CLUSTER, { name: '$I30' }));
    expect(await slackOf(lost([{ lcn: -1, length: 2 }], 2 * CLUSTER), many)).toEqual([]);
    expect(await slackOf(lost([{ lcn: FREE, length: 2 }], CLUSTER + 512), many)).toEqual([]);
    // Clusters that are no runs' at all.
    expect(await slackOf(lost([{ lcn: FREE, length: 1 }], 3 * CLUSTER), many)).toEqual([]);
  });
});

describe('the object ids of a volume', () => {
  test('leave out entries that are too short for one', async () => {
    const ids = async (entries: Uint8Array[]): Promise<number> => {
      const made = new EditedVolume((tree) => tree.addFile(tree.folder('/$Extend'), '$ObjId'));
      made.add(
        FIRST + 1,
        resident(0x90, buildIndex(entries, { type: 0, collation: 0x13, clusterSize: CLUSTER, rootRoom: 400 }).root, {
          name: '$O',
        }),
      );
      let count = 0;
      for await (const batch of listObjectIds(await open(made))) count += batch.length;
      return count;
    };
    expect(await ids([indexEntry(16, 56).bytes])).toBe(1);
    expect(await ids([indexEntry(8, 56).bytes, indexEntry(16, 4).bytes])).toBe(0);
  });
});

describe('the security store', () => {
  /** An entry of `$SII`: the id, and the head of what `$SDS` has. */
  const entry = (
    id: number,
    edit: (view: DataView) => void = () => undefined,
    dataLength = 20,
    keyLength = 4,
  ): Uint8Array => {
    const { bytes, view } = indexEntry(keyLength, dataLength);
    if (keyLength === 4) view.setUint32(0x10, id, true);
    view.setUint32(0x14 + 4, id, true);
    edit(view);
    return bytes;
  };
  const store = async (
    entries: Uint8Array[],
    edit: (made: EditedVolume) => void = () => undefined,
  ): Promise<{ got: unknown; all: number; issues: number }> => {
    const made = new EditedVolume();
    const { root } = buildIndex(entries, { type: 0, collation: 0x10, clusterSize: CLUSTER, rootRoom: 400 });
    made.replace(SECURE, resident(0x90, root, { name: '$SII' }));
    edit(made);
    const volume = await open(made);
    const found = await openSecurityStore(volume);
    const got = await found.get(0x100);
    const issues = volume.issues.count('ntfs.security-store');
    let all = 0;
    for await (const batch of found.entries()) all += batch.length;
    return { got, all, issues };
  };
  const nothing = { got: undefined, all: 0 };

  test('without its stream of descriptors is refused', async () => {
    const made = new EditedVolume();
    made.remove(SECURE, 0x80, '$SDS');
    await expect(openSecurityStore(await open(made))).rejects.toMatchObject({ code: 'NTFS_SECURITY_INVALID' });
  });

  test('passes over entries that are too short, or whose head names another id', async () => {
    expect(await store([entry(0x100, undefined, 12)])).toEqual({ ...nothing, issues: 0 });
    expect(await store([entry(0x100, undefined, 20, 2)])).toMatchObject({ got: undefined });
    expect(await store([entry(0x100, (view) => view.setUint32(0x18, 0x101, true))])).toMatchObject({
      ...nothing,
      issues: 0,
    });
  });

  test('names the two places of a descriptor that has neither', async () => {
    const sized =
      (size: number, offset = 0) =>
      (view: DataView): void => {
        view.setUint32(0x14 + 16, size, true);
        view.setUint32(0x14 + 8, offset, true);
      };
    for (const edit of [sized(20), sized(0x20_0000), sized(100, 0x9000_0000), sized(100)])
      expect(await store([entry(0x100, edit)])).toEqual({ ...nothing, issues: 2 });
  });
});
