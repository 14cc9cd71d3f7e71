import type { Bytes } from '@deadbox/core';
import { expandLznt1Into } from './lznt1.js';
import { expandLzxInto } from './lzx.js';
import { expandXpressInto } from './xpress-huffman.js';

/** How packed parts are coded: LZNT1 streams, XPRESS Huffman chunks or LZX chunks. */
export type PackedFormat = 'lznt1' | 'xpress' | 'lzx';

/** Packed parts, and where each expands to. */
export interface ExpandJob {
  readonly format: PackedFormat;
  /** Holds the packed parts. */
  readonly packed: Bytes;
  /** Receives what they expand to; nothing outside the parts' own ranges is changed. */
  readonly target: Bytes;
  /** Four indices a part: it lies in `[0, 1)` of {@link packed} and fills `[2, 3)` of {@link target}. */
  readonly parts: Int32Array;
}

/** The first part that is damaged. */
export interface ExpandDamage {
  /** Number of the part in the job. */
  readonly part: number;
  /** Index in `packed` near which it is damaged. */
  readonly at: number;
}

/**
 * Expands jobs somewhere else, such as in another thread. Gives `undefined` at once when it takes no more work: the caller then expands the job
 * itself. The arrays of a job that was taken must stay as they are until its promise is settled.
 */
export type PartExpander = (job: ExpandJob) => Promise<ExpandDamage | undefined> | undefined;

/** Indices of {@link ExpandJob.parts} that one part takes. */
export const PART_INDICES = 4;

/** Expands all parts of a job, up to the first that is damaged. */
export function expandParts({ format, packed, target, parts }: ExpandJob): ExpandDamage | undefined {
  const expand = format === 'lznt1' ? expandLznt1Into : format === 'lzx' ? expandLzxInto : expandXpressInto;
  for (let i = 0; i + 3 < parts.length; i += PART_INDICES) {
    // From an Int32Array the decoders get small integers, whatever arithmetic led to them: their loops are a third slower over doubles.
    const result = expand(packed, parts[i], parts[i + 1], target, parts[i + 2], parts[i + 3]);
    if (result < 0) return { part: i / PART_INDICES, at: -1 - result };
  }
  return undefined;
}
