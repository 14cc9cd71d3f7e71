import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, type Stats, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, isDeadboxError, type Json } from '@deadbox/core';
import { readJournal } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { placeOf, writeJournal } from '../../../packages/repair/src/journal/journal-file.node.js';
import {
  formatJournal,
  journalOperations,
  parseJournal,
  sectorState,
  type UndoJournal,
} from '../../../packages/repair/src/journal/undo-journal.js';
import { type FileCalls, plainCalls, systemError, withFileCalls } from '../../support/repair/file-calls.js';
import { temporaryFolder } from '../../support/tools.js';

/*
 * The undo file: what is in it, that it is read back to the byte, and that nothing that was changed in it is used.
 */

const folder = temporaryFolder();
let made = 0;
const IMAGE = '/vm/disk.img';
const SIZE = 8192;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const filled = (value: number, length = 512): Bytes => new Uint8Array(length).fill(value);

/** A write as the file has it. */
function write(offset: number, before: Uint8Array = filled(1), after: Uint8Array = filled(0xff)): Record<string, Json> {
  return {
    file: IMAGE,
    offset,
    before: Buffer.from(before).toString('base64'),
    after: Buffer.from(after).toString('base64'),
    beforeSha256: sha256(before),
    afterSha256: sha256(after),
  };
}

function file(changes: Record<string, Json> = {}): Record<string, Json> {
  return {
    schema: 'deadbox.undo/1',
    tool: 'deadbox',
    version: '1.0.0',
    createdAt: '2024-07-19T05:00:00.000Z',
    image: { path: IMAGE, format: 'raw', virtualSize: SIZE },
    files: [{ path: IMAGE, size: SIZE }],
    operations: [{ id: 'neutralise-file', volume: 1, data: { path: '/a' } }],
    writes: [write(512)],
    ...changes,
  };
}

/** What a text comes to: the number of writes, or the reason why it is not used. */
function parsed(content: Json | string): string {
  try {
    return String(parseJournal(typeof content === 'string' ? content : JSON.stringify(content)).writes.length);
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    expect(error.code).toBe('REPAIR_JOURNAL_INVALID');
    return error.message.replace('This undo file cannot be used: ', '');
  }
}

describe('an undo file is read back', () => {
  const before = Uint8Array.from({ length: 256 }, (_, i) => i);
  const after = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);
  const journal: UndoJournal = {
    schema: 'deadbox.undo/1',
    tool: 'deadbox',
    version: '1.0.0',
    createdAt: '2024-07-19T05:00:00.000Z',
    image: { path: IMAGE, format: 'raw', virtualSize: SIZE },
    files: [{ path: IMAGE, size: SIZE }],
    operations: [
      { id: 'neutralise-file', volume: 1, data: { path: '/a' } },
      { id: 'restore-gpt', volume: null, data: {} },
    ],
    writes: [
      { file: IMAGE, offset: 7, before, after },
      { file: IMAGE, offset: 0, before: after.slice(0, 1), after: before.slice(0, 1) },
    ],
  };

  test('as it was written, every byte of it', () => {
    const text = formatJournal(journal);
    expect(parseJournal(text)).toEqual(journal);
    expect(text.endsWith('}\n')).toBe(true);
    const plain = JSON.parse(text) as { writes: unknown[] };
    expect(plain.writes).toEqual([write(7, before, after), write(0, after.slice(0, 1), before.slice(0, 1))]);
    expect({ ...plain, writes: [] }).toEqual({ ...journal, writes: [] });
  });

  test('of a plan it says what is done, without the bytes', () => {
    const edits = [{ volume: 1, offset: 0, before: '00', after: '01', what: 'file-name' as const }];
    const operations = [{ id: 'neutralise-file' as const, volume: 1, data: { path: '/a' }, edits }];
    expect(journalOperations({ operations, refusals: [] })).toEqual([journal.operations[0]]);
  });

  test('with what somebody else added to it', () => {
    expect(parsed(file({ more: [1, 2], writes: [{ ...write(0), more: null }, write(512)] }))).toBe('2');
    expect(parsed(file({ operations: [], writes: [] }))).toBe('0');
    expect(parsed(file({ operations: [{ id: 'restore-gpt', volume: null, data: {} }] }))).toBe('1');
    expect(parsed(file({ operations: [{ id: 'a', volume: 0 }] }))).toBe('1');
  });

  test.each(['2024-07-19T05:00:00Z', '2024-07-19T05:00:00.1Z', '2024-07-19T05:00:00.123456Z'])(
    'of the time %s',
    (time) => {
      expect(parsed(file({ createdAt: time }))).toBe('1');
    },
  );
});

