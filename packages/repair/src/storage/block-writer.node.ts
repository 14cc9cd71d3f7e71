import { closeSync, constants, fsyncSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import type { Bytes } from '@deadbox/core';
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
 * @throws DeadboxError `REPAIR_REFUSED` for a device in use, `SOURCE_NOT_FOUND`, `SOURCE_DENIED`, `SOURCE_NOT_READABLE`; a read behind the end `REPAIR_UNEXPECTED_BYTES`
 */
export function openWriter(path: string): BlockWriter {
  const handle = open(path, constants.O_RDWR | exclusive(path));
  return {
    ...readerOf(handle, path),
    write(offset, bytes) {
      for (let done = 0; done < bytes.length; )
        done += writeSync(handle, bytes, done, bytes.length - done, offset + done);
    },
    flush: () => fsyncSync(handle),
  };
}

function readerOf(handle: number, path: string): BlockReader {
  return {
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const count = readSync(handle, bytes, done, length - done, offset + done);
        if (count === 0) throw endsBefore(path, offset + done);
        done += count;
      }
      return bytes;
    },
    close: () => closeSync(handle),
  };
}

/**
 * Linux gives a block device exclusively only while neither it nor a partition of it is mounted or part of another
 * device (open(2), O_EXCL).
 */
function exclusive(path: string): number {
  const isBlockDevice = statSync(path, { throwIfNoEntry: false })?.isBlockDevice() === true;
  return isBlockDevice && process.platform === 'linux' ? constants.O_EXCL : 0;
}

function open(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw openError(path, error);
    throw repairError('REPAIR_REFUSED', `${path} is mounted, or in use by another device: unmount it first`, {
      data: { path },
      cause: error,
    });
  }
}

function endsBefore(path: string, offset: number): Error {
  return repairError('REPAIR_UNEXPECTED_BYTES', `${path} ends at byte ${offset}: it was longer when it was repaired`, {
    at: { layer: path, offset },
  });
}
