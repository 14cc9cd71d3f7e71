import { constants, existsSync, readFileSync, type Stats, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeadboxError } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { openReader, openWriter } from '../../../packages/repair/src/storage/block-writer.node.js';
import { writeNewFile } from '../../../packages/repair/src/storage/new-file.node.js';
import { type FileCalls, onPlatform, plainCalls, systemError, withFileCalls } from '../../support/repair/file-calls.js';
import { temporaryFolder } from '../../support/tools.js';

/*
 * The only code that changes bytes of an image, and what it asks the operating system for: which flags, which places,
 * and what it does when less is done than asked, or nothing.
 */

const folder = temporaryFolder();
let made = 0;

function newPath(): string {
  made += 1;
  return join(folder, `${made}.img`);
}

/** A file of 4096 bytes, each another than its neighbours. */
function newFile(): string {
  const path = newPath();
  writeFileSync(path, content());
  return path;
}

const content = (): Buffer => Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 251));

/** What `work` ends in: the code and facts of a typed error, the words of another one. */
function ending(work: () => unknown): unknown {
  try {
    work();
    return 'done';
  } catch (error) {
    if (!isDeadboxError(error)) return (error as Error).message;
    return { code: error.code, at: error.at, data: error.data };
  }
}

/** At most `most` bytes a call, as a system may give and take. */
const slowly = (most: number): FileCalls => ({
  readSync: (handle: number, bytes: Uint8Array, at: number, length: number, offset: number) =>
    plainCalls.readSync(handle, bytes, at, Math.min(most, length), offset),
  writeSync: (handle: number, bytes: Uint8Array, at = 0, length: number = bytes.length - at, offset?: number) =>
    plainCalls.writeSync(handle, bytes, at, Math.min(most, length), offset),
});

/** The flags and names with which files are opened while `work` runs. */
function openings(work: () => unknown, calls: FileCalls = {}): unknown[] {
  const found: unknown[] = [];
  withFileCalls(
    {
      ...calls,
      openSync: (...args: Parameters<typeof plainCalls.openSync>) => {
        found.push(args);
        return plainCalls.openSync(...args);
      },
    },
    work,
  );
  return found;
}

const isA = (kind: 'isFile' | 'isBlockDevice' | 'isCharacterDevice' | 'isFIFO'): Stats =>
  ({
    isFile: () => kind === 'isFile',
    isBlockDevice: () => kind === 'isBlockDevice',
    isCharacterDevice: () => kind === 'isCharacterDevice',
  }) as Stats;

