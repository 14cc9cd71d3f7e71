import { createHash } from 'node:crypto';
import { constants, existsSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Bytes, isDeadboxError, MemorySource, toHex } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import type { ByteEdit, RepairPlan } from '@deadbox/repair';
import {
  applyRepair,
  type BlockWriter,
  finishRepair,
  journalState,
  readJournal,
  type StoredWrite,
  type UndoJournal,
  undoRepair,
} from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { openWriter } from '../../../packages/repair/src/storage/block-writer.node.js';
import { vmdkDescriptor } from '../../support/image/vmdk-writer.js';
import {
  type FileCalls,
  plainCalls,
  systemError,
  whileFileCalls,
  withFileCalls,
} from '../../support/repair/file-calls.js';
import { withDiskFile } from '../../support/repair/repaired-disk.js';
import { temporaryFolder } from '../../support/tools.js';

/*
 * Applying, undoing and finishing a repair, call by call: what is asked of the medium, in which order, and what is
 * left when a call fails.
 */

const folder = temporaryFolder();
const SECTOR = 512;
const NOW = new Date('2024-07-19T05:00:00.000Z');
let made = 0;

const newPath = (extension = 'img'): string => join(folder, `${(made += 1)}.${extension}`);
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const filled = (value: number, length = SECTOR): Bytes => new Uint8Array(length).fill(value);

const edit = (offset: number, before: readonly number[], after: readonly number[]): ByteEdit => ({
  volume: null,
  offset,
  before: toHex(Uint8Array.from(before)),
  after: toHex(Uint8Array.from(after)),
  what: 'boot-sector',
});

const planOf = (...edits: readonly ByteEdit[]): RepairPlan => ({
  operations: [{ id: 'set-hidden-sectors', volume: null, edits, data: { from: 1 } }],
  refusals: [],
});

/** A raw disk of eight sectors, each of its own number, as a file and opened. */
async function rawDisk(path = newPath(), name = path): Promise<{ path: string; disk: Disk }> {
  const bytes = new Uint8Array(8 * SECTOR);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = 1 + Math.floor(i / SECTOR);
  writeFileSync(path, bytes);
  return { path, disk: await openDisk(new MemorySource(bytes, { name }), { name }) };
}

/** Changes two bytes of sector 5 and one of sector 2, in this order. */
const TWO = planOf(edit(5 * SECTOR + 1, [6, 6], [0, 0]), edit(2 * SECTOR, [3], [9]));

type Call = readonly [call: string, file: string, offset?: number];

/** A writer that notes every call; the call of the number `fails` fails, counted from 0 over writes and flushes. */
function noting(calls: Call[], fails = -1, before: () => void = () => undefined): (path: string) => BlockWriter {
  let done = 0;
  const next = (): void => {
    done += 1;
    if (done - 1 === fails) throw systemError('ENOSPC');
  };
  return (path) => {
    const writer = openWriter(path);
    calls.push(['open', path]);
    return {
      read(offset, length) {
        calls.push(['read', path, offset]);
        return writer.read(offset, length);
      },
      write(offset, bytes) {
        before();
        calls.push(['write', path, offset]);
        next();
        writer.write(offset, bytes);
      },
      flush() {
        calls.push(['flush', path]);
        next();
        writer.flush();
      },
      close() {
        calls.push(['close', path]);
        writer.close();
      },
    };
  };
}

async function ending(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (!isDeadboxError(error)) return (error as Error).message;
    return { code: error.code, at: error.at, data: error.data };
  }
}

