import { bitsOf, canonicalCodes, codedSymbol, type Numbers, randomLengths } from './prefix-writer.js';

/** Bits in words and bytes between them, where a decoder that has 32 bits at hand looks for them (MS-XCA 2.2.4). */
class MixedWriter {
  readonly bytes: number[] = [];
  /** Where the words are that wait for bits. */
  readonly #words: number[] = [];
  #written = 0;

  constructor(head: readonly number[]) {
    this.bytes.push(...head);
    this.#reserve();
    this.#reserve();
  }

  bits(bits: readonly number[]): void {
    for (const bit of bits) {
      const word = this.#words[this.#written >> 4] ?? 0;
      const place = this.#written % 16;
      this.bytes[word + (place < 8 ? 1 : 0)] =
        (this.bytes[word + (place < 8 ? 1 : 0)] ?? 0) | (bit << (7 - (place % 8)));
      this.#written += 1;
    }
    // Codes have 15 bits at most, so one more word is enough.
    if (this.#words.length * 16 - this.#written < 16) this.#reserve();
  }

  #reserve(): void {
    this.#words.push(this.bytes.length);
    this.bytes.push(0, 0);
  }
}

/** A chunk of XPRESS Huffman that uses everything the format has, at random. */
export function randomXpress(next: Numbers, size: number): Uint8Array {
  const lengths = randomLengths(next, 512, 15, [next(256), 256 + next(256)]);
  const codes = canonicalCodes(lengths);
  const writer = new MixedWriter(
    Array.from({ length: 256 }, (_, i) => (lengths[i * 2] ?? 0) | ((lengths[i * 2 + 1] ?? 0) << 4)),
  );
  for (let out = 0; out < size; ) {
    let symbol = codedSymbol(next, codes);
    const offsetBits = (symbol - 256) >> 4;
    const distance = 2 ** offsetBits + next(2 ** offsetBits);
    // A head of 15 has its length in a byte, a word or two words, whatever the length is.
    const form = symbol % 16 === 15 ? 1 + next(4) : 0;
    const length =
      form === 0 ? 3 + (symbol % 16) : 3 + (form === 1 ? 15 + next(255) : 1 + next(next(8) === 0 ? 20_000 : 400));
    if (symbol < 256 || distance > out || length > size - out) {
      symbol = symbol < 256 ? symbol : codedSymbol(next, codes.slice(0, 256));
      writer.bits(codes[symbol] ?? []);
      out += 1;
      continue;
    }
    writer.bits(codes[symbol] ?? []);
    const told = length - 3;
    if (form === 1) writer.bytes.push(told - 15);
    else if (form === 2 || form === 4) writer.bytes.push(255, told & 0xff, told >> 8);
    else if (form === 3) writer.bytes.push(255, 0, 0, told & 0xff, told >> 8, 0, 0);
    writer.bits(bitsOf(distance - 2 ** offsetBits, offsetBits));
    out += length;
  }
  return Uint8Array.from(writer.bytes);
}