describe('an undo file is not used', () => {
  test('of another schema, or that is no JSON', () => {
    expect(parsed('{')).toMatch(/^it is no JSON/);
    for (const other of [[], null, 7, '"text"', {}, file({ schema: 'deadbox.undo/2' }), file({ schema: null })])
      expect(parsed(other)).toMatch(/^its schema is not/);
  });

  const values: readonly Json[] = [null, 7, 'text', {}, [null], [7], ['text'], [{}]];

  test.each<[string, readonly Json[]]>([
    ['writes', values.slice(0, 4)],
    ['files', values],
    ['files', [[{ path: IMAGE, size: -1 }], [{ path: IMAGE, size: 0.5 }], [{ path: 7, size: 1 }], [{ path: IMAGE }]]],
    ['files', [[{ path: IMAGE, size: SIZE }, null]]],
  ])('whose %s are no list of such', (key, wrong) => {
    for (const value of wrong) expect([value, parsed(file({ [key]: value }))]).toEqual([value, 'it lists no writes']);
  });

  test.each<[string, readonly Json[]]>([
    ['tool', [null, 7, [], {}]],
    ['version', [null, 7, [], {}]],
    [
      'createdAt',
      [
        null,
        7,
        ['2024-07-19T05:00:00Z'],
        '2024-07-19',
        '2024-07-19T05:00:00',
        '2024-07-19T05:00:00+00:00',
        '2024-07-19T05:00:00.Z',
      ],
    ],
    [
      'createdAt',
      ['x2024-07-19T05:00:00Z', '2024-07-19T05:00:00Zx', '2024-07-19T05:00:00xZ', '2024-07-19T05:00:00.xZ'],
    ],
    ['createdAt', ['202-07-19T05:00:00Z', 'abcd-07-19T05:00:00Z', '2024-ab-19T05:00:00Z', '2024-07-abT05:00:00Z']],
    ['createdAt', ['2024-a7-19T05:00:00Z', '2024-07-a9T05:00:00Z', '2024-07-1aT05:00:00Z', '2024-0a-19T05:00:00Z']],
    ['createdAt', ['2024-07-19Ta5:00:00Z', '2024-07-19T0a:00:00Z', '2024-07-19T05:a0:00Z', '2024-07-19T05:0a:00Z']],
    ['createdAt', ['2024-07-19T05:00:a0Z', '2024-07-19T05:00:0aZ']],
    ['image', [null, 7, 'text', [], {}]],
    [
      'image',
      [
        { path: 7, format: 'raw', virtualSize: 1 },
        { path: 'a', format: 7, virtualSize: 1 },
      ],
    ],
    [
      'image',
      [
        { path: 'a', format: 'raw', virtualSize: '1' },
        { path: 'a', format: 'raw', virtualSize: -1 },
      ],
    ],
    ['operations', values],
    ['operations', [[{ id: 7, volume: 1 }], [{ id: 'a', volume: -1 }], [{ id: 'a' }], [{ id: 'a', volume: 1 }, 7]]],
  ])('that does not say of what it is (%s)', (key, wrong) => {
    for (const value of wrong)
      expect([value, parsed(file({ [key]: value }))]).toEqual([value, 'it does not say of which image it is']);
  });

  test.each(['tool', 'version', 'createdAt', 'image', 'operations'])('without its field %s', (key) => {
    const { [key]: _, ...others } = file();
    expect(parsed(others)).toBe('it does not say of which image it is');
  });

  test('of which one write does not hold: another byte, another length, none, another place', () => {
    const good = write(512);
    const long = Buffer.from(filled(1, 1024)).toString('base64');
    const wrong: readonly Json[] = [
      null,
      7,
      [],
      { ...good, file: '/vm/other.img' },
      { ...good, file: null },
      { ...good, file: 7 },
      { ...good, offset: -1 },
      { ...good, offset: 0.5 },
      { ...good, offset: '512' },
      { ...good, offset: null },
      { ...good, offset: SIZE - 511 },
      { ...good, offset: Number.MAX_SAFE_INTEGER },
      { ...good, offset: 2 ** 53 },
      { ...good, before: Buffer.from(filled(2)).toString('base64') },
      { ...good, after: Buffer.from(filled(2)).toString('base64') },
      { ...good, before: long, beforeSha256: sha256(filled(1, 1024)) },
      { ...good, before: `?${Buffer.from(filled(1)).toString('base64').slice(1)}` },
      { ...good, before: 7 },
      { ...good, after: null },
      { ...good, beforeSha256: sha256(filled(3)) },
      { ...good, afterSha256: '' },
      write(512, filled(1, 0), filled(1, 0)),
      // Base64 of more than the largest write.
      write(0, filled(1, 98_307), filled(2, 98_307)),
    ];
    const answer = 'write 2 does not match its checksums, or its file';
    for (const one of wrong) {
      const files = [{ path: IMAGE, size: one === wrong.at(-1) ? 1 << 20 : SIZE }];
      expect([one, parsed(file({ files, writes: [good, one] }))]).toEqual([one, answer]);
    }
  });

  test('but it is where a write reaches the end of its file, or is the largest, or the file is a device', () => {
    expect(parsed(file({ writes: [write(SIZE - 512), write(0)] }))).toBe('2');
    const files = [{ path: IMAGE, size: 98_304 }];
    expect(parsed(file({ files, writes: [write(0, filled(1, 98_304), filled(2, 98_304))] }))).toBe('1');
    const device = [{ path: IMAGE, size: 0 }];
    expect(parsed(file({ files: device, writes: [write(1e12)] }))).toBe('1');
    expect(parsed(file({ files: device, writes: [write(Number.MAX_SAFE_INTEGER - 100)] }))).toMatch(/checksums/);
  });

  test('with more lists in one another, more items, or more writes than any repair has', () => {
    const deep = (levels: number): Json => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as Json;
    expect(parsed(file({ more: deep(63) }))).toBe('1');
    expect(parsed(file({ more: deep(64) }))).toBe('it has more items than any repair');
    // A value takes two characters here: of 3000 there may be 6000 / 16 and 1024.
    const zeros = (count: number): Json => Array.from({ length: count }, () => 0);
    expect(parsed(file({ more: zeros(1100) }))).toBe('1');
    expect(parsed(file({ more: zeros(3000) }))).toBe('it has more items than any repair');
    const many = (count: number): Json => file({ writes: Array.from({ length: count }, () => 'no write, but longer') });
    expect(parsed(many(131_072))).toMatch(/^write 1 does not match/);
    expect(parsed(many(131_073))).toBe('it has more writes than any repair');
  });
});

