import type { FuzzTarget, Range } from './target.js';

/** One change of an input; `bytes` is hexadecimal. */
export type Edit =
  | { readonly kind: 'set'; readonly at: number; readonly bytes: string }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: string }
  | { readonly kind: 'copy'; readonly from: number; readonly to: number; readonly length: number }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'cut'; readonly length: number };

/**
 * How an input is made again: a seed of a target, what was changed, and whether its checksums were put right
 * afterwards.
 */
export interface Recipe {
  readonly target: string;
  readonly seed: string;
  readonly edits: readonly Edit[];
  readonly repaired: boolean;
}

/** Whole numbers below a bound; the same for the same seed. */
export type Random = (below: number) => number;

/** xorshift32 over a hash of `text`. */
export function randomOf(text: string): Random {
  let state = 0x811c_9dc5;
  for (let i = 0; i < text.length; i += 1) state = Math.imul(state ^ text.charCodeAt(i), 0x0100_0193);
  state = state === 0 ? 1 : state;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return below <= 0 ? 0 : (state >>> 0) % below;
  };
}

/**
 * The input of a recipe, in a `Buffer`, whose `slice` shares memory: a parser that writes into what it was given is
 * found out.
 */
export function makeInput(
  target: FuzzTarget,
  seed: Uint8Array,
  recipe: Pick<Recipe, 'edits' | 'repaired'>,
): Buffer<ArrayBuffer> {
  let bytes: Buffer<ArrayBuffer> = Buffer.alloc(seed.length);
  bytes.set(seed);
  for (const edit of recipe.edits) bytes = applied(bytes, edit);
  if (recipe.repaired) target.repair?.(bytes);
  return bytes;
}

function applied(bytes: Buffer<ArrayBuffer>, edit: Edit): Buffer<ArrayBuffer> {
  switch (edit.kind) {
    case 'set':
      bytes.set(
        Buffer.from(edit.bytes, 'hex').subarray(0, Math.max(0, bytes.length - edit.at)),
        Math.min(edit.at, bytes.length),
      );
      return bytes;
    case 'copy':
      bytes.copyWithin(edit.to, edit.from, edit.from + edit.length);
      return bytes;
    case 'cut':
      return bytes.subarray(0, edit.length);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, edit.at), Buffer.from(edit.bytes, 'hex'), bytes.subarray(edit.at)]);
    default:
      return Buffer.concat([bytes.subarray(0, edit.at), bytes.subarray(edit.at + edit.length)]);
  }
}

const BOUNDARIES: readonly bigint[] = [
  0n,
  1n,
  2n,
  7n,
  8n,
  0x0fn,
  0x10n,
  0x40n,
  0x7fn,
  0x80n,
  0xffn,
  0x100n,
  0x200n,
  0x1000n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x1_0000n,
  0x10_0000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_fff8n,
  0xffff_ffffn,
  1n << 32n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];
const WIDTHS = [1, 2, 4, 8] as const;

/** A few edits of `bytes`, most of them where its structures lie. */
export function mutations(random: Random, bytes: Buffer, structures: readonly Range[]): Edit[] {
  const count = 1 + random(random(4) === 0 ? 12 : 3);
  return Array.from({ length: count }, () => mutation(random, bytes, structures));
}

function mutation(random: Random, bytes: Buffer, structures: readonly Range[]): Edit {
  const at = placeIn(random, bytes.length, structures);
  const kind = random(100);
  if (kind < 22) return { kind: 'set', at, bytes: hex([(bytes[at] ?? 0) ^ (1 << random(8))]) };
  if (kind < 34) return { kind: 'set', at, bytes: hex([random(256)]) };
  if (kind < 58) return { kind: 'set', at, bytes: numberText(random, BOUNDARIES[random(BOUNDARIES.length)]) };
  // A number that stands elsewhere in the input, or a place in it: pointers that lead to another structure, or back.
  if (kind < 72) return wordFromElsewhere(random, bytes, structures, at);
  if (kind < 80)
    return { kind: 'set', at, bytes: numberText(random, BigInt(placeIn(random, bytes.length, structures))) };
  if (kind < 86) return { kind: 'set', at, bytes: nearby(random, bytes, at) };
  if (kind < 93) {
    const from = placeIn(random, bytes.length, structures);
    const length = Math.min(1 << random(11), bytes.length - Math.max(from, at));
    return { kind: 'copy', from, to: at, length };
  }
  if (kind < 95) return { kind: 'set', at, bytes: hex(Array.from({ length: 1 + random(32) }, () => random(256))) };
  if (kind < 97) return { kind: 'insert', at, bytes: hex(Array.from({ length: 1 + random(16) }, () => random(256))) };
  if (kind < 98) return { kind: 'remove', at, length: 1 + random(64) };
  return { kind: 'cut', length: random(3) === 0 ? at : bytes.length - random(Math.min(bytes.length, 8192) + 1) };
}

function placeIn(random: Random, length: number, structures: readonly Range[]): number {
  if (structures.length === 0 || random(10) === 0) return random(length);
  const [from, to] = structures[random(structures.length)];
  const at = from + random(Math.max(1, to - from));
  // Fields stand at even places, mostly.
  return Math.min(Math.max(0, random(3) === 0 ? at : at & ~3), Math.max(0, length - 1));
}

function wordFromElsewhere(random: Random, bytes: Buffer, structures: readonly Range[], at: number): Edit {
  const from = placeIn(random, bytes.length, structures);
  const width = WIDTHS[1 + random(3)];
  return { kind: 'copy', from, to: at, length: Math.min(width, bytes.length - Math.max(from, at)) };
}

/** The number at a place, a little larger or smaller. */
function nearby(random: Random, bytes: Buffer, at: number): string {
  const width = WIDTHS[random(3)];
  if (at + width > bytes.length) return '00';
  const value = bytes.readUIntLE(at, width) + (random(2) === 0 ? 1 : -1) * (1 + random(16));
  const out = Buffer.alloc(width);
  out.writeUIntLE(((value % 2 ** (8 * width)) + 2 ** (8 * width)) % 2 ** (8 * width), 0, width);
  return out.toString('hex');
}

function numberText(random: Random, value: bigint): string {
  const width = WIDTHS[random(4)];
  const out = Buffer.alloc(8);
  const masked = BigInt.asUintN(64, value);
  if (random(4) === 0) {
    out.writeBigUInt64BE(masked);
    return out.subarray(8 - width).toString('hex');
  }
  out.writeBigUInt64LE(masked);
  return out.subarray(0, width).toString('hex');
}

function hex(values: readonly number[]): string {
  return Buffer.from(values).toString('hex');
}
