import { type ByteSource, IssueLog, isTransportError, MemorySource, type ReadOptions } from '@deadbox/core';
import { bodyFileLines, MftTable, NtfsVolume, pathLines, type ScanOptions } from '@deadbox/ntfs';
import { hashLines } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { appendAttribute, emptyRecord, listValue, seal, viewOf } from '../../support/file-record-writer.js';
import { EditedVolume, nonResident, resident, typeOf } from '../../support/ntfs/edited-volume.js';
import { FailingReads } from '../../support/ntfs/failing-reads.js';
import type { Run } from '../../support/ntfs-writer/layout.js';

const CLUSTER = 4096;
const FREE = 2000;
const [FIRST, SPARE] = [24, 14];

function open(made: EditedVolume, options: ReadOptions = {}): Promise<NtfsVolume> {
  return NtfsVolume.open(new MemorySource(made.bytes), options);
}

/** A volume with `/file` in record 24, as `edit` leaves it. */
function edited(edit: (made: EditedVolume) => void, attributes = 0x20): EditedVolume {
  const made = new EditedVolume((tree, root) =>
    tree.addFile(root, 'file', { attributes, content: new Uint8Array(24) }),
  );
  edit(made);
  return made;
}

async function tableOf(made: EditedVolume, options: ScanOptions = {}): Promise<{ table: MftTable; issues: string[] }> {
  const volume = await open(made);
  const table = await volume.mft(options);
  return { table, issues: volume.issues.issues.map(({ code }) => code) };
}

function paths(table: MftTable, deleted: 'include' | undefined = undefined): string[] {
  return [...table.rows(deleted === undefined ? {} : { deleted })]
    .map((row) => table.path(row))
    .filter((path) => path !== '/');
}

function text(chunks: Iterable<Uint8Array>): string {
  return [...chunks].map((chunk) => Buffer.from(chunk).toString()).join('');
}

/** A reparse point of Microsoft. */
function point(tag: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(tag, 0).buffer);
}

describe('an attribute that the table passes over', () => {
  const value = (type: number, bytes: number, offset: number): Uint8Array => {
    const part = resident(type, new Uint8Array(bytes)).bytes;
    viewOf(part).setUint16(0x14, offset, true);
    return part;
  };
  const short = (type: number): Uint8Array => {
    const part = new Uint8Array(56);
    const view = viewOf(part);
    view.setUint32(0, type, true);
    view.setUint32(4, part.length, true);
    part[8] = 1;
    return part;
  };

  test.each<[string, (made: EditedVolume) => void]>([
    ['a file name of fewer bytes than one has', (made) => made.add(FIRST, resident(0x30, new Uint8Array(0x43)))],
    ['a file name of no letters', (made) => made.add(FIRST, resident(0x30, new Uint8Array(0x50)))],
    ['non-resident data shorter than its header', (made) => made.rewrite(FIRST, (parts) => [...parts, short(0x80)])],
    ['a value that begins in its own header', (made) => made.rewrite(FIRST, (parts) => [...parts, value(0x80, 8, 8)])],
    ['a value behind its attribute', (made) => made.rewrite(FIRST, (parts) => [...parts, value(0x80, 8, 40)])],
  ])('is told: %s', async (_, edit) => {
    const { table, issues } = await tableOf(edited(edit));
    expect(paths(table)).toEqual(['/file']);
    expect(table.record(FIRST)?.size).toBe(24);
    expect(issues).toEqual(['ntfs.attribute']);
  });

  test('is no issue where it only says nothing: times too short, a reparse point without a tag', async () => {
    const { table, issues } = await tableOf(
      edited((made) => {
        made.replace(FIRST, resident(0x10, new Uint8Array(32)));
        made.add(FIRST, resident(0xc0, new Uint8Array(4)));
      }),
    );
    expect(table.record(FIRST)).toMatchObject({ type: 'file', attributes: 0, times: { created: 0n } });
    expect(table.record(FIRST)).not.toHaveProperty('reparseTag');
    expect(issues).toEqual([]);
  });

  test('is a second unnamed stream: the last one counts, and its hash is not taken from the table', async () => {
    const { table } = await tableOf(
      edited((made) => made.add(FIRST, resident(0x80, new Uint8Array(9)))),
      { contents: true },
    );
    expect(table.record(FIRST)?.size).toBe(9);
    expect(table.columns.contents?.has(FIRST)).toBe(false);
  });
});

