import { bitsOf, canonicalCodes, codedSymbol, type Numbers, packed, randomLengths } from './prefix-writer.js';

/** Slots of offsets: where they begin, and their extra bits (MS-PATCH 2.5). */
const SLOTS = Array.from({ length: 30 }, (_, slot) => Math.max(0, (slot >> 1) - 1)).map((extra, slot, all) => ({
  extra,
  base: all.slice(0, slot).reduce((sum, bits) => sum + 2 ** bits, 0) - 2,
}));

/** Writes chunks of LZX that use everything the format has, at random. */
export class RandomLzx {
  readonly #next: Numbers;
  readonly #bits: number[] = [];
  #size = 0;
  #recent = [1, 1, 1];
  #main = new Array<number>(496).fill(0);
  #long = new Array<number>(249).fill(0);

  constructor(next: Numbers) {
    this.#next = next;
  }

  /** The chunk, and how many bytes it expands to. */
  end(): { bytes: Uint8Array; size: number } {
    return { bytes: packed(this.#bits), size: this.#size };
  }

  /** An uncompressed block. */
  plain(content: Uint8Array): void {
    const next = this.#next;
    this.#head(3, content.length);
    this.#put(new Array<number>(16 - (this.#bits.length % 16)).fill(0));
    this.#recent = [0, 1, 2].map(() => 1 + next(this.#size + content.length));
    const bytes = [
      ...new Uint8Array(Uint32Array.from(this.#recent).buffer),
      ...content,
      ...(content.length % 2 === 1 ? [0] : []),
    ];
    for (let i = 0; i < bytes.length; i += 2) this.#put([...bitsOf(bytes[i + 1] ?? 0, 8), ...bitsOf(bytes[i] ?? 0, 8)]);
    this.#size += content.length;
  }

  /**
   * A verbatim or aligned block.
   * @param sameCodes - uses the codes of the block before
   * @param runInRun - makes the block invalid: a run of lengths whose length is a run
   */
  coded(size: number, aligned: boolean, options: { sameCodes?: boolean; runInRun?: boolean } = {}): void {
    const next = this.#next;
    const main = options.sameCodes === true ? this.#main : randomLengths(next, 496, 16, [next(256), 0xe8]);
    const long = options.sameCodes === true ? this.#long : randomLengths(next, 249, 16);
    const low = next(3) === 0 ? [1, 2, 3, 4, 5, 6, 7, 7] : randomLengths(next, 8, 7);
    this.#head(aligned ? 2 : 1, size);
    if (aligned) this.#put(low.flatMap((length) => bitsOf(length, 3)));
    this.#lengths(this.#main, main, 0, 256, options.runInRun);
    this.#lengths(this.#main, main, 256, 496);
    this.#lengths(this.#long, long, 0, 249);
    this.#main = main;
    this.#long = long;
    const codes = {
      main: canonicalCodes(main),
      long: canonicalCodes(long),
      low: aligned ? canonicalCodes(low) : undefined,
    };
    for (const end = this.#size + size; this.#size < end; ) {
      const symbol = codedSymbol(next, codes.main);
      if (symbol < 256 || !this.#match(symbol, end, codes)) {
        this.#put(codes.main[symbol < 256 ? symbol : codedSymbol(next, codes.main.slice(0, 256))] ?? []);
        this.#size += 1;
      }
    }
  }

  /** A match, where that symbol can stand for one here. */
  #match(
    symbol: number,
    end: number,
    codes: { main: number[][]; long: number[][]; low: number[][] | undefined },
  ): boolean {
    const next = this.#next;
    const slot = (symbol - 256) >> 3;
    const longer = symbol % 8 === 7 ? codedSymbol(next, codes.long) : undefined;
    const length = 2 + (symbol % 8) + (longer ?? 0);
    if (length > end - this.#size) return false;
    const bits = [...(codes.main[symbol] ?? []), ...(longer === undefined ? [] : (codes.long[longer] ?? []))];
    if (slot < 3) {
      const distance = this.#recent[slot] ?? 0;
      if (distance > this.#size) return false;
      this.#recent[slot] = this.#recent[0] ?? 0;
      this.#recent[0] = distance;
    } else {
      const { base, extra } = SLOTS[slot] ?? { base: 0, extra: 0 };
      let value = next(2 ** extra);
      if (codes.low !== undefined && extra >= 3) {
        const low = codedSymbol(next, codes.low);
        value = (value & ~7) | low;
        bits.push(...bitsOf(value >> 3, extra - 3), ...(codes.low[low] ?? []));
      } else bits.push(...bitsOf(value, extra));
      if (base + value > this.#size) return false;
      this.#recent = [base + value, this.#recent[0] ?? 0, this.#recent[1] ?? 0];
    }
    this.#put(bits);
    this.#size += length;
    return true;
  }

  #put(bits: readonly number[]): void {
    for (const bit of bits) this.#bits.push(bit);
  }

  #head(type: number, size: number): void {
    this.#put([...bitsOf(type, 3), ...(size === 32_768 ? [1] : [0, ...bitsOf(size, 16)])]);
  }

  /**
   * Code lengths under a code of 12 × 4 and 8 × 5 bits, as differences to those before; equal ones sometimes as runs.
   */
  #lengths(before: readonly number[], lengths: readonly number[], from: number, to: number, runInRun = false): void {
    const next = this.#next;
    const pre = Array.from({ length: 20 }, (_, symbol) => (symbol % 5 < 3 ? 4 : 5));
    const codes = canonicalCodes(pre);
    this.#put(pre.flatMap((length) => bitsOf(length, 4)));
    const put = (symbol: number): void => this.#put(codes[symbol] ?? []);
    for (let i = from; i < to; ) {
      const difference = ((before[i] ?? 0) - (lengths[i] ?? 0) + 17) % 17;
      let run = 1;
      while (i + run < to && lengths[i + run] === lengths[i] && run < 51) run += 1;
      if (runInRun && run >= 4 && difference === 0) {
        // 17 is 0 modulo 17: whoever does not look takes it for the right difference.
        put(19);
        this.#put(bitsOf(0, 1));
        put(17);
        run = 4;
      } else if (lengths[i] === 0 && run >= 20 && next(4) > 0) {
        put(18);
        this.#put(bitsOf(run - 20, 5));
      } else if (lengths[i] === 0 && run >= 4 && next(4) > 0) {
        run = Math.min(run, 19);
        put(17);
        this.#put(bitsOf(run - 4, 4));
      } else if (run >= 4 && next(2) === 0) {
        run = Math.min(run, 5);
        put(19);
        this.#put(bitsOf(run - 4, 1));
        put(difference);
      } else {
        run = 1;
        put(difference);
      }
      i += run;
    }
  }
}
