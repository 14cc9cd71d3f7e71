/**
 * Codes of a canonical prefix code by `length:code`, first bit highest; `undefined` when there are more codes than fit.
 */
function codesOf(lengths: readonly number[]): Map<string, number> | undefined {
  const codes = new Map<string, number>();
  let code = 0;
  for (let length = 1; length <= 16; length += 1) {
    code *= 2;
    for (const [symbol, its] of lengths.entries()) {
      if (its !== length) continue;
      if (code >= 2 ** length) return undefined;
      codes.set(`${length}:${code}`, symbol);
      code += 1;
    }
  }
  return codes;
}

/** Thrown where a stream is damaged. */
class Damage extends Error {}

/** LZ77's output: every match byte by byte. */
class Output {
  readonly bytes: number[] = [];

  match(distance: number, length: number): void {
    if (distance > this.bytes.length) throw new Damage('a match from before the start');
    for (let i = 0; i < length; i += 1) this.bytes.push(this.bytes[this.bytes.length - distance] ?? 0);
  }
}

/**
 * XPRESS Huffman as MS-XCA 2.2.4 tells it; `undefined` for damage, or when `size` is missed: 32 bits are always at
 * hand, and length bytes come from behind the words that were loaded.
 */
export function expandXpressPlainly(input: Uint8Array, size: number): Uint8Array | undefined {
  const output = new Output();
  try {
    if (input.length < 256) throw new Damage('no code');
    const codes = codesOf([...input.subarray(0, 256)].flatMap((pair) => [pair & 15, pair >> 4]));
    if (codes === undefined) throw new Damage('too many codes');
    const bits: number[] = [];
    let at = 256;
    const byte = (): number => input[at++] ?? 0;
    const load = (): void => {
      const word = byte() + byte() * 256;
      for (let bit = 15; bit >= 0; bit -= 1) bits.push((word >> bit) & 1);
    };
    const used = (count: number): void => {
      bits.splice(0, count);
      if (bits.length < 16) load();
    };
    const number = (count: number): number => bits.slice(0, count).reduce((value, bit) => value * 2 + bit, 0);
    load();
    load();
    while (output.bytes.length < size) {
      let length = 1;
      while (length <= 15 && !codes.has(`${length}:${number(length)}`)) length += 1;
      const symbol = codes.get(`${length}:${number(length)}`);
      if (symbol === undefined) throw new Damage('no such code');
      used(length);
      if (symbol < 256) output.bytes.push(symbol);
      else {
        let matched = symbol % 16;
        if (matched === 15) {
          matched = byte();
          if (matched === 255) {
            matched = byte() + byte() * 256;
            if (matched === 0) matched = byte() + byte() * 256 + (byte() + byte() * 256) * 65_536;
          } else matched += 15;
        }
        matched += 3;
        const offsetBits = (symbol - 256) >> 4;
        const distance = 2 ** offsetBits + number(offsetBits);
        used(offsetBits);
        if (matched > size - output.bytes.length) throw new Damage('a match past the end');
        output.match(distance, matched);
      }
      if (at - 2 * Math.floor(bits.length / 16) > input.length) throw new Damage('the input is at its end');
    }
    return Uint8Array.from(output.bytes);
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return undefined;
  }
}