describe('a repair is applied', () => {
  test('after a look at every sector, in the order of the plan, each flushed before the next, the undo file first', async () => {
    const { path, disk } = await rawDisk();
    const original = readFileSync(path);
    const undo = newPath('json');
    const calls: Call[] = [];
    let journal: UndoJournal | undefined;
    const open = noting(calls, -1, () => {
      // Whole and readable before the first byte changes.
      if (journal === undefined) expect(readFileSync(path).equals(original)).toBe(true);
      journal = readJournal(undo);
    });
    const applied = await applyRepair(disk, TWO, undo, {
      open,
      tool: { name: 'a tool', version: '7' },
      now: () => NOW,
    });
    expect(applied).toEqual({ sectors: 2, changedBytes: 3, files: [path] });
    expect(calls).toEqual([
      ['open', path],
      ['read', path, 5 * SECTOR],
      ['read', path, 2 * SECTOR],
      ['close', path],
      ['open', path],
      ['write', path, 5 * SECTOR],
      ['flush', path],
      ['write', path, 2 * SECTOR],
      ['flush', path],
      ['close', path],
    ]);
    const expected = Buffer.from(original);
    expected.set([0, 0], 5 * SECTOR + 1);
    expected.set([9], 2 * SECTOR);
    expect(readFileSync(path).equals(expected)).toBe(true);
    const sector = (bytes: Buffer, number: number): Bytes =>
      Uint8Array.from(bytes.subarray(number * SECTOR, (number + 1) * SECTOR));
    expect(journal).toEqual({
      schema: 'deadbox.undo/1',
      tool: 'a tool',
      version: '7',
      createdAt: NOW.toISOString(),
      image: { path, format: 'raw', virtualSize: 8 * SECTOR },
      files: [{ path, size: 8 * SECTOR }],
      operations: [{ id: 'set-hidden-sectors', volume: null, data: { from: 1 } }],
      writes: [5, 2].map((number) => ({
        file: path,
        offset: number * SECTOR,
        before: sector(original, number),
        after: sector(expected, number),
      })),
    });
    undoRepair(readJournal(undo));
    expect(readFileSync(path).equals(original)).toBe(true);
  });

  test('by the writer of the system, with a name and the time of its own, where nothing else is said', async () => {
    const { path, disk } = await rawDisk();
    const undo = newPath('json');
    const start = Date.now();
    await applyRepair(disk, TWO, undo);
    const { tool, version, createdAt } = readJournal(undo);
    expect([tool, version]).toEqual(['deadbox', '0']);
    expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(start);
    expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.now());
    expect([...readFileSync(path).subarray(5 * SECTOR, 5 * SECTOR + 4)]).toEqual([6, 0, 0, 6]);
  });

  test('to files that are found from any folder, and to a device of Windows by its name', async () => {
    const { path } = await rawDisk();
    const named = async (name: string): Promise<string> => {
      const { disk } = await rawDisk(path, name);
      const undo = newPath('json');
      const calls: Call[] = [];
      const note = noting(calls);
      const applied = await applyRepair(disk, TWO, undo, { open: () => note(path) });
      expect(readJournal(undo).files[0].size).toBe(existsSync(name) ? 8 * SECTOR : 0);
      return applied.files[0];
    };
    expect(await named(relative(process.cwd(), path))).toBe(path);
    for (const device of ['\\\\.\\PhysicalDrive1', '\\\\?\\Volume{1}']) expect(await named(device)).toBe(device);
    for (const other of ['a\\\\.\\b', '\\\\!\\b', '\\\\.b']) expect(await named(other)).toBe(resolve(other));
  });

  test('with what its container is told first, in the file that says it', async () => {
    const inside = newPath('folder');
    const [path, extent] = [`${inside}.vmdk`, `${inside}-flat.vmdk`];
    const bytes = new Uint8Array(8 * SECTOR).fill(7);
    const name = extent.slice(folder.length + 1);
    const extents = [{ sectors: 8, type: 'FLAT', file: name, start: 0 }];
    writeFileSync(path, vmdkDescriptor({ type: 'monolithicFlat', extents, cid: '0123abcd' }));
    writeFileSync(extent, bytes);
    const before = [path, extent].map(sha256);
    const undo = newPath('json');
    const calls: Call[] = [];
    await withDiskFile(path, async (disk) => {
      const applied = await applyRepair(disk, planOf(edit(3 * SECTOR, [7], [1])), undo, { open: noting(calls) });
      expect(applied).toMatchObject({ sectors: 2, files: [path, extent] });
    });
    const at = readFileSync(path).indexOf('CID=') + 4;
    expect(calls).toEqual([
      ['open', path],
      ['open', extent],
      ['read', path, at],
      ['read', extent, 3 * SECTOR],
      ['close', path],
      ['close', extent],
      ['open', path],
      ['open', extent],
      ['write', path, at],
      ['flush', path],
      ['write', extent, 3 * SECTOR],
      ['flush', extent],
      ['close', path],
      ['close', extent],
    ]);
    const { files } = readJournal(undo);
    expect(files).toEqual([path, extent].map((one) => ({ path: one, size: readFileSync(one).length })));
    expect([path, extent].map(sha256)).not.toEqual(before);
    expect(undoRepair(readJournal(undo)).files).toEqual([extent, path]);
    expect([path, extent].map(sha256)).toEqual(before);
  });

  test('and what its descriptor is read through is opened once, and given back, also where it cannot be read', async () => {
    const inside = newPath('folder');
    const [path, extent] = [`${inside}.vmdk`, `${inside}-flat.vmdk`];
    const extents = [{ sectors: 8, type: 'FLAT', file: extent.slice(folder.length + 1), start: 0 }];
    writeFileSync(path, vmdkDescriptor({ type: 'monolithicFlat', extents }));
    writeFileSync(extent, filled(7, 8 * SECTOR));
    await withDiskFile(path, async (disk) => {
      for (const fails of [true, false]) {
        const handles = new Map<number, string>();
        const opened: [string, unknown][] = [];
        const calls: FileCalls = {
          openSync: (...args: Parameters<typeof plainCalls.openSync>) => {
            const handle = plainCalls.openSync(...args);
            handles.set(handle, String(args[0]));
            opened.push([String(args[0]), args[1]]);
            return handle;
          },
          closeSync: (handle: number) => {
            handles.delete(handle);
            plainCalls.closeSync(handle);
          },
          readSync: (...args: Parameters<typeof plainCalls.readSync>) => {
            if (fails && handles.has(args[0])) throw systemError('EIO');
            return plainCalls.readSync(...args);
          },
        };
        const work = (): Promise<unknown> => applyRepair(disk, planOf(edit(0, [7], [1])), newPath('json'));
        const answer = await whileFileCalls(calls, () => ending(work));
        expect(answer).toMatchObject(fails ? { code: 'READ_FAILED' } : { sectors: 2 });
        expect([...handles.values()]).toEqual([]);
        expect(opened.filter(([name, flags]) => name === path && flags === constants.O_RDONLY)).toHaveLength(1);
      }
    });
  });
});

