import { toHex } from './bytes/bytes.js';
import type { ByteSource, ReadOptions } from './sources/byte-source.js';
import { resolveOrigin } from './sources/origin.js';

/** Bytes that prove a statement: on the virtual disk, and in the image file where they lie there verbatim. */
export interface Evidence {
  /** What the bytes are. */
  readonly what: string;
  /** Byte offset on the virtual disk (or on the source named by the caller). */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
  /** Hexadecimal text of the bytes (of their beginning, when long). */
  readonly bytes: string;
  /** The same place in the image file; absent if the container compresses or encrypts it. */
  readonly file?: { path: string; offset: number };
}

const SHOWN_BYTES = 64;

/**
 * Reads `[offset, offset + length)` of `source` as evidence; at most 64 bytes are shown.
 * @param what - what the bytes are, e.g. `boot sector`
 */
export async function readEvidence(
  source: ByteSource,
  what: string,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Evidence> {
  const shown = await source.read(offset, Math.min(length, SHOWN_BYTES), options);
  return locateEvidence(source, { what, offset, length, bytes: toHex(shown) }, options);
}

/** Adds the place in the image file to `evidence`, whose offset counts in `source`. */
export async function locateEvidence(source: ByteSource, evidence: Evidence, options?: ReadOptions): Promise<Evidence> {
  const origin = await resolveOrigin(source, evidence.offset, evidence.length, options);
  if (origin?.source.name === undefined) return evidence;
  return { ...evidence, file: { path: origin.source.name, offset: origin.offset } };
}