describe('a writer', () => {
  test('changes the bytes it is told to, and no others', () => {
    for (const most of [4096, 77]) {
      const path = newFile();
      const expected = content();
      expected.fill(0xee, 700, 1000);
      withFileCalls(slowly(most), () => {
        const writer = openWriter(path);
        writer.write(700, new Uint8Array(300).fill(0xee));
        expect(Buffer.from(writer.read(690, 20)).equals(expected.subarray(690, 710))).toBe(true);
        writer.close();
      });
      expect(readFileSync(path).equals(expected)).toBe(true);
    }
  });

  test('and a reader give the bytes of a place, in however many pieces the system has them', () => {
    const path = newFile();
    for (const open of [openReader, openWriter]) {
      for (const most of [4096, 77]) {
        withFileCalls(slowly(most), () => {
          const reader = open(path);
          expect(Buffer.from(reader.read(1000, 333)).equals(content().subarray(1000, 1333))).toBe(true);
          expect(Buffer.from(reader.read(4000, 96)).equals(content().subarray(4000))).toBe(true);
          reader.close();
        });
      }
    }
  });

  test('opens what is there for reading and writing, neither made nor cut; a reader for reading only', () => {
    const path = newFile();
    expect(openings(() => openWriter(path).close())).toEqual([[path, constants.O_RDWR]]);
    expect(openings(() => openReader(path).close())).toEqual([[path, constants.O_RDONLY]]);
    const missing = newPath();
    for (const open of [openReader, openWriter])
      expect(ending(() => open(missing))).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    expect(existsSync(missing)).toBe(false);
  });

  test('takes a block device for itself where the system can tell that it is one', () => {
    const path = newFile();
    const calls = { statSync: () => isA('isBlockDevice') };
    const flags = (platform: NodeJS.Platform): unknown =>
      onPlatform(platform, () => openings(() => openWriter(path).close(), calls));
    expect(flags('linux')).toEqual([[path, constants.O_RDWR | constants.O_EXCL]]);
    for (const other of ['win32', 'darwin', 'freebsd'] as const)
      expect(flags(other)).toEqual([[path, constants.O_RDWR]]);
    // A look does not need it.
    expect(onPlatform('linux', () => openings(() => openReader(path).close(), calls))).toEqual([
      [path, constants.O_RDONLY],
    ]);
  });

  test('flushes its file, and gives the handle back', () => {
    const path = newFile();
    const done: [string, number][] = [];
    let handle = -1;
    withFileCalls(
      {
        openSync: (...args: Parameters<typeof plainCalls.openSync>) => (handle = plainCalls.openSync(...args)),
        fsyncSync: (one: number) => done.push(['fsync', one]),
        closeSync: (one: number) => {
          done.push(['close', one]);
          plainCalls.closeSync(one);
        },
      },
      () => {
        const writer = openWriter(path);
        writer.flush();
        writer.close();
        expect(done).toEqual([
          ['fsync', handle],
          ['close', handle],
        ]);
        openReader(path).close();
        expect(done[2]).toEqual(['close', handle]);
      },
    );
  });

  test('says where a file ends that was longer', () => {
    const path = newFile();
    const reader = openReader(path);
    const at = (offset: number) => ({ code: 'REPAIR_UNEXPECTED_BYTES', at: { layer: path, offset }, data: {} });
    expect(ending(() => reader.read(4000, 97))).toEqual(at(4096));
    expect(ending(() => reader.read(9000, 1))).toEqual(at(9000));
    expect(ending(() => withFileCalls(slowly(50), () => reader.read(4000, 97)))).toEqual(at(4096));
    reader.close();
  });

  test('says where the system could not read', () => {
    const path = newFile();
    const reader = openReader(path);
    const readSync = (handle: number, bytes: Uint8Array, at: number, length: number, offset: number) => {
      if (offset >= 1100) throw systemError('EIO');
      return plainCalls.readSync(handle, bytes, at, Math.min(100, length), offset);
    };
    const answer = ending(() => withFileCalls({ readSync }, () => reader.read(1000, 300)));
    expect(answer).toEqual({ code: 'READ_FAILED', at: { layer: path, offset: 1100 }, data: {} });
    reader.close();
  });

  test('stops at the first write that the system refuses, with the words of the system', () => {
    const path = newFile();
    const writer = openWriter(path);
    const writeSync = () => {
      throw systemError('EPERM');
    };
    expect(ending(() => withFileCalls({ writeSync }, () => writer.write(0, new Uint8Array(10))))).toBe(
      'EPERM: the system says no',
    );
    writer.close();
    expect(readFileSync(path).equals(content())).toBe(true);
  });
});

