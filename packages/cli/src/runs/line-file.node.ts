import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { KIB, MIB } from '@deadbox/core';
import type { PlacedLine } from './journal.js';

const PIECE = MIB;
/** Bytes that are read ahead of lines that are read again. */
const AHEAD: number = 64 * KIB;
/** Bytes of a line that are read; reports of images are far smaller. */
const MAX_LINE: number = 16 * MIB;

/** A text file that is gone through line by line, and whose lines can be read again where they lie. */
export class LineFile {
  readonly path: string;
  /** Whether lines can be read again; those of a pipe cannot. */
  readonly isSeekable: boolean;
  readonly #handle: number;
  /** What was read behind the line that was asked for last, where lines are asked for in their order. */
  #ahead: { readonly offset: number; readonly bytes: Buffer } = { offset: 0, bytes: Buffer.alloc(0) };
  /** Where that ended. */
  #end = 0;

  /** @throws Error of the system when it cannot be opened */
  constructor(path: string) {
    this.path = path;
    this.#handle = openSync(path, 'r');
    this.isSeekable = fstatSync(this.#handle).isFile();
  }

  /** The lines, one at a time. */
  *lines(): Generator<PlacedLine> {
    const piece = Buffer.allocUnsafe(PIECE);
    let pending: Buffer[] = [];
    let offset = 0;
    let length = 0;
    const keep = (bytes: Buffer): void => {
      // The piece is read into again.
      if (length + bytes.length <= MAX_LINE) pending.push(Buffer.from(bytes));
      else pending = [];
      length += bytes.length;
    };
    const line = (): PlacedLine => {
      const text = length > MAX_LINE ? undefined : Buffer.concat(pending).toString('utf8');
      return { text, offset, length };
    };
    for (;;) {
      const read = readSync(this.#handle, piece);
      if (read === 0) break;
      let start = 0;
      for (let end = piece.indexOf(10); end >= 0 && end < read; end = piece.indexOf(10, start)) {
        keep(piece.subarray(start, end));
        yield line();
        offset += length + 1;
        start = end + 1;
        length = 0;
        pending = [];
      }
      keep(piece.subarray(start, read));
    }
    if (length > 0) yield line();
  }

  /** The line that lay there before; what is left of it where the file is shorter now. */
  lineAt({ offset, length }: Pick<PlacedLine, 'offset' | 'length'>): string {
    const inside = offset - this.#ahead.offset;
    if (inside >= 0 && inside + length <= this.#ahead.bytes.length)
      return this.#ahead.bytes.toString('utf8', inside, inside + length);
    // Lines asked for in their order are read many at once; those in another order are read alone.
    const isNext = offset >= this.#end && offset - this.#end < AHEAD;
    this.#end = offset + length;
    const bytes = this.#read(offset, isNext ? Math.max(length, AHEAD) : length);
    if (isNext) this.#ahead = { offset, bytes };
    if (isNext) this.#end = offset + bytes.length;
    return bytes.toString('utf8', 0, Math.min(length, bytes.length));
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    for (let read = -1; read !== 0 && done < length; done += read)
      read = readSync(this.#handle, bytes, done, length - done, offset + done);
    return bytes.subarray(0, done);
  }

  close(): void {
    closeSync(this.#handle);
  }
}
