import { join } from './sample-data.js';

/** Bits in 16-bit little-endian words, highest first. */
class BitWriter {
  readonly bytes: number[] = [];
  #word = 0;
  #used = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.#word = (this.#word << 1) | ((value >> bit) & 1);
      this.#used += 1;
      if (this.#used === 16) this.#flush();
    }
  }

  /** To the next word; a whole word of padding when already there, as uncompressed blocks have it. */
  align(): void {
    if (this.#used === 0) this.put(0, 16);
    while (this.#used !== 0) this.put(0, 1);
  }

  end(): Uint8Array {
    while (this.#used !== 0) this.put(0, 1);
    return Uint8Array.from(this.bytes);
  }

  #flush(): void {
    this.bytes.push(this.#word & 0xff, this.#word >> 8);
    this.#word = 0;
    this.#used = 0;
  }
}

/**
 * One LZX chunk of exactly 32768 bytes that has what wimlib's compressor never writes: uncompressed blocks, one with an
 * odd length, one whose head ends on a word boundary for some `literals`. Between them verbatim blocks with literals
 * and matches at the recent offset that the uncompressed block sets. `head` must hold no byte E8.
 */
export function lzxChunkWithUncompressedBlocks(
  head: Uint8Array,
  literals: number,
): { chunk: Uint8Array; content: Uint8Array<ArrayBuffer> } {
  const writer = new BitWriter();
  const uncompressed = (bytes: Uint8Array, recent: number): void => {
    writer.put(3, 3);
    writer.put(0, 1);
    writer.put(bytes.length, 16);
    writer.align();
    for (const offset of [recent, 1, 1]) writer.bytes.push(offset & 0xff, (offset >> 8) & 0xff, offset >> 16, 0);
    writer.bytes.push(...bytes);
    if (bytes.length % 2 === 1) writer.bytes.push(0);
  };
  const length = (head.length - 1) | 1;
  const first = head.subarray(0, length);
  uncompressed(first, 100);
  // 257 bytes from 100 before, again and again: then a few literals.
  const repeats = 20;
  const size = repeats * 257 + literals;
  verbatimHead(writer, size, [0, 0]);
  for (let i = 0; i < repeats; i += 1) matchOf257(writer);
  for (let i = 0; i < literals; i += 1) writer.put(256 + i, 9);
  const middle = new Uint8Array(size);
  for (let i = 0; i < repeats * 257; i += 1) middle[i] = i < 100 ? first[length - 100 + i] : middle[i - 100];
  for (let i = 0; i < literals; i += 1) middle[repeats * 257 + i] = i;
  const second = head.subarray(0, 64);
  uncompressed(second, 64);
  const left = 32_768 - length - size - 64;
  // The second verbatim block codes its lengths against those of the first: no change at all.
  verbatimHead(writer, left, [9, 2]);
  const matches = Math.floor(left / 257);
  for (let i = 0; i < matches; i += 1) matchOf257(writer);
  const rest = left - matches * 257;
  for (let i = 0; i < rest; i += 1) writer.put(256 + (i & 0x7f), 9);
  const tail = new Uint8Array(left);
  for (let i = 0; i < matches * 257; i += 1) tail[i] = second[i % 64];
  for (let i = 0; i < rest; i += 1) tail[matches * 257 + i] = i & 0x7f;
  return { chunk: writer.end(), content: join(first, middle, second, tail) };
}

/**
 * Main code: literals 9 bits, symbols 256 and 263 (recent offset 0, length heads 0 and 7) 2 bits. Length code: 0 and
 * 248, 1 bit.
 */
function verbatimHead(writer: BitWriter, size: number, before: readonly [number, number]): void {
  writer.put(1, 3);
  writer.put(0, 1);
  writer.put(size, 16);
  const changed = before[0] === 0;
  const delta = (value: number): number => (changed ? (17 - value) % 17 : 0);
  preTree(writer, delta(9));
  for (let i = 0; i < 256; i += 1) writer.put(changed ? 1 : 0, 1);
  preTree(writer, delta(2));
  for (let i = 256; i < 496; i += 1) writer.put(changed && (i === 256 || i === 263) ? 1 : 0, 1);
  preTree(writer, delta(1));
  for (let i = 0; i < 249; i += 1) writer.put(changed && (i === 0 || i === 248) ? 1 : 0, 1);
}

/**
 * A pre-tree with two codes of one bit: 0 for symbol 0, 1 for `other` (or for symbol 1, unused, when `other` is 0
 * itself).
 */
function preTree(writer: BitWriter, other: number): void {
  for (let i = 0; i < 20; i += 1) writer.put(i === 0 || i === (other === 0 ? 1 : other) ? 1 : 0, 4);
}

/** Symbol 263 (code 01 of the two 2-bit codes), length symbol 248 (code 1). */
function matchOf257(writer: BitWriter): void {
  writer.put(0b01, 2);
  writer.put(1, 1);
}