describe('a repair is not begun, and no undo file made,', () => {
  test('of a plan that changes nothing', async () => {
    const { disk } = await rawDisk();
    const undo = newPath('json');
    expect(await ending(() => applyRepair(disk, { operations: [], refusals: [] }, undo))).toEqual({
      code: 'REPAIR_REFUSED',
      at: undefined,
      data: {},
    });
    expect(existsSync(undo)).toBe(false);
  });

  test('where somebody else wrote to the image since the plan was made', async () => {
    for (const [at, value] of [
      [5 * SECTOR, 77],
      [2 * SECTOR + 511, 77],
      [2 * SECTOR, 9],
    ]) {
      const { path, disk } = await rawDisk();
      const bytes = readFileSync(path);
      bytes[at] = value;
      writeFileSync(path, bytes);
      const undo = newPath('json');
      const calls: Call[] = [];
      expect(await ending(() => applyRepair(disk, TWO, undo, { open: noting(calls) }))).toEqual({
        code: 'REPAIR_UNEXPECTED_BYTES',
        at: { layer: path, offset: at - (at % SECTOR) },
        data: {},
      });
      expect([existsSync(undo), readFileSync(path).equals(bytes)]).toEqual([false, true]);
      expect(calls.map(([call]) => call)).toEqual(['open', 'read', 'read', 'close']);
    }
  });

  test('where two names of one file would get different bytes', async () => {
    const { path } = await rawDisk();
    const other = newPath();
    symlinkSync(path, other);
    const [one, two] = [path, other].map((name) => new MemorySource(filled(1), { name }));
    const image = {
      size: 2 * SECTOR,
      format: 'raw',
      details: {},
      issues: [],
      parents: [],
      ownFiles: [path, other],
      read: (_: number, length: number) => filled(1, length),
      async *extents(start: number) {
        const [source, offset] = start < SECTOR ? [one, start] : [two, start - SECTOR];
        yield [{ kind: 'data', offset: start, length: SECTOR - offset, origin: { source, offset } }];
      },
    };
    const disk = { name: path, image, volumes: [] } as unknown as Disk;
    const undo = newPath('json');
    const before = sha256(path);
    const twice = (value: number): RepairPlan => planOf(edit(0, [1], [2]), edit(SECTOR, [1], [value]));
    expect(await ending(() => applyRepair(disk, twice(3), undo))).toEqual({
      code: 'REPAIR_NOT_STORED',
      at: { layer: other, offset: 0 },
      data: { storedIn: other, offset: 0 },
    });
    expect([existsSync(undo), sha256(path)]).toEqual([false, before]);
    expect(await applyRepair(disk, twice(2), undo)).toMatchObject({ sectors: 2 });
  });

  test('where an undo file is there already', async () => {
    const { path, disk } = await rawDisk();
    const undo = newPath('json');
    writeFileSync(undo, 'mine');
    const before = sha256(path);
    expect(await ending(() => applyRepair(disk, TWO, undo))).toMatchObject({ code: 'REPAIR_JOURNAL_EXISTS' });
    expect([readFileSync(undo, 'utf8'), sha256(path)]).toEqual(['mine', before]);
  });
});

