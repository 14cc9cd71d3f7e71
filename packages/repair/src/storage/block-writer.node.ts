import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { type Bytes, DeadboxError } from '@deadbox/core';
import { openError } from '@deadbox/core/node';
import { repairError } from '../errors.js';

/** A file or device that is only looked at. */
export interface BlockReader {
  /** Reads what the medium holds now, past every cache of ours. */
  read(offset: number, length: number): Bytes;
  /** Gives the handle back; does not flush. */
  close(): void;
}

/** The only thing in deadbox that can change a byte of an image. */
export interface BlockWriter extends BlockReader {
  /** Writes all of `bytes`, or throws. */
  write(offset: number, bytes: Bytes): void;
  /** Returns when the medium has what was written. */
  flush(): void;
}

/**
 * Opens an existing file or device for reading.
 * @throws DeadboxError as {@link openWriter} does
 */
export function openReader(path: string): BlockReader {
  return readerOf(open(path, constants.O_RDONLY), path);
}

/**
 * Opens an existing file or device for writing; it is neither made nor cut.
 * @throws DeadboxError `REPAIR_REFUSED` for a device in use, `SOURCE_NOT_FOUND`, `SOURCE_DENIED`,
 * `SOURCE_NOT_READABLE`; a read behind the end `REPAIR_UNEXPECTED_BYTES`
 */
export function openWriter(path: string): BlockWriter {
  refuseOnlineVolume(path);
  const handle = open(path, constants.O_RDWR | exclusive(path));
  return {
    ...readerOf(handle, path),
    write(offset, bytes) {
      try {
        for (let done = 0; done < bytes.length; )
          done += writeSync(handle, bytes, done, bytes.length - done, offset + done);
      } catch (error) {
        throw withAdvice(path, error);
      }
    },
    flush: () => fsyncSync(handle),
  };
}

function readerOf(handle: number, path: string): BlockReader {
  return {
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const count = readNow(handle, bytes, done, offset + done, path);
        if (count === 0) throw endsBefore(path, offset + done);
        done += count;
      }
      return bytes;
    },
    close: () => closeSync(handle),
  };
}

function readNow(handle: number, bytes: Bytes, done: number, offset: number, path: string): number {
  try {
    return readSync(handle, bytes, done, bytes.length - done, offset);
  } catch (cause) {
    const message = `${path} could not be read at ${offset}: ${(cause as Error).message}`;
    throw new DeadboxError('READ_FAILED', message, { at: { layer: path, offset }, cause });
  }
}

/**
 * Linux gives a block device exclusively only while neither it nor a partition of it is mounted or part of another
 * device (open(2), O_EXCL).
 */
function exclusive(path: string): number {
  // Windows cannot ask what a device is by its path, and gives no device exclusively.
  if (process.platform !== 'linux') return 0;
  return statsOf(path)?.isBlockDevice() === true ? constants.O_EXCL : 0;
}

/**
 * Windows refuses writes to the sectors of a mounted volume, but not to its boot sectors (Microsoft, WriteFile): a part
 * of the
 * repair would be written. A volume is mounted when the root of its drive letter opens.
 */
function refuseOnlineVolume(path: string): void {
  const letter = /^\\\\[.?]\\([A-Za-z]):\\?$/.exec(path)?.[1];
  if (letter === undefined || !existsSync(`${letter}:\\`)) return;
  throw repairError('REPAIR_REFUSED', `${path} is a volume that Windows has online: ${OFFLINE}`, { data: { path } });
}

const OFFLINE =
  'take its disk offline (Set-Disk -Number N -IsOffline $true; then -IsReadOnly $false) and repair \\\\.\\PhysicalDriveN';

/** A pipe would be waited for without end, and a device that is no disk may do anything. */
function refuseNoDisk(path: string): void {
  // Windows cannot ask what a device is by its path.
  const stats = process.platform === 'win32' ? undefined : statsOf(path);
  if (stats === undefined || stats.isFile() || stats.isBlockDevice()) return;
  // macOS and the BSDs offer each disk as a character device, too.
  if (stats.isCharacterDevice() && process.platform !== 'linux') return;
  throw new DeadboxError('SOURCE_NOT_READABLE', `${path} is neither a file nor a disk`, { data: { path } });
}

/** What a path leads to; where nobody may ask, opening it says why. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function open(path: string, flags: number): number {
  refuseNoDisk(path);
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY')
      throw openError(path, error, flags === constants.O_RDONLY ? 'read' : 'write');
    throw repairError('REPAIR_REFUSED', `${path} is mounted, or in use by another device: unmount it first`, {
      data: { path },
      cause: error,
    });
  }
}

/** What a system says of a write, with what to do about it where the disk of a Windows is online. */
function withAdvice(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!path.startsWith('\\\\.\\') || (code !== 'EPERM' && code !== 'EACCES')) return error;
  return new Error(`${message}; Windows has a volume of ${path} online: ${OFFLINE}`, { cause: error });
}

/** A file that no longer has what the repair found there. */
export function endsBefore(path: string, offset: number): Error {
  return repairError('REPAIR_UNEXPECTED_BYTES', `${path} ends at byte ${offset}: it was longer when it was repaired`, {
    at: { layer: path, offset },
  });
}
