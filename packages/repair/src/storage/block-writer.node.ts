import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { Bytes } from '@deadbox/core';
import { openError } from '@deadbox/core/node';
import { repairError } from '../errors.js';

/** The only thing in deadbox that can change a byte of an image. */
export interface BlockWriter {
  /** Reads what the medium holds now, past every cache of ours. */
  read(offset: number, length: number): Bytes;
  /** Writes all of `bytes`, or throws. */
  write(offset: number, bytes: Bytes): void;
  /** Returns when the medium has what was written. */
  flush(): void;
  /** Gives the handle back; does not flush. */
  close(): void;
}

/**
 * Opens an existing file or device for writing; it is neither made nor cut.
 * @throws DeadboxError `SOURCE_NOT_FOUND`, `SOURCE_DENIED`, `SOURCE_NOT_READABLE`; a read behind the end `REPAIR_UNEXPECTED_BYTES`
 */
export function openWriter(path: string): BlockWriter {
  const handle = open(path);
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
    write(offset, bytes) {
      for (let done = 0; done < bytes.length; )
        done += writeSync(handle, bytes, done, bytes.length - done, offset + done);
    },
    flush: () => fsyncSync(handle),
    close: () => closeSync(handle),
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    throw openError(path, error);
  }
}

function endsBefore(path: string, offset: number): Error {
  return repairError('REPAIR_UNEXPECTED_BYTES', `${path} ends at byte ${offset}: it was longer when it was repaired`, {
    at: { layer: path, offset },
  });
}
