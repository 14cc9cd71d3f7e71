/** Longest code that any of the formats allows. */
const MAX_CODE_BITS = 16;
/** An entry is `symbol << ENTRY_SHIFT | length`; 0 is none. */
export const ENTRY_SHIFT = 5;
/** Of an entry: how many bits the code has. */
export const ENTRY_LENGTH = 31;

/**
 * Decoding table of a canonical prefix (Huffman) code: codes of one length are consecutive numbers in symbol order,
 * longer codes follow shorter ones, the first bit read is the highest (MS-XCA 2.2, MS-PATCH 2.6). All arrays are made
 * once and refilled for each code, because a 4 KiB chunk brings a new code and leaves no time for allocation.
 */
export class PrefixCode {
  /** log2 of the size of {@link fast}. */
  readonly fastBits: number;
  /** Indexed by the next `fastBits` bits: an entry, or 0 when the code is longer or not assigned. */
  readonly fast: Uint16Array;
  /** `fast`, two entries at a time. */
  readonly #pairs: Int32Array;
  /** For lengths above `fastBits`: one past the last code of that length, left-aligned to 16 bits. */
  readonly #limit: Int32Array = new Int32Array(MAX_CODE_BITS + 1);
  /** Added to a code of a length, gives its index in `#sorted`. */
  readonly #base: Int32Array = new Int32Array(MAX_CODE_BITS + 1);
  /** Symbols in order of their codes; those without a code lie behind. */
  readonly #sorted: Uint16Array;
  readonly #counts: Int32Array = new Int32Array(MAX_CODE_BITS + 1);
  readonly #next: Int32Array = new Int32Array(MAX_CODE_BITS + 1);

  /**
   * @param symbols - size of the alphabet, at most 2048
   * @param fastBits - codes up to this many bits are found by one look into the table
   */
  constructor(symbols: number, fastBits: number) {
    this.fastBits = fastBits;
    this.fast = new Uint16Array(1 << fastBits);
    this.#pairs = new Int32Array(this.fast.buffer);
    this.#sorted = new Uint16Array(symbols * 2);
  }

  /**
   * Takes the code lengths `lengths[0, symbols)`; 0 = symbol without a code. A code that leaves bit patterns free is
   * accepted (reading one of those is damage then); an empty one too.
   * @returns `false` when the lengths claim more codes than there are
   */
  assign(lengths: Uint8Array, symbols: number): boolean {
    const counts = this.#counts;
    const next = this.#next;
    const sorted = this.#sorted;
    for (let length = 0; length <= MAX_CODE_BITS; length++) counts[length] = 0;
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
      this.#base[length] = index - code;
      code += count;
      this.#limit[length] = code << (MAX_CODE_BITS - length);
      index += count;
    }
    // Symbols without a code are sorted too, to behind the others: asking for each would cost more.
    next[0] = symbols;
    for (let symbol = 0; symbol < symbols; symbol++) {
      const length = lengths[symbol];
      const place = next[length];
      sorted[place] = symbol;
      next[length] = place + 1;
    }
    this.#fillFast();
    return true;
  }

  /**
   * Codes in ascending order fill the table from its start on, each as often as it has unread low bits: all but the
   * longest in pairs.
   */
  #fillFast(): void {
    const { fast, fastBits } = this;
    const pairs = this.#pairs;
    const counts = this.#counts;
    const sorted = this.#sorted;
    let at = 0;
    let index = 0;
    for (let length = 1; length < fastBits; length++) {
      const repeat = 1 << (fastBits - length - 1);
      for (let i = counts[length]; i > 0; i--) {
        const pair = Math.imul((sorted[index++] << ENTRY_SHIFT) | length, 0x1_0001);
        for (const end = at + repeat; at < end; ) pairs[at++] = pair;
      }
    }
    at *= 2;
    for (let i = counts[fastBits]; i > 0; i--) fast[at++] = (sorted[index++] << ENTRY_SHIFT) | fastBits;
    for (const end = fast.length; at < end; ) fast[at++] = 0;
  }

  /**
   * The entry of a code longer than `fastBits`.
   * @param bits - the next 16 bits
   * @returns 0 when no code begins with these bits
   */
  slow(bits: number): number {
    // Counted before the question, so that no operation here is first done late: see this folder's README.
    let length = this.fastBits;
    while (length < MAX_CODE_BITS) {
      length += 1;
      if (bits < this.#limit[length]) {
        const symbol = this.#sorted[(bits >> (MAX_CODE_BITS - length)) + this.#base[length]];
        return (symbol << ENTRY_SHIFT) | length;
      }
    }
    return 0;
  }
}
