import type { Bytes } from '@deadbox/core';
import { damagedIndex } from '../compression/damage.js';
import { expandLznt1Into } from '../compression/lznt1.js';
import { expandLzxInto } from '../compression/lzx.js';
import { expandXpressInto } from '../compression/xpress-huffman.js';

/** How packed parts are coded: LZNT1 streams, XPRESS Huffman chunks or LZX chunks. */
export type PackedFormat = 'lznt1' | 'xpress' | 'lzx';

/** The first part that is damaged. */
export interface ExpandDamage {
  /** Number of the part. */
  readonly part: number;
  /** Index in the packed bytes near which it is damaged. */
  readonly at: number;
}

/** Indices that describe one part. */
export const PART_INDICES = 4;

/**
 * Expands packed parts, up to the first that is damaged; nothing of `target` outside their ranges is changed.
 * @param packed - holds the parts
 * @param target - receives what they expand to
 * @param parts - {@link PART_INDICES} for each: it lies in `[0, 1)` of `packed` and fills `[2, 3)` of `target`
 */
export function expandParts(
  format: PackedFormat,
  packed: Bytes,
  target: Bytes,
  parts: Int32Array,
): ExpandDamage | undefined {
  const expand = format === 'lznt1' ? expandLznt1Into : format === 'lzx' ? expandLzxInto : expandXpressInto;
  for (let i = 0; i + 3 < parts.length; i += PART_INDICES) {
    // From an Int32Array the decoders get small integers, whatever arithmetic led to them: see the README of
    // `compression/`.
    const result = expand(packed, parts[i], parts[i + 1], target, parts[i + 2], parts[i + 3]);
    if (result < 0) return { part: i / PART_INDICES, at: damagedIndex(result) };
  }
  return undefined;
}