/** A journal of writes to some files, whose sectors are filled with `before` now; none of them opened. */
function journalOf(
  writes: readonly (readonly [file: string, offset: number])[],
  sizes: Record<string, number> = {},
): UndoJournal {
  const listed = writes.map(([file, offset], i): StoredWrite => {
    const after = filled(1);
    after.set(filled(0x20 + i, i + 1), 100);
    return { file, offset, before: filled(1), after };
  });
  return {
    schema: 'deadbox.undo/1',
    tool: 'deadbox',
    version: '1',
    createdAt: NOW.toISOString(),
    image: { path: 'disk.img', format: 'raw', virtualSize: 4 * SECTOR },
    files: [...new Set(writes.map(([file]) => file))].map((path) => ({ path, size: sizes[path] ?? 4 * SECTOR })),
    operations: [],
    writes: listed,
  };
}

function newFile(): string {
  const path = newPath();
  writeFileSync(path, filled(1, 4 * SECTOR));
  return path;
}

/** Writes the sectors of a journal as they are in each state. */
function bring(journal: UndoJournal, states: readonly string[]): void {
  for (const [i, write] of journal.writes.entries()) {
    const torn = write.before.slice();
    torn.set(write.after.subarray(0, 101), 0);
    const foreign = write.before.slice();
    foreign[511] ^= 0x55;
    const bytes = { before: write.before, after: write.after, torn, foreign }[states[i]] ?? write.before;
    const writer = openWriter(write.file);
    writer.write(write.offset, bytes);
    writer.close();
  }
}

