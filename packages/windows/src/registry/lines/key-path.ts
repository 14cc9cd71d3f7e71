import { type Bytes, latin1Text, utf16Text } from '@deadbox/core';
import { isPlain, type LineText, type StoredName } from './line-text.js';

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
/** Bytes that a path may have at first. */
const PATH_ROOM = 4096;

/** The path of a key as JSON has it between its quotes; the paths of the keys above it are its beginnings. */
export class KeyPath {
  bytes: Bytes = new Uint8Array(PATH_ROOM);
  readonly #text: LineText;

  constructor(text: LineText) {
    this.#text = text;
  }

  /** Adds `\` and a name to the first `end` bytes; gives where the path ends then. */
  name(end: number, { bytes, at, length, latin1 }: StoredName): number {
    const stored = bytes.subarray(at, at + length);
    if (!latin1) return this.add(end, `\\${utf16Text(stored)}`);
    this.#reserve(end + 2 + 2 * length);
    const path = this.bytes;
    path[end] = BACKSLASH;
    path[end + 1] = BACKSLASH;
    let to = end + 2;
    for (let from = at; from < at + length; from += 1) {
      const unit = bytes[from];
      if (!isPlain(unit)) return this.add(end, `\\${latin1Text(stored)}`);
      if (unit === BACKSLASH || unit === QUOTE) path[to++] = BACKSLASH;
      path[to++] = unit;
    }
    return to;
  }

  /** Adds text to the first `end` bytes; gives where the path ends then. */
  add(end: number, text: string): number {
    const quoted = this.#text.quoted(text);
    this.#reserve(end + quoted.length);
    this.bytes.set(quoted, end);
    return end + quoted.length;
  }

  #reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const grown = new Uint8Array(length * 2);
    grown.set(this.bytes);
    this.bytes = grown;
  }
}
