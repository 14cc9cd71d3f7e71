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

const HEX: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal text of `bytes`, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const value of bytes) text += HEX[value];
  return text;
}

/** Whether both arrays hold the same bytes. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i += 1) if (left[i] !== right[i]) return false;
  return true;
}

/** Whether every byte is zero (true for an empty array). */
export function isZero(bytes: Uint8Array): boolean {
  let at = 0;
  // Four bytes a step where the alignment allows it: sparse writers ask this of every megabyte.
  if (bytes.length >= 64) {
    while ((bytes.byteOffset + at) % 4 !== 0) if (bytes[at++] !== 0) return false;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (bytes.length - at) >> 2);
    for (let i = 0; i < words.length; i += 1) if (words[i] !== 0) return false;
    at += words.length * 4;
  }
  for (; at < bytes.length; at += 1) if (bytes[at] !== 0) return false;
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
  let text = '';
  for (let i = offset; i < offset + length && i < bytes.length; i += 1) {
    const value = bytes[i];
    text += value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '.';
  }
  return text;
}

/** Whether the ASCII bytes of `text` stand at `offset`. */
export function hasAscii(bytes: Uint8Array, offset: number, text: string): boolean {
  if (offset < 0 || offset + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}
