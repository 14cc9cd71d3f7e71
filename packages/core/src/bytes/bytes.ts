/** Bytes as every source returns them: a view on an `ArrayBuffer`, never on shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A value, or the promise of one: hot loops branch on it so that a cache hit costs no microtask. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * The same bytes as a plain `Uint8Array`. A subclass may share memory where a copy is meant: `slice` of Node's `Buffer`
 * gives a view, and what is then changed in the "copy" (the fixups of a file record) changes the caller's bytes. Memory
 * shared between threads is copied.
 */
export function plainBytes(bytes: Uint8Array): Bytes {
  if (!(bytes.buffer instanceof ArrayBuffer)) return new Uint8Array(bytes);
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes as Bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Code units that a call may have as arguments. */
const CHUNK = 4096;
const DOT = 0x2e;
const DIGITS: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/**
 * Text of Latin-1 bytes: each byte is the code unit of the same value. Put together by characters, a text would stay a
 * tree of them in memory, 20 to 32 bytes for each.
 */
export function latin1Text(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return textOfUnits(bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += textOfUnits(bytes.subarray(at, at + CHUNK));
  return text;
}

function textOfUnits(units: ArrayLike<number>): string {
  return String.fromCharCode.apply(null, units as number[]);
}

/** Lower-case hexadecimal text of `bytes`, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let i = 0; i < bytes.length; i += 1) {
    digits[i * 2] = DIGITS[bytes[i] >> 4];
    digits[i * 2 + 1] = DIGITS[bytes[i] & 0xf];
  }
  return latin1Text(digits);
}

/** Whether both arrays hold the same bytes. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i += 1) if (left[i] !== right[i]) return false;
  return true;
}

/** Whether every byte is zero (true for an empty array). */
export function isZero(bytes: Uint8Array): boolean {
  return isFilledWith(bytes, 0);
}

/** Whether every byte is `value` (true for an empty array). */
export function isFilledWith(bytes: Uint8Array, value: number): boolean {
  let at = 0;
  // Four bytes a step where the alignment allows it: sparse writers ask this of every megabyte.
  if (bytes.length >= 64) {
    while ((bytes.byteOffset + at) % 4 !== 0) if (bytes[at++] !== value) return false;
    const word = Math.imul(value, 0x01010101);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (bytes.length - at) >> 2);
    for (let i = 0; i < words.length; i += 1) if (words[i] !== word) return false;
    at += words.length * 4;
  }
  for (; at < bytes.length; at += 1) if (bytes[at] !== value) return false;
  return true;
}

/** One array holding all `parts` in order. */
export function concatBytes(parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The ASCII characters of `bytes[offset, offset + length)`; other bytes become `.`. */
export function asciiText(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): string {
  const shown = bytes.subarray(offset, offset + length);
  return latin1Text(shown.map((value) => (value >= 0x20 && value < 0x7f ? value : DOT)));
}

/** Whether the ASCII bytes of `text` stand at `offset`. */
export function hasAscii(bytes: Uint8Array, offset: number, text: string): boolean {
  if (offset < 0 || offset + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}
