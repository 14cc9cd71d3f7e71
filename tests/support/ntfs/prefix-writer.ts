/** Numbers from 0 to below the argument. */
export type Numbers = (below: number) => number;

/** Numerical Recipes' generator: the same streams for the same seed. */
export function numbers(seed: number): Numbers {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Bits of a number, highest first. */
export const bitsOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (value >> (count - 1 - i)) & 1);

/** Bits in 16-bit little-endian words, highest first. */
export function packed(bits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 16) * 2);
  for (const [i, bit] of bits.entries()) bytes[(i >> 4) * 2 + (i % 16 < 8 ? 1 : 0)] |= bit << (7 - (i % 8));
  return bytes;
}

/**
 * Lengths of a complete code for some of the symbols below `symbols`, uneven, so that codes of every length up to
 * `longest` occur.
 * @param always - symbols that have a code in any case
 */
export function randomLengths(
  next: Numbers,
  symbols: number,
  longest: number,
  always: readonly number[] = [],
): number[] {
  const chosen = new Set(always);
  for (let wanted = 2 + next(symbols); wanted > 0; wanted -= 1) chosen.add(next(symbols));
  while (chosen.size < 2) chosen.add(next(symbols));
  // A tree whose leaves are split at random.
  const leaves = [0];
  while (leaves.length < chosen.size) {
    const wanted = next(3) === 0 ? leaves.length - 1 : next(leaves.length);
    const at = (leaves[wanted] ?? 0) < longest ? wanted : leaves.findIndex((depth) => depth < longest);
    const depth = (leaves[at] ?? 0) + 1;
    leaves.splice(at, 1, depth, depth);
  }
  const lengths = new Array<number>(symbols).fill(0);
  const shuffled = [...chosen]
    .map((symbol) => ({ symbol, key: next(1_000_000) }))
    .sort((left, right) => left.key - right.key);
  for (const [i, { symbol }] of shuffled.entries()) lengths[symbol] = leaves[i] ?? 0;
  return lengths;
}

/** The bits of each symbol's code: canonical, as the lengths tell. */
export function canonicalCodes(lengths: readonly number[]): number[][] {
  const codes: number[][] = [];
  for (let length = 1, code = 0; length <= 16; length += 1, code *= 2) {
    for (const [symbol, its] of lengths.entries()) if (its === length) codes[symbol] = bitsOf(code++, length);
  }
  return codes;
}

/** A symbol below `symbols` that has a code. */
export function codedSymbol(next: Numbers, codes: readonly (readonly number[] | undefined)[]): number {
  const from = next(codes.length);
  for (let i = 0; i < codes.length; i += 1)
    if (codes[(from + i) % codes.length] !== undefined) return (from + i) % codes.length;
  return 0;
}