describe('nothing is opened', () => {
  const noDisk = (path: string) => ({ code: 'SOURCE_NOT_READABLE', at: undefined, data: { path } });

  test('that is neither a file nor a disk', () => {
    for (const open of [openReader, openWriter]) expect(ending(() => open(folder))).toEqual(noDisk(folder));
    const path = newFile();
    const answer = (platform: NodeJS.Platform, stats: Stats | undefined): unknown =>
      onPlatform(platform, () =>
        ending(() => withFileCalls({ statSync: () => stats }, () => openReader(path).close())),
      );
    for (const platform of ['linux', 'darwin', 'freebsd'] as const) {
      expect(answer(platform, isA('isFIFO'))).toEqual(noDisk(path));
      for (const kind of ['isFile', 'isBlockDevice'] as const) expect(answer(platform, isA(kind))).toBe('done');
      // Disks of these are character devices as well; those of Linux are not.
      expect(answer(platform, isA('isCharacterDevice'))).toEqual(platform === 'linux' ? noDisk(path) : 'done');
      expect(answer(platform, undefined)).toBe('done');
    }
    // Of a device Windows says nothing by its path.
    expect(answer('win32', isA('isFIFO'))).toBe('done');
  });

  test('whose place may not be asked about, but for what opening it says', () => {
    const path = newFile();
    const statSync = () => {
      throw systemError('EACCES');
    };
    expect(ending(() => withFileCalls({ statSync }, () => openWriter(path).close()))).toBe('done');
    const loop = newPath();
    symlinkSync(loop, loop);
    expect(ending(() => openReader(loop))).toMatchObject({ code: 'SOURCE_NOT_READABLE', data: { system: 'ELOOP' } });
  });

  test('that another program has to itself', () => {
    const path = newFile();
    const fails = (code: string) => ({
      openSync: () => {
        throw systemError(code);
      },
    });
    expect(ending(() => withFileCalls(fails('EBUSY'), () => openWriter(path)))).toEqual({
      code: 'REPAIR_REFUSED',
      at: undefined,
      data: { path },
    });
    expect(ending(() => withFileCalls(fails('EACCES'), () => openWriter(path)))).toMatchObject({
      code: 'SOURCE_DENIED',
    });
  });

  test('that may not be read, or written, and it is said which', () => {
    const path = newFile();
    const openSync = (): never => {
      throw systemError('EACCES');
    };
    for (const [open, what] of [
      [openReader, 'may not be read'],
      [openWriter, 'may not be written'],
    ] as const)
      expect(() => withFileCalls({ openSync }, () => open(path))).toThrow(what);
  });

  test.each([
    ['\\\\.\\C:', 'C:\\'],
    ['\\\\?\\d:', 'd:\\'],
    ['\\\\.\\z:\\', 'z:\\'],
    ['\\\\?\\E:\\', 'E:\\'],
  ])('to be written of a volume that Windows has online: %s', (path, root) => {
    const asked: unknown[] = [];
    const existing = (answer: boolean): FileCalls => ({
      existsSync: (one: string) => {
        asked.push(one);
        return answer;
      },
      openSync: () => {
        throw systemError('ENOENT');
      },
    });
    expect(ending(() => withFileCalls(existing(true), () => openWriter(path)))).toEqual({
      code: 'REPAIR_REFUSED',
      at: undefined,
      data: { path },
    });
    // Offline it is opened as anything else; and looked at it may be in any case.
    for (const [open, answer] of [
      [openWriter, false],
      [openReader, true],
    ] as const)
      expect(ending(() => withFileCalls(existing(answer), () => open(path)))).toMatchObject({
        code: 'SOURCE_NOT_FOUND',
      });
    expect(asked).toEqual([root, root]);
  });

  test.each([
    '\\\\.\\PhysicalDrive0',
    '\\\\.\\C:\\disk.img',
    'C:',
    '\\\\.\\C',
    'x\\\\.\\C:',
    '\\\\.\\CD:',
    '\\\\!\\C:',
    '\\\\.\\1:',
    '\\\\.\\:',
  ])('and %j is no such volume', (path) => {
    const calls = {
      existsSync: () => true,
      openSync: () => {
        throw systemError('ENOENT');
      },
    };
    expect(ending(() => withFileCalls(calls, () => openWriter(path)))).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });

  test.each([
    ['EPERM', true],
    ['EACCES', true],
    ['EIO', false],
  ])('and to a write that Windows refuses with %s advice is given where it helps', (code, helps) => {
    const file = newFile();
    const writeSync = () => {
      throw systemError(code);
    };
    const openSync = () => plainCalls.openSync(file, 'r+');
    const writeTo = (path: string): unknown =>
      ending(() =>
        withFileCalls({ openSync, writeSync }, () => {
          const writer = openWriter(path);
          try {
            writer.write(0, new Uint8Array(1));
          } finally {
            writer.close();
          }
        }),
      );
    const disk = writeTo('\\\\.\\PhysicalDrive1');
    if (helps) expect(disk).toMatch(new RegExp(`^${code}: the system says no; .*Set-Disk`));
    else expect(disk).toBe(`${code}: the system says no`);
    for (const other of [file, 'disk\\\\.\\', '\\\\?\\C']) expect(writeTo(other)).toBe(`${code}: the system says no`);
  });
});

