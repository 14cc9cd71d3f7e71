import { MemorySource, utf16Bytes } from '@deadbox/core';
import { type NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { EditedVolume, nonResident, resident } from '../../support/ntfs/edited-volume.js';
import { join } from '../../support/ntfs/sample-data.js';
import type { FileEntry, Tree } from '../../support/ntfs-writer/tree.js';

const CLUSTER = 4096;
/** The first record of a file. */
const FIRST = 24;
/** Clusters that the writer leaves free. */
const FREE = 2000;

function open(made: EditedVolume): Promise<NtfsVolume> {
  return NtfsVolume.open(new MemorySource(made.bytes));
}

/** A volume with one file of 24 bytes, `/file`, whose record the test changes. */
function withFile(edit: (made: EditedVolume) => void, attributes = 0x20): Promise<NtfsVolume> {
  const made = new EditedVolume((tree, root) => {
    tree.addFile(root, 'file', { attributes, content: new Uint8Array(24).fill(0x41) });
  });
  edit(made);
  return open(made);
}

async function fileOf(volume: NtfsVolume, path = '/file'): Promise<NtfsFile> {
  return (await volume.lookup(path)) as NtfsFile;
}

/** A reparse point of Microsoft. */
function point(tag: number, data: Uint8Array): Uint8Array {
  return join(new Uint8Array(Uint32Array.of(tag, data.length).buffer), data);
}

/** A symbolic link's data: both names are the same. */
function linkTo(target: string, flags = 1): Uint8Array {
  const name = utf16Bytes(target);
  const lengths = Uint16Array.of(0, name.length, 0, name.length);
  return join(new Uint8Array(lengths.buffer), new Uint8Array(Uint32Array.of(flags).buffer), name);
}

describe('content', () => {
  test('whose compression has no unit is stored as it is', async () => {
    const volume = await withFile((made) => {
      const data = made.stored(0x80, new Uint8Array(5000).fill(0x42), FREE);
      data.bytes[0x0c] = 1;
      made.replace(FIRST, data);
    });
    const stream = await (await fileOf(volume)).stream();
    expect(await stream.read(4990, 10)).toEqual(new Uint8Array(10).fill(0x42));
  });

  test('that is compressed and whose runs end, or leave a gap, before it does is refused', async () => {
    for (const runs of [
      [{ lcn: FREE, length: 2 }],
      [
        { lcn: FREE, length: 16 },
        { lcn: FREE + 20, length: 2 },
      ],
    ]) {
      const volume = await withFile((made) => {
        const data = nonResident(0x80, runs, { size: 40 * CLUSTER }, CLUSTER);
        data.bytes[0x0c] = 1;
        data.bytes[0x22] = 4;
        made.replace(FIRST, data);
      });
      await expect((await fileOf(volume)).stream()).rejects.toMatchObject({ code: 'NTFS_RUNS_INVALID' });
    }
  });

  test.each([
    [0xc000_0004, 0x1000, 'hierarchical storage'],
    [0x8000_0006, 0x1000, 'hierarchical storage'],
    [0x9000_101a, 0x1000, 'cloud placeholder'],
    [0x8000_0007, 0, 'Single Instance Storage'],
  ])('under tag %i with attributes %i is elsewhere: %s', async (tag, attributes, words) => {
    const volume = await withFile((made) => made.add(FIRST, resident(0xc0, point(tag, new Uint8Array(8)))), attributes);
    await expect((await fileOf(volume)).stream()).rejects.toMatchObject({
      code: 'NTFS_STREAM_ELSEWHERE',
      message: expect.stringContaining(words),
    });
  });

  test('that a filter moves only when it is offline is there, and so is that of a file under a strange tag', async () => {
    for (const [tag, attributes] of [
      [0xc000_0004, 0],
      [0x8000_0021, 0x1000],
    ] as const) {
      const volume = await withFile(
        (made) => made.add(FIRST, resident(0xc0, point(tag, new Uint8Array(8)))),
        attributes,
      );
      expect((await (await fileOf(volume)).stream()).size).toBe(24);
    }
  });

  test('of no bytes under the Windows Overlay Filter needs no stream of it', async () => {
    const wof = new Uint8Array(Uint32Array.of(1, 2, 1, 0).buffer);
    const volume = await withFile((made) => {
      made.replace(FIRST, resident(0x80, new Uint8Array(0)));
      made.add(FIRST, resident(0xc0, point(0x8000_0017, wof)));
    });
    expect((await (await fileOf(volume)).stream()).size).toBe(0);
  });

  test('under a reparse point that has a name, as none has, is refused', async () => {
    const volume = await withFile((made) =>
      made.add(FIRST, resident(0xc0, point(0x8000_0017, new Uint8Array(16)), { name: 'x' })),
    );
    await expect((await fileOf(volume)).stream()).rejects.toMatchObject({
      code: expect.stringMatching(/^NTFS_|CURSOR/),
    });
  });

  test('is found without $STANDARD_INFORMATION', async () => {
    const volume = await withFile((made) => made.remove(FIRST, 0x10));
    const file = await fileOf(volume);
    expect(file.standardInformation).toBeUndefined();
    expect((await file.stream()).size).toBe(24);
  });
});

describe('a file', () => {
  test('without the attributes that few have says so', async () => {
    const file = await fileOf(await withFile(() => undefined));
    expect(await file.extendedAttributes()).toEqual([]);
    expect(await file.objectId()).toBeUndefined();
    expect(await file.encryption()).toBeUndefined();
    expect(await file.reparsePoint()).toBeUndefined();
    await expect(file.attribute(0xc0)).rejects.toMatchObject({ code: 'NTFS_NO_SUCH_STREAM', data: { type: 0xc0 } });
    for await (const batch of file.entries()) throw new Error(`${batch.length} names in a file`);
  });

  test('tells the holes among its runs', async () => {
    const runs = [
      { lcn: FREE, length: 1 },
      { lcn: -1, length: 3 },
    ];
    const volume = await withFile((made) =>
      made.replace(FIRST, nonResident(0x80, runs, { size: 4 * CLUSTER }, CLUSTER)),
    );
    expect(await (await fileOf(volume)).dataRuns()).toEqual([
      { vcn: 0, lcn: FREE, length: 1, bytes: CLUSTER, offset: FREE * CLUSTER },
      { vcn: 1, lcn: -1, length: 3, bytes: 3 * CLUSTER },
    ]);
  });

  test('with a reparse point too short for a tag is a plain file, and that is an issue', async () => {
    const volume = await withFile((made) => made.add(FIRST, resident(0xc0, new Uint8Array(7))));
    expect(await fileOf(volume)).toMatchObject({ type: 'file', reparseTag: undefined });
    expect(volume.issues.issues).toMatchObject([{ code: 'ntfs.reparse-point', at: { record: FIRST } }]);
  });

  test('whose name lies in clusters, as no name may, has none there', async () => {
    const volume = await withFile((made) => {
      const name = made.parts(FIRST).find((part) => part[0] === 0x30) as Uint8Array;
      made.remove(FIRST, 0x30);
      made.add(FIRST, made.stored(0x30, name.subarray(24), FREE));
    });
    const found = await volume.search('/file');
    expect(found.contradictions.map(({ kind }) => kind)).toEqual(['entry-name']);
    const byNumber = await volume.file(FIRST);
    expect(byNumber).toMatchObject({ names: [], path: `/$OrphanFiles/#${FIRST}` });
    expect(volume.issues.count('ntfs.attribute')).toBeGreaterThan(0);
  });

  test('that is deleted and says it is a folder, though it has content, contradicts nobody', async () => {
    const volume = await withFile((made) => made.header(FIRST, (view) => view.setUint16(0x16, 2, true)));
    expect(await volume.file(FIRST)).toMatchObject({ inUse: false, isDirectory: false, contradictions: [] });
  });

  test('of which only the 8.3 name is left is called by that', async () => {
    const made = new EditedVolume((tree, root) => tree.addFile(root, 'a long name', { content: new Uint8Array(3) }), {
      shortNames: true,
    });
    made.rewrite(FIRST, (parts) => parts.filter((part) => !(part[0] === 0x30 && part[24 + 0x41] !== 2)));
    const volume = await open(made);
    expect((await volume.lookup('/ALONGN~1'))?.name).toBe('ALONGN~1');
  });
});

test('a file of two names is called by the first, and one under a strange tag is neither file nor link', async () => {
  const made = new EditedVolume((tree, root) => {
    tree.link(tree.addFile(root, 'file', { content: new Uint8Array(3) }), root, 'other');
  });
  made.add(FIRST, resident(0xc0, point(0x8000_0021, new Uint8Array(8))));
  expect(await (await open(made)).file(FIRST)).toMatchObject({ path: '/file', type: 'reparse', linkCount: 2 });
});

test('a part of a small content that is empty lies nowhere', async () => {
  const stream = await (await fileOf(await withFile(() => undefined))).stream();
  for await (const batch of stream.extents?.(3, 3) ?? []) throw new Error(`${batch.length} parts of nothing`);
});

describe('a link', () => {
  const followed = async (tag: number, data: Uint8Array): Promise<NtfsFile | undefined> => {
    const made = new EditedVolume((tree, root) => {
      tree.addFile(root, 'link', { attributes: 0x400 });
      tree.addFile(tree.addFolder(root, 'folder'), 'target', { content: new Uint8Array(5) });
    });
    made.add(FIRST, resident(0xc0, point(tag, data)));
    return (await open(made)).lookup('/link', { followLinks: true });
  };

  test('of WSL is followed from its folder, and one to the root of Linux leads out', async () => {
    const target = (text: string): Uint8Array =>
      join(new Uint8Array(Uint32Array.of(2).buffer), new TextEncoder().encode(text));
    expect((await followed(0xa000_001d, target('folder/target')))?.path).toBe('/folder/target');
    await expect(followed(0xa000_001d, target('/folder'))).rejects.toMatchObject({ code: 'NTFS_LINK_OUTSIDE' });
  });

  test('that begins with a backslash is followed from the root', async () => {
    expect((await followed(0xa000_000c, linkTo('\\folder\\target')))?.path).toBe('/folder/target');
  });

  test('whose data cannot be read leads out of the volume', async () => {
    const broken = linkTo('folder');
    broken[2] = 0xff;
    await expect(followed(0xa000_000c, broken)).rejects.toMatchObject({
      code: 'NTFS_LINK_OUTSIDE',
      data: { target: 'an unreadable target' },
    });
  });
});

describe('a path', () => {
  const tree = (fill: Tree, root: FileEntry): void => {
    const folder = fill.addFolder(root, 'folder');
    fill.addFile(folder, 'file', { content: new Uint8Array(3) });
  };
  const [FOLDER, FILE] = [FIRST, FIRST + 1];
  const orphan = (made: EditedVolume): string =>
    `/$OrphanFiles/${FOLDER}-${made.view.getUint16(made.at(FOLDER) + 0x10, true)}/file`;

  test('of nothing but separators leads to the root, as its number does', async () => {
    const volume = await open(new EditedVolume());
    expect((await volume.lookup('/'))?.path).toBe('/');
    expect(await volume.file(5)).toMatchObject({ path: '/', name: '' });
  });

  test('ends where record 5 is no directory', async () => {
    const made = new EditedVolume();
    made.header(5, (view) => view.setUint16(0x16, 1, true));
    await expect((await open(made)).root()).rejects.toMatchObject({ code: 'NTFS_NOT_A_DIRECTORY' });
  });

  test('is told of a file by its number', async () => {
    expect(await (await open(new EditedVolume(tree))).file(FILE)).toMatchObject({ path: '/folder/file' });
  });

  test.each<[string, (made: EditedVolume) => void]>([
    ['is free', (made) => made.header(FOLDER, (view) => view.setUint16(0x16, 2, true))],
    ['is no directory', (made) => made.header(FOLDER, (view) => view.setUint16(0x16, 1, true))],
    ['has no name', (made) => made.remove(FOLDER, 0x30)],
    ['has a name too short to be one', (made) => made.replace(FOLDER, resident(0x30, new Uint8Array(20)))],
    ['has its name in clusters', (made) => made.replace(FOLDER, made.stored(0x30, new Uint8Array(80), FREE))],
    ['has no signature', (made) => made.view.setUint32(made.at(FOLDER), 0, true)],
  ])('hangs below the orphans where the folder %s', async (_, edit) => {
    const made = new EditedVolume(tree);
    const path = orphan(made);
    edit(made);
    expect((await (await open(made)).file(FILE)).path).toBe(path);
  });

  test('to a folder whose record cannot be read is told, and not one to a folder that does not exist', async () => {
    for (const [edit, codes] of [
      [(made: EditedVolume) => made.view.setUint32(made.at(FOLDER), 0, true), ['ntfs.record']],
      [
        (made: EditedVolume) =>
          made.rewrite(FILE, (parts) => {
            for (const part of parts)
              if (part[0] === 0x30) new DataView(part.buffer, part.byteOffset).setUint32(24, 9999, true);
            return parts;
          }),
        [],
      ],
    ] as const) {
      const made = new EditedVolume(tree);
      edit(made);
      const volume = await open(made);
      expect((await volume.file(FILE)).path).toContain('/$OrphanFiles/');
      expect(volume.issues.issues.map(({ code }) => code)).toEqual(codes);
    }
  });

  test('hangs below the orphans where the folder has another sequence number', async () => {
    const made = new EditedVolume(tree);
    const path = orphan(made);
    made.header(FOLDER, (view) => view.setUint16(0x10, 999, true));
    expect((await (await open(made)).file(FILE)).path).toBe(path);
  });
});

describe('a name in a folder', () => {
  const listed = async (edit: (made: EditedVolume) => void): Promise<NtfsVolume> => {
    const made = new EditedVolume((tree, root) => tree.addFile(root, 'file', { content: new Uint8Array(3) }));
    edit(made);
    return open(made);
  };
  const entry = async (volume: NtfsVolume): Promise<NtfsFile> => {
    for await (const batch of (await volume.root()).entries())
      for (const one of batch) if (one.name === 'file') return one.open();
    throw new Error('no entry');
  };

  test.each([
    ['free', (view: DataView) => view.setUint16(0x16, 0, true), 'free'],
    ['used by another file', (view: DataView) => view.setUint16(0x10, 999, true), 'sequence 999'],
  ])('whose record is %s by now is stale', async (_, edit, words) => {
    const volume = await listed((made) => made.header(FIRST, edit));
    await expect(entry(volume)).rejects.toMatchObject({
      code: 'NTFS_ENTRY_STALE',
      message: expect.stringContaining(`which is ${words}`),
    });
  });

  test('stays a file under the attribute of a reparse point without a tag', async () => {
    const made = new EditedVolume((tree, root) => tree.addFile(root, 'file', { attributes: 0x420 }));
    const volume = await open(made);
    for await (const batch of (await volume.root()).entries())
      for (const { name, type } of batch) if (name === 'file') expect(type).toBe('file');
  });

  test('of the 8.3 kind that stands alone is a contradiction, and no name for users', async () => {
    const made = new EditedVolume(
      (tree, root) => {
        tree.addFile(tree.addFolder(root, 'folder'), 'a long name', { content: new Uint8Array(3) });
      },
      { shortNames: true },
    );
    // The root value of the folder's index: its first entry is the long name, which becomes a second short one.
    made.rewrite(FIRST, (parts) =>
      parts.map((part) => {
        if (part[0] !== 0x90) return part;
        const first = new DataView(part.buffer, part.byteOffset).getUint16(0x14, true) + 0x20;
        part[first + 0x10 + 0x41] = 2;
        return part;
      }),
    );
    const volume = await open(made);
    const listing = (await fileOf(volume, '/folder')).entries();
    const names: string[] = [];
    for await (const batch of listing) names.push(...batch.map(({ name }) => name));
    expect(listing.contradictions.map(({ kind }) => kind)).toContain('short-name-alone');
    expect(names).toEqual(['a long name']);
  });
});

test('thousands of names that are not there do not make an end of what a volume keeps', async () => {
  const volume = await open(new EditedVolume());
  for (let i = 0; i < 2100; i += 1) expect(await volume.lookup(`/no ${i}`)).toBeUndefined();
  expect((await volume.lookup('/$MFT'))?.record).toBe(0);
  expect(await volume.lookup('/no 1')).toBeUndefined();
});
