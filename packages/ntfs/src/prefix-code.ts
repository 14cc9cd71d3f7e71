/** Codes up to this many bits are found by one table look-up. */
const FAST_BITS = 11;
/** Longest code that any of the formats allows. */
const MAX_CODE_BITS = 16;

/**
 * Decoding table of a canonical prefix (Huffman) code: codes of one length are consecutive numbers in symbol order, longer codes
 * follow shorter ones, the first bit read is the highest (MS-XCA 2.2, MS-PATCH 2.6). All arrays are made once and refilled for each
 * code, because a 4 KiB chunk brings a new code and leaves no time for allocation.
 */
export class PrefixCode {
  /** log2 of the size of {@link fast}. */
  readonly fastBits: number;
  /** Indexed by the next `fastBits` bits: `symbol << 4 | length`, or 0 when the code is longer or not assigned. */
  readonly fast: Uint16Array;
  /** For lengths above `fastBits`: one past the last code of that length, left-aligned to 16 bits. */
  readonly limit: Int32Array = new Int32Array(MAX_CODE_BITS + 2);
  /** Added to a code of a length, gives its index in {@link sorted}. */
  readonly base: Int32Array = new Int32Array(MAX_CODE_BITS + 2);
  /** Symbols in order of their codes. */
  readonly sorted: Uint16Array;
  readonly #counts: Int32Array = new Int32Array(MAX_CODE_BITS + 2);
  readonly #next: Int32Array = new Int32Array(MAX_CODE_BITS + 2);

  /** @param symbols - size of the alphabet, at most 4096 */
  constructor(symbols: number, fastBits: number = FAST_BITS) {
    this.fastBits = fastBits;
    this.fast = new Uint16Array(1 << fastBits);
    this.sorted = new Uint16Array(symbols);
  }

  /**
   * Takes the code lengths `lengths[0, symbols)`; 0 = symbol without a code. A code that leaves bit patterns free is accepted (reading
   * one of those is damage then); an empty one too.
   * @returns `false` when the lengths claim more codes than there are
   */
  assign(lengths: Uint8Array, symbols: number): boolean {
    const counts = this.#counts.fill(0);
    const next = this.#next;
    for (let symbol = 0; symbol < symbols; symbol++) counts[lengths[symbol]]++;
    let left = 1;
    let index = 0;
    let code = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      const count = counts[length];
      left = left * 2 - count;
      if (left < 0) return false;
      next[length] = index;
      code *= 2;
      this.base[length] = index - code;
      code += count;
      this.limit[length] = code << (MAX_CODE_BITS - length);
      index += count;
    }
    const sorted = this.sorted;
    for (let symbol = 0; symbol < symbols; symbol++) {
      const length = lengths[symbol];
      if (length !== 0) sorted[next[length]++] = symbol;
    }
    this.#fillFast();
    return true;
  }

  /** Codes in ascending order fill the table from its start on, each as often as it has unread low bits. */
  #fillFast(): void {
    const { fast, sorted, fastBits } = this;
    const counts = this.#counts;
    let at = 0;
    let index = 0;
    for (let length = 1; length <= fastBits; length++) {
      const repeat = 1 << (fastBits - length);
      for (let i = counts[length]; i > 0; i--) {
        const entry = (sorted[index++] << 4) | length;
        if (repeat >= 32) {
          fast.fill(entry, at, at + repeat);
          at += repeat;
        } else {
          for (const end = at + repeat; at < end; ) fast[at++] = entry;
        }
      }
    }
    if (at < fast.length) fast.fill(0, at);
  }

  /**
   * The entry (`symbol << 5 | length`, at most 17 bits) of a code longer than `fastBits`.
   * @param bits - the next 16 bits
   * @returns -1 when no code begins with these bits
   */
  slow(bits: number): number {
    for (let length = this.fastBits + 1; length <= MAX_CODE_BITS; length++) {
      if (bits < this.limit[length]) {
        const symbol = this.sorted[(bits >> (MAX_CODE_BITS - length)) + this.base[length]];
        return (symbol << 5) | length;
      }
    }
    return -1;
  }
}