describe('an undo file and its image', () => {
  const [A, B] = [SECTOR, 3 * SECTOR];

  test('are compared sector by sector', async () => {
    const [one, two] = [newFile(), newFile()];
    const journal = journalOf([
      [one, 0],
      [two, A],
      [one, B],
      [two, 0],
    ]);
    const states = ['before', 'after', 'torn', 'foreign'];
    bring(journal, ['before', 'after', 'before', 'foreign']);
    expect(journalState(journal).sectors).toEqual(['before', 'after', 'before', 'foreign']);
    // Two bytes and more are needed for a sector to be torn.
    bring(journal, states);
    expect(journalState(journal)).toEqual({ journal, sectors: states });
    const calls: Call[] = [];
    expect(journalState(journal, { open: noting(calls) }).sectors).toEqual(states);
    expect(calls.map(([call]) => call)).toEqual(['open', 'open', 'read', 'read', 'read', 'read', 'close', 'close']);
  });

  test('where a file is shorter than it was, or gone, end in an error; a longer one, or a device, does not', async () => {
    const path = newFile();
    const journal = journalOf([[path, 0]]);
    truncateSync(path, 3 * SECTOR);
    expect(await ending(() => journalState(journal))).toEqual({
      code: 'REPAIR_UNEXPECTED_BYTES',
      at: { layer: path, offset: 3 * SECTOR },
      data: {},
    });
    truncateSync(path, 9 * SECTOR);
    expect(journalState(journal).sectors).toEqual(['before']);
    truncateSync(path, 2 * SECTOR);
    expect(journalState(journalOf([[path, 0]], { [path]: 0 })).sectors).toEqual(['before']);
    const missing = newPath();
    expect(await ending(() => journalState(journalOf([[missing, 0]])))).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    // What is no file says nothing of its size.
    const open = (): BlockWriter => openWriter(path);
    expect(journalState(journalOf([[folder, 0]], { [folder]: 1 << 30 }), { open }).sectors).toEqual(['before']);
    const statSync = () => {
      throw systemError('EACCES');
    };
    expect(withFileCalls({ statSync }, () => journalState(journalOf([[path, 0]]), { open })).sectors).toEqual([
      'before',
    ]);
  });

  test.each<[readonly string[], readonly number[]]>([
    [
      ['after', 'after', 'after'],
      [2, 1, 0],
    ],
    [
      ['after', 'before', 'torn'],
      [2, 0],
    ],
    [
      ['before', 'torn', 'after'],
      [2, 1],
    ],
    [['before', 'before', 'before'], []],
  ])('undo puts back what is not as before, the last first: %j', (states, order) => {
    const [one, two] = [newFile(), newFile()];
    const journal = journalOf([
      [one, A],
      [two, B],
      [one, 0],
    ]);
    const original = [one, two].map(sha256);
    bring(journal, states);
    const calls: Call[] = [];
    const undone = undoRepair(journal, { open: noting(calls) });
    const written = order.map((i) => journal.writes[i]);
    expect(undone).toEqual({
      sectors: order.length,
      changedBytes: order.reduce((sum, i) => sum + i + 1, 0),
      files: [...new Set(written.map(({ file }) => file))],
    });
    expect(calls.filter(([call]) => call === 'write' || call === 'flush')).toEqual(
      written.flatMap(({ file, offset }) => [
        ['write', file, offset],
        ['flush', file],
      ]),
    );
    expect([one, two].map(sha256)).toEqual(original);
    bring(journal, states);
    expect(undoRepair(journal)).toEqual(undone);
    expect([one, two].map(sha256)).toEqual(original);
  });

  test.each<[readonly string[], readonly number[]]>([
    [
      ['before', 'before', 'before'],
      [0, 1, 2],
    ],
    [
      ['after', 'torn', 'before'],
      [1, 2],
    ],
    [['after', 'after', 'after'], []],
  ])('finishing writes what is not as afterwards, the first first: %j', (states, order) => {
    const [one, two] = [newFile(), newFile()];
    const journal = journalOf([
      [one, A],
      [two, B],
      [one, 0],
    ]);
    bring(journal, ['after', 'after', 'after']);
    const repaired = [one, two].map(sha256);
    bring(journal, states);
    const calls: Call[] = [];
    expect(finishRepair(journal, { open: noting(calls) }).sectors).toBe(order.length);
    expect(calls.filter(([call]) => call === 'write').map(([, file, offset]) => [file, offset])).toEqual(
      order.map((i) => [journal.writes[i].file, journal.writes[i].offset]),
    );
    expect([one, two].map(sha256)).toEqual(repaired);
    bring(journal, states);
    finishRepair(journal);
    expect([one, two].map(sha256)).toEqual(repaired);
  });

  test('are left alone where a sector is of somebody else, the first one being named', async () => {
    for (const states of [
      ['foreign', 'after'],
      ['after', 'foreign'],
      ['foreign', 'foreign'],
    ]) {
      const path = newFile();
      const journal = journalOf([
        [path, A],
        [path, B],
      ]);
      bring(journal, states);
      const before = sha256(path);
      for (const work of [undoRepair, finishRepair]) {
        const calls: Call[] = [];
        expect(await ending(() => work(journal, { open: noting(calls) }))).toEqual({
          code: 'REPAIR_UNEXPECTED_BYTES',
          at: { layer: path, offset: states[0] === 'foreign' ? A : B },
          data: {},
        });
        expect(calls.map(([call]) => call)).toEqual(['open', 'read', 'read', 'close']);
      }
      expect(sha256(path)).toBe(before);
    }
  });

  test('where a write or a flush fails say how far it came, and give every handle back', async () => {
    for (let fails = 0; fails < 6; fails += 1) {
      const path = newFile();
      const journal = journalOf([
        [path, 0],
        [path, A],
        [path, B],
      ]);
      const calls: Call[] = [];
      expect(await ending(() => finishRepair(journal, { open: noting(calls, fails) }))).toEqual({
        code: 'REPAIR_WRITE_FAILED',
        at: undefined,
        data: { written: Math.floor(fails / 2), sectors: 3 },
      });
      expect(calls.filter(([call]) => call === 'close')).toHaveLength(2);
      expect(journalState(journal).sectors).toEqual(
        [0, 1, 2].map((i) => (i < Math.ceil(fails / 2) ? 'after' : 'before')),
      );
    }
  });

  test('where one file cannot be opened change none of the others, which are given back', async () => {
    const [one, two] = [newFile(), newFile()];
    const journal = journalOf([
      [one, 0],
      [two, 0],
    ]);
    const calls: Call[] = [];
    let opened = 0;
    const note = noting(calls);
    const open = (path: string): BlockWriter => {
      opened += 1;
      if (opened === 4) throw systemError('EROFS');
      return note(path);
    };
    expect(await ending(() => finishRepair(journal, { open }))).toEqual({
      code: 'REPAIR_WRITE_FAILED',
      at: undefined,
      data: { written: 0, sectors: 2 },
    });
    expect(calls.slice(-2)).toEqual([
      ['open', one],
      ['close', one],
    ]);
    expect(journalState(journal).sectors).toEqual(['before', 'before']);
  });
});