/** Bits of 16-bit little-endian words, highest first. */
class WordBits {
  /** Bits read. */
  at = 0;
  readonly #input: Uint8Array;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  number(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1, this.at += 1) {
      const byte = Math.floor(this.at / 16) * 2 + (this.at % 16 < 8 ? 1 : 0);
      value = value * 2 + (((this.#input[byte] ?? 0) >> (7 - (this.at % 8))) & 1);
    }
    if (Math.ceil(this.at / 16) * 2 > this.#input.length) throw new Damage('the input is at its end');
    return value;
  }

  symbol(codes: Map<string, number>): number {
    for (let length = 1, code = 0; length <= 16; length += 1) {
      code = code * 2 + this.number(1);
      const symbol = codes.get(`${length}:${code}`);
      if (symbol !== undefined) return symbol;
    }
    throw new Damage('no such code');
  }

  code(lengths: readonly number[]): Map<string, number> {
    const codes = codesOf(lengths);
    if (codes === undefined) throw new Damage('too many codes');
    return codes;
  }

  bytes(count: number): Uint8Array {
    const from = this.at / 8;
    this.at += count * 8;
    if (this.at / 8 > this.#input.length) throw new Damage('the input is at its end');
    return this.#input.subarray(from, from + count);
  }
}

/**
 * LZX as MS-PATCH 2 tells it; `undefined` as above. With the changes of WIM: a window of 32 KiB, block sizes of 16
 * bits, calls translated in every chunk.
 */
export function expandLzxPlainly(input: Uint8Array, size: number): Uint8Array | undefined {
  const bits = new WordBits(input);
  const output = new Output();
  const main = new Array<number>(496).fill(0);
  const long = new Array<number>(249).fill(0);
  let recent = [1, 1, 1];
  const readLengths = (lengths: number[], from: number, to: number): void => {
    const pre = bits.code(Array.from({ length: 20 }, () => bits.number(4)));
    for (let i = from; i < to; ) {
      const symbol = bits.symbol(pre);
      let run = 1;
      let value = 0;
      if (symbol === 17) run = 4 + bits.number(4);
      else if (symbol === 18) run = 20 + bits.number(5);
      else {
        if (symbol === 19) run = 4 + bits.number(1);
        const difference = symbol === 19 ? bits.symbol(pre) : symbol;
        if (difference > 16) throw new Damage('a run in a run');
        value = ((lengths[i] ?? 0) - difference + 17) % 17;
      }
      for (; run > 0 && i < to; run -= 1, i += 1) lengths[i] = value;
    }
  };
  try {
    while (output.bytes.length < size) {
      const type = bits.number(3);
      const blockSize = bits.number(1) === 1 ? 32_768 : bits.number(16);
      const end = output.bytes.length + blockSize;
      if (blockSize === 0 || end > size) throw new Damage('block size');
      if (type === 3) {
        bits.number(16 - (bits.at % 16));
        recent = [0, 1, 2].map(() => new DataView(bits.bytes(4).slice().buffer).getInt32(0, true));
        if (recent.some((offset) => offset <= 0)) throw new Damage('a recent offset');
        output.bytes.push(...bits.bytes(blockSize));
        if (blockSize % 2 === 1) bits.bytes(1);
        continue;
      }
      if (type !== 1 && type !== 2) throw new Damage('block type');
      const aligned = type === 2 ? bits.code(Array.from({ length: 8 }, () => bits.number(3))) : undefined;
      readLengths(main, 0, 256);
      readLengths(main, 256, 496);
      const mainCode = bits.code(main);
      readLengths(long, 0, 249);
      const longCode = bits.code(long);
      while (output.bytes.length < end) {
        const symbol = bits.symbol(mainCode);
        if (symbol < 256) output.bytes.push(symbol);
        else {
          const head = symbol % 8;
          const length = 2 + head + (head === 7 ? bits.symbol(longCode) : 0);
          const slot = (symbol - 256) >> 3;
          let distance: number;
          if (slot < 3) {
            distance = recent[slot] ?? 0;
            recent[slot] = recent[0] ?? 0;
            recent[0] = distance;
          } else {
            const extra = Math.max(0, (slot >> 1) - 1);
            let base = 0;
            for (let i = 0; i < slot; i += 1) base += 2 ** Math.max(0, (i >> 1) - 1);
            distance =
              aligned !== undefined && extra >= 3
                ? base + bits.number(extra - 3) * 8 + bits.symbol(aligned)
                : base + bits.number(extra);
            distance -= 2;
            recent = [distance, recent[0] ?? 0, recent[1] ?? 0];
          }
          if (length > end - output.bytes.length) throw new Damage('a match past the end');
          output.match(distance, length);
        }
      }
    }
    return withoutTranslation(Uint8Array.from(output.bytes));
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return undefined;
  }
}

/** Undoes the translation of x86 calls, for WIM's constant file size. */
function withoutTranslation(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < bytes.length - 10; i += 1) {
    if (bytes[i] !== 0xe8) continue;
    const target = view.getInt32(i + 1, true);
    if (target >= -i && target < 12_000_000) view.setInt32(i + 1, target >= 0 ? target - i : target + 12_000_000, true);
    i += 4;
  }
  return bytes;
}