test('a sector is as before, as afterwards, torn between the two, or of somebody else', () => {
  const [before, after] = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 9, 3, 8)];
  const stateOf = (...now: readonly number[]): string =>
    sectorState({ file: 'a', offset: 0, before, after }, Uint8Array.from(now));
  expect(stateOf(1, 2, 3, 4)).toBe('before');
  expect(stateOf(1, 9, 3, 8)).toBe('after');
  for (const torn of [
    [1, 9, 3, 4],
    [1, 2, 3, 8],
  ])
    expect(stateOf(...torn)).toBe('torn');
  for (const foreign of [
    [1, 2, 3, 5],
    [0, 9, 3, 8],
    [1, 9, 3, 7],
  ])
    expect(stateOf(...foreign)).toBe('foreign');
});

function newPath(): string {
  made += 1;
  return join(folder, `${made}.json`);
}

function ending(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!isDeadboxError(error)) return (error as Error).message;
    return `${error.code}: ${error.message}`;
  }
}

describe('two names are of one file', () => {
  test('where they lead to it: a link, another name, another way of writing its path', () => {
    const inside = join(folder, `links-${(made += 1)}`);
    mkdirSync(inside);
    const path = join(inside, 'a');
    writeFileSync(path, '');
    symlinkSync(path, join(inside, 'symbolic'));
    linkSync(path, join(inside, 'hard'));
    writeFileSync(join(inside, 'other'), '');
    const own = placeOf(path);
    for (const name of ['symbolic', 'hard', '../' + inside.split('/').at(-1) + '/a'])
      expect(placeOf(`${inside}/${name}`)).toBe(own);
    expect(placeOf(join(inside, 'other'))).not.toBe(own);
  });

  test('or to one device, and else where the path is the same', () => {
    const device = (rdev: bigint): Stats =>
      ({ isBlockDevice: () => true, isFile: () => false, rdev, dev: 5n, ino: BigInt(made) }) as unknown as Stats;
    const place = (path: string, statSync: () => unknown): string => withFileCalls({ statSync }, () => placeOf(path));
    // Numbers of files that differ in their last bit only, as file systems of 64 bits have them.
    const numbered = (path: string, { bigint }: { bigint: boolean }): unknown => {
      const ino = 2n ** 60n + BigInt(path.length);
      return { isBlockDevice: () => false, isFile: () => true, dev: 1, ino: bigint ? ino : Number(ino) };
    };
    expect(withFileCalls({ statSync: numbered }, () => placeOf('/a') === placeOf('/bb'))).toBe(false);
    // The same numbers on a file system are of two files where they are devices.
    expect(place('/dev/a', () => device(7n))).toBe(place('/dev/b', () => device(7n)));
    expect(place('/dev/a', () => device(7n))).not.toBe(place('/dev/a', () => device(8n)));
    const neither = { isBlockDevice: () => false, isFile: () => false, dev: 1n, ino: 1n };
    for (const answer of [
      () => neither,
      () => undefined,
      () => {
        throw systemError('EACCES');
      },
    ]) {
      expect(place('/x/../y', answer)).toBe('/y');
      expect(place('/z', answer)).toBe('/z');
    }
  });
});