describe('the tag of a reparse point in clusters', () => {
  test('is that of the name', async () => {
    const made = edited((volume) => {
      volume.add(FIRST, volume.stored(0xc0, point(0xa000_000c), FREE));
      volume.rewrite(FIRST, (parts) => {
        for (const part of parts)
          if (typeOf(part) === 0x30) {
            viewOf(part).setUint32(24 + 0x38, 0x420, true);
            viewOf(part).setUint32(24 + 0x3c, 0xa000_000c, true);
          }
        return parts;
      });
    }, 0x420);
    const { table } = await tableOf(made);
    expect(table.record(FIRST)).toMatchObject({ type: 'symlink', reparseTag: 0xa000_000c });
    expect(text(bodyFileLines(table))).toMatch(/\|\/file\|24\|l\/lrwxrwxrwx\|/);
  });
});

describe('a table without times', () => {
  test('has records without times and attributes', async () => {
    const { table } = await tableOf(
      edited(() => undefined),
      { times: false, streams: false },
    );
    const record = table.record(FIRST);
    expect(record).toMatchObject({ attributes: 0, size: 24, streams: [] });
    expect(record).not.toHaveProperty('times');
    expect(table.namesOf(1 << 20)).toEqual([]);
    expect(table.record(1 << 20)).toBeUndefined();
    expect(table.streamsOf(1 << 20)).toEqual([]);
  });
});

describe('the names of a table', () => {
  test.each([true, false])('are all there, however many more they are than records (times: %s)', async (times) => {
    const links = Array.from({ length: 4 }, (_, i) => `l${i}`);
    const made = new EditedVolume((tree, root) => {
      for (let i = 0; i < 200; i += 1) {
        const file = tree.addFile(root, `f${i}`);
        for (const name of links) tree.link(file, root, `${name} of ${i}`);
      }
    });
    const { table } = await tableOf(made, { times });
    const wanted = Array.from({ length: 200 }, (_, i) => [`/f${i}`, ...links.map((name) => `/${name} of ${i}`)]);
    expect(paths(table)).toEqual(wanted.flat());
    const created = [...table.rows()].map((row) => table.name(row).times?.created);
    expect(created.every((time) => (time !== undefined) === times)).toBe(true);
  });

  test('have the 8.3 forms among them when those are wanted, and paths the long ones, whichever comes first', async () => {
    const made = new EditedVolume(
      (tree, root) => tree.addFile(tree.addFolder(root, 'long folder name'), 'long file name'),
      { shortNames: true },
    );
    for (const turned of [false, true]) {
      if (turned)
        made.rewrite(FIRST, (parts) => [
          ...parts.filter((part) => typeOf(part) < 0x30),
          ...parts.filter((part) => typeOf(part) === 0x30).reverse(),
          ...parts.filter((part) => typeOf(part) > 0x30),
        ]);
      const { table } = await tableOf(made);
      expect(paths(table)).toEqual(['/long folder name', '/long folder name/long file name']);
      const all = [...table.rows({ shortNames: true })].map((row) => table.path(row)).filter((path) => path !== '/');
      expect(all.toSorted()).toEqual([
        '/LONGFO~1',
        '/long folder name',
        '/long folder name/LONGFI~1',
        '/long folder name/long file name',
      ]);
    }
  });

  test('that nobody lists make no line', async () => {
    const { table } = await tableOf(new EditedVolume());
    expect([...pathLines(table)]).toEqual([]);
  });
});

describe('a table that', () => {
  const scanned = (source: ByteSource, recordCount: number, options?: ScanOptions) =>
    MftTable.scan({ source, recordSize: 1024, recordCount }, options);

  test('has no record is empty', async () => {
    const table = await scanned(new MemorySource(new Uint8Array(0)), 0);
    expect([table.recordCount, table.badRecords, [...table.rows()]]).toEqual([0, 0, []]);
  });

  test('cannot be read counts every record, and names the first sixteen', async () => {
    const issues = new IssueLog();
    const source = withBadPlaces(new MemorySource(new Uint8Array(40 * 1024)), [
      { offset: 5 * 1024, length: 20 * 1024 },
    ]);
    const table = await MftTable.scan({ source, recordSize: 1024, recordCount: 40, issues });
    expect([table.badRecords, table.recordCount]).toEqual([20, 40]);
    expect(issues.issues).toMatchObject([
      { code: 'ntfs.read-failed', data: { records: 20, first: Array.from({ length: 16 }, (_, i) => 5 + i) } },
    ]);
  });

  test('is halved for a bad sector ends where the connection is lost', async () => {
    const source = new FailingReads(new Uint8Array(40 * 1024));
    const lost: ByteSource = {
      size: source.size,
      read: (offset, length) => {
        source.begin(0, length === source.size ? 'sector' : 'connection');
        return source.read(offset, length);
      },
    };
    await expect(scanned(lost, 40)).rejects.toSatisfy((error) => isTransportError(error));
  });
});