describe('a new file', () => {
  const how = { what: 'The undo file', kept: 'it is kept', mode: 0o600 };

  test('has all bytes on the medium before anybody goes on', () => {
    for (const most of [4096, 999]) {
      const path = newPath();
      const done: string[] = [];
      const calls: FileCalls = {
        ...slowly(most),
        fsyncSync: (handle: number) => {
          done.push(`fsync of ${readFileSync(path).length}`);
          plainCalls.fsyncSync(handle);
        },
        closeSync: (handle: number) => {
          done.push('close');
          plainCalls.closeSync(handle);
        },
      };
      const opened = openings(() => writeNewFile(path, content(), how), calls);
      expect(opened[0]).toEqual([path, 'wx', 0o600]);
      expect(readFileSync(path).equals(content())).toBe(true);
      // Reading it for this test opened and closed it, too.
      expect(done.filter((what) => what !== 'close')).toEqual(['fsync of 4096']);
      expect(done.at(-1)).toBe('close');
    }
  });

  test('is not one that is there already, and that one stays', () => {
    const path = newFile();
    expect(ending(() => writeNewFile(path, new Uint8Array(9), how))).toMatchObject({ code: 'REPAIR_JOURNAL_EXISTS' });
    expect(readFileSync(path).equals(content())).toBe(true);
  });

  test('that is gone before it could be removed says why it was not written', () => {
    const path = newPath();
    const writeSync = (): never => {
      plainCalls.rmSync(path);
      throw systemError('ENOSPC');
    };
    const answer = ending(() => withFileCalls({ writeSync }, () => writeNewFile(path, content(), how)));
    expect(answer).toMatchObject({ code: 'REPAIR_WRITE_FAILED', data: { written: 0 } });
  });

  test('whose folder is missing was not written', () => {
    expect(ending(() => writeNewFile(join(folder, 'none', 'a'), content(), how))).toEqual({
      code: 'REPAIR_WRITE_FAILED',
      at: undefined,
      data: { written: 0 },
    });
  });

  test.each(['writeSync', 'fsyncSync'] as const)('is removed, and its handle closed, where %s fails', (call) => {
    const path = newPath();
    const closed: number[] = [];
    let handle = -1;
    let calls = 0;
    const failing: FileCalls = {
      ...slowly(1000),
      openSync: (...args: Parameters<typeof plainCalls.openSync>) => (handle = plainCalls.openSync(...args)),
      closeSync: (one: number) => {
        closed.push(one);
        plainCalls.closeSync(one);
      },
      [call]: (...args: readonly unknown[]) => {
        calls += 1;
        if (call === 'fsyncSync' || calls > 2) throw systemError('ENOSPC');
        return plainCalls.writeSync(args[0] as number, args[1] as Uint8Array, args[2] as number, 1000);
      },
    };
    expect(ending(() => withFileCalls(failing, () => writeNewFile(path, content(), how)))).toEqual({
      code: 'REPAIR_WRITE_FAILED',
      at: undefined,
      data: { written: 0 },
    });
    expect([existsSync(path), closed]).toEqual([false, [handle]]);
  });
});
