import type { Bytes } from '@deadbox/core';

/** A good input that mutations start from. */
export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Byte range `[from, to)` of an input where structures lie: mutations prefer it. */
export type Range = readonly [from: number, to: number];

/** Something that reads untrusted bytes. */
export interface FuzzTarget {
  /** `package/what`, e.g. `partitions/table`. */
  readonly name: string;
  /** Good inputs, the same in every run; none where a tool that makes them is missing. */
  readonly seeds: () => readonly Seed[];
  /**
   * Reads the input as far as a user of the library can. Only typed errors may come out of it.
   * @returns what it came to, e.g. codes of issues: an input with another answer is kept, and mutated further
   */
  readonly parse: (input: Bytes) => unknown;
  /** Puts checksums and fixups right, in place, so that a mutation gets past them. */
  readonly repair?: (input: Buffer) => void;
  /** Default: the whole input. */
  readonly structures?: (seed: Uint8Array) => readonly Range[];
}

/** A little-endian (or other) view of an input. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The places of an ASCII or binary mark in `bytes`, at multiples of `step`. */
export function placesOf(bytes: Uint8Array, mark: string, step = 512, from = 0): number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: number[] = [];
  for (let at = buffer.indexOf(mark, from, 'latin1'); at >= 0; at = buffer.indexOf(mark, at + 1, 'latin1'))
    if (at % step === 0) found.push(at);
  return found;
}