describe('what is deleted', () => {
  test('is marked in a body file: files, folders, streams, and both lines of a name', async () => {
    const made = new EditedVolume((tree, root) => {
      tree.addFile(root, 'file', { content: new Uint8Array(3), streams: { side: new Uint8Array(2) } });
      tree.addFolder(root, 'folder');
    });
    for (const record of [FIRST, FIRST + 1])
      made.header(record, (view) => view.setUint16(0x16, view.getUint16(0x16, true) & ~1, true));
    const { table } = await tableOf(made, { deleted: true });
    const lines = text(bodyFileLines(table))
      .split('\n')
      .filter((line) => /\|\/f/.test(line));
    expect(lines.map((line) => line.split('|').slice(1, 4).join('|'))).toEqual([
      `/file (deleted)|${FIRST}|-/rrwxrwxrwx`,
      `/file ($FILE_NAME) (deleted)|${FIRST}|-/rrwxrwxrwx`,
      `/file:side (deleted)|${FIRST}|-/rrwxrwxrwx`,
      `/folder (deleted)|${FIRST + 1}|-/drwxrwxrwx`,
      `/folder ($FILE_NAME) (deleted)|${FIRST + 1}|-/drwxrwxrwx`,
    ]);
    const chunks: Uint8Array[] = [];
    const options = { volume: new MemorySource(made.bytes), affords: () => true, hash: () => Promise.resolve(null) };
    for await (const chunk of hashLines(table, options)) chunks.push(chunk.slice());
    expect(text(chunks)).not.toContain('/file');
  });
});

describe('an extension record in the table', () => {
  const FOREIGN = { record: FIRST, sequence: 999 };
  const withExtension = (
    parts: readonly Uint8Array[],
    base: { record: number; sequence: number },
    edit: { readonly free?: readonly number[]; readonly list?: boolean } = {},
  ): EditedVolume => {
    const made = edited((volume) => {
      if (edit.list !== false)
        volume.add(
          FIRST,
          resident(
            0x20,
            listValue([{ type: 0xc0, name: new Uint8Array(0), vcn: 0, record: SPARE, sequence: 1, id: 0 }]),
          ),
        );
    });
    const record = emptyRecord(1024, SPARE, base);
    for (const part of parts) appendAttribute(record, part);
    made.bytes.set(seal(record), made.at(SPARE));
    for (const number of edit.free ?? []) made.header(number, (view) => view.setUint16(0x16, 0, true));
    return made;
  };
  const own = { record: FIRST, sequence: 0 };

  test('gives the file its reparse tag', async () => {
    const { table, issues } = await tableOf(withExtension([resident(0xc0, point(0xa000_000c)).bytes], own));
    expect(table.record(FIRST)).toMatchObject({ type: 'symlink' });
    expect(issues).toEqual([]);
  });

  test('of another life of its base is told, but not where it is deleted itself', async () => {
    expect((await tableOf(withExtension([], FOREIGN))).issues).toContain('ntfs.extension-record');
    const free = withExtension([], FOREIGN, { free: [SPARE] });
    expect((await tableOf(free, { deleted: true })).issues).not.toContain('ntfs.extension-record');
  });

  test('in use under a deleted base is none of its records, and a deleted one keeps its own', async () => {
    const mixed = withExtension([], own, { free: [FIRST] });
    expect((await tableOf(mixed, { deleted: true })).issues).toContain('ntfs.extension-record');
    // Deleting has raised the sequence number of the base record by one.
    const made = withExtension([resident(0xc0, point(0xa000_000c)).bytes], own, { free: [FIRST, SPARE] });
    const number = made.view.getUint16(made.at(FIRST) + 0x10, true);
    made.header(SPARE, (view) => view.setUint16(0x26, number - 1 || 1, true));
    if (number === 1) made.header(FIRST, (view) => view.setUint16(0x10, 2, true));
    expect((await tableOf(made, { deleted: true })).table.record(FIRST)).toMatchObject({
      type: 'symlink',
      inUse: false,
    });
  });
});