describe('an undo file on a disk', () => {
  const own = (path: string, changes: Record<string, Json> = {}): void =>
    writeFileSync(path, JSON.stringify(file(changes)));

  test('is read whole, whatever pieces the system gives', () => {
    const path = newPath();
    // A character of three bytes at the end of the first MiB.
    const padding = '日'.repeat(400_000);
    own(path, { padding });
    expect(readJournal(path)).toMatchObject({ padding, writes: [{ offset: 512 }] });
    const readSync = (handle: number, bytes: Uint8Array): number => plainCalls.readSync(handle, bytes, 0, 99_999, null);
    expect(withFileCalls({ readSync }, () => readJournal(path))).toMatchObject({ padding });
    const closed: number[] = [];
    const closeSync = (handle: number): void => {
      closed.push(handle);
      plainCalls.closeSync(handle);
    };
    withFileCalls({ closeSync }, () => readJournal(path));
    expect(closed).toHaveLength(1);
  });

  test('that cannot be opened or read says so, and is given back', () => {
    expect(ending(() => readJournal(newPath()))).toMatch(/^SOURCE_NOT_FOUND/);
    const path = newPath();
    own(path);
    const closed: number[] = [];
    const calls: FileCalls = {
      readSync: () => {
        throw systemError('EIO');
      },
      closeSync: (handle: number) => {
        closed.push(handle);
        plainCalls.closeSync(handle);
      },
    };
    expect(ending(() => withFileCalls(calls, () => readJournal(path)))).toMatch(/^SOURCE_NOT_READABLE/);
    expect(closed).toHaveLength(1);
  });

  test('is read up to 256 MiB, also from what never ends', () => {
    const path = newPath();
    own(path);
    const endless = (first: number): FileCalls => {
      let left = 2;
      return {
        readSync: () => {
          left -= 1;
          return left > 0 ? first : 0;
        },
      };
    };
    const most = 256 << 20;
    expect(ending(() => withFileCalls(endless(most), () => readJournal(path)))).toMatch(/it is no JSON/);
    expect(ending(() => withFileCalls(endless(most + 1), () => readJournal(path)))).toMatch(/is too large/);
    const steps = { readSync: () => most / 4 };
    expect(ending(() => withFileCalls(steps, () => readJournal(path)))).toMatch(/is too large/);
  });

  test('that begins with a mark that no repair writes is not used', () => {
    const path = newPath();
    writeFileSync(path, `\ufeff${JSON.stringify(file())}`);
    expect(ending(() => readJournal(path))).toMatch(/JOURNAL_INVALID.*no JSON/);
  });

  test('is not used where it would be written over itself, or names one file twice for different bytes', () => {
    const path = newPath();
    const other = newPath();
    own(path, { files: [{ path, size: SIZE }], writes: [{ ...write(0), file: path }] });
    expect(ending(() => readJournal(path))).toMatch(/JOURNAL_INVALID.*over itself/);
    writeFileSync(other, '');
    const second = newPath();
    symlinkSync(other, second);
    const files = [other, second].map((name) => ({ path: name, size: SIZE }));
    const twice = (value: number): Json => [
      { ...write(512), file: other },
      { ...write(512, filled(1), filled(value)), file: second },
    ];
    own(path, { files, writes: twice(7) });
    expect(ending(() => readJournal(path))).toMatch(/JOURNAL_INVALID.*different bytes for byte 512/);
    own(path, { files, writes: twice(0xff) });
    expect(readJournal(path).writes).toHaveLength(2);
    // Two files that are not there may be two.
    const missing = [newPath(), newPath()];
    own(path, {
      files: missing.map((name) => ({ path: name, size: SIZE })),
      writes: missing.map((name, i) => ({ ...write(512, filled(1), filled(10 + i)), file: name })),
    });
    expect(readJournal(path).writes).toHaveLength(2);
  });

  const journalOf = (writes: UndoJournal['writes']): UndoJournal => ({
    schema: 'deadbox.undo/1',
    tool: 'deadbox',
    version: '1',
    createdAt: '2024-07-19T05:00:00Z',
    image: { path: IMAGE, format: 'raw', virtualSize: SIZE },
    files: [{ path: IMAGE, size: SIZE }],
    operations: [],
    writes,
  });
  const journal = journalOf([{ file: IMAGE, offset: 0, before: filled(1), after: filled(2) }]);

  test('is on the medium, as is its name, before anything is changed', () => {
    const path = newPath();
    const opened = new Map<number, string>();
    const flushed: (string | undefined)[] = [];
    const closed: (string | undefined)[] = [];
    withFileCalls(
      {
        openSync: (...args: Parameters<typeof plainCalls.openSync>) => {
          const handle = plainCalls.openSync(...args);
          opened.set(handle, String(args[0]));
          return handle;
        },
        fsyncSync: (handle: number) => {
          flushed.push(opened.get(handle));
          plainCalls.fsyncSync(handle);
        },
        closeSync: (handle: number) => {
          closed.push(opened.get(handle));
          plainCalls.closeSync(handle);
        },
      },
      () => writeJournal(path, journal),
    );
    expect(flushed).toEqual([path, folder]);
    expect(closed).toEqual([path, folder]);
    expect(readFileSync(path, 'utf8')).toBe(formatJournal(journal));
    expect(readJournal(path)).toEqual(journal);
    expect(plainCalls.statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is written where a folder cannot be flushed, too', () => {
    const path = newPath();
    const fsyncSync = (handle: number): void => {
      if (plainCalls.fstatSync(handle).isDirectory()) throw systemError('EPERM');
      plainCalls.fsyncSync(handle);
    };
    withFileCalls({ fsyncSync }, () => writeJournal(path, journal));
    expect(readJournal(path)).toEqual(journal);
  });

  test('that could not be read back is not written', () => {
    const path = newPath();
    const most = 256 << 20;
    // Writes that only say how long they are: what is made of them tells that they were not refused.
    const long = (length: number): Bytes => ({ length }) as Bytes;
    const one = { file: IMAGE, offset: 0, before: long(0), after: long((most / 4) * 3) };
    const answer = (writes: UndoJournal['writes']): unknown => ending(() => writeJournal(path, journalOf(writes)));
    expect(answer([one])).toMatch(/not iterable/);
    expect(answer([{ ...one, before: long(3) }])).toMatch(/^REPAIR_NOT_STORED/);
    expect(answer([{ ...one, before: one.after, after: long(3) }])).toMatch(/^REPAIR_NOT_STORED/);
    const none = { ...one, after: long(0) };
    expect(answer(Array.from({ length: 131_072 }, () => none))).toMatch(/not iterable/);
    expect(answer(Array.from({ length: 131_073 }, () => none))).toMatch(/^REPAIR_NOT_STORED/);
    expect(answer([one, ...Array.from({ length: 9 }, () => ({ ...none, after: long(1) }))])).toMatch(
      /^REPAIR_NOT_STORED/,
    );
    // Texts of which only the length matters.
    const { encode } = TextEncoder.prototype;
    try {
      for (const [length, wanted] of [
        [most + 1, /^REPAIR_NOT_STORED/],
        [most, /^REPAIR_WRITE_FAILED/],
      ] as const) {
        TextEncoder.prototype.encode = () => long(length);
        const missing = join(folder, 'none', 'a.json');
        expect(ending(() => writeJournal(missing, journal))).toMatch(wanted);
      }
    } finally {
      TextEncoder.prototype.encode = encode;
    }
    expect(existsSync(path)).toBe(false);
  });
});