describe('a path of the table', () => {
  test('hangs below the orphans where its folder is behind the table, no folder, or has no name', async () => {
    for (const [edit, folder] of [
      [(view: DataView) => view.setUint32(0, 9999, true), 9999],
      [(view: DataView) => view.setUint32(0, FIRST + 1, true), FIRST + 1],
    ] as const) {
      const made = new EditedVolume((tree, root) => {
        tree.addFile(root, 'file');
        tree.addFile(root, 'other');
      });
      made.rewrite(FIRST, (parts) => {
        for (const part of parts) if (typeOf(part) === 0x30) edit(new DataView(part.buffer, part.byteOffset + 24));
        return parts;
      });
      expect(paths((await tableOf(made)).table)).toEqual([expect.stringContaining(`OrphanFiles/${folder}-`), '/other']);
    }
    const nameless = new EditedVolume((tree, root) => tree.addFile(tree.addFolder(root, 'folder'), 'file'));
    nameless.remove(FIRST, 0x30);
    expect(paths((await tableOf(nameless)).table)).toEqual([expect.stringMatching(/^\/\$OrphanFiles\/24-\d+\/file$/)]);
  });

  test('longer than the room that paths have at first is written whole', async () => {
    const made = new EditedVolume((tree, root) => {
      let folder = root;
      for (let depth = 0; depth < 30; depth += 1) folder = tree.addFolder(folder, 'd'.repeat(200));
      tree.addFile(folder, 'file');
    });
    const { table } = await tableOf(made);
    expect(paths(table).at(-1)).toBe(`${`/${'d'.repeat(200)}`.repeat(30)}/file`);
  });

  test('is right however many folders with long names were on the way', async () => {
    // What is kept of folders' paths has room for 8 MiB: this way down alone has more.
    const folder = '\u6f22'.repeat(255);
    const DEPTH = 160;
    const made = new EditedVolume((tree, root) => {
      let at = root;
      for (let depth = 0; depth < DEPTH; depth += 1) at = tree.addFolder(at, folder);
      tree.addFile(at, 'deep');
      tree.addFile(tree.addFolder(root, 'other'), 'file');
    });
    const { table } = await tableOf(made);
    const way = Array.from({ length: DEPTH }, (_, i) => `/${folder}`.repeat(i + 1));
    expect(paths(table)).toEqual([...way, `${way.at(-1)}/deep`, '/other', '/other/file']);
  });

  test('with a bar, a control character or half a character in a stream is made safe for its line', async () => {
    const streams = { 'a|b': new Uint8Array(1), 'c\u0001d': new Uint8Array(1), 'e\ud800f': new Uint8Array(1) };
    const made = new EditedVolume((tree, root) => tree.addFile(root, 'file', { content: new Uint8Array(1), streams }));
    const { table } = await tableOf(made);
    const plain = text(bodyFileLines(table));
    expect(plain).toContain('|/file:a\\u{7c}b|');
    expect(plain).toContain('|/file:c\u0001d|');
    expect(plain).toContain('|/file:e\ufffdf|');
    const escaped = text(bodyFileLines(table, { escape: (path) => path.replaceAll('\u0001', '\\u{1}') }));
    expect(escaped).toContain('|/file:c\\u{1}d|');
  });
});

describe('a hole in what $MFT has', () => {
  const mftOf = async (runs: readonly Run[], size: number) => {
    const made = edited(() => undefined);
    const next = nonResident(0x80, [{ lcn: made.at(0) / CLUSTER, length: 8 }, ...runs], { size }, CLUSTER);
    viewOf(next.bytes).setBigInt64(0x18, -1n, true);
    made.replace(0, next);
    return tableOf(made);
  };

  test('that its runs leave is told with the records that are lost', async () => {
    const { table, issues } = await mftOf([], 16 * CLUSTER);
    expect(paths(table)).toContain('/file');
    expect([table.badRecords, issues]).toEqual([32, ['ntfs.read-failed']]);
  });

  test('larger than the volume costs nothing: no volume has more records than bytes for them', async () => {
    const runs = [
      { lcn: -1, length: 200_000 },
      { lcn: FREE, length: 1 },
    ];
    const { table } = await mftOf(runs, 200_009 * CLUSTER);
    expect([paths(table), table.recordCount]).toEqual([['/file'], FIRST + 1]);
  });
});
