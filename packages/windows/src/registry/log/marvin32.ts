import { type Bytes, Cursor } from '@deadbox/core';

/**
 * Seed of the hashes in registry log entries: the 64-bit number 0x82EF4D887A4E55C5. The format description prints its
 * bytes most significant first; taken as a little-endian byte string it gives wrong hashes.
 */
const SEED_LOW = 0x7a4e_55c5;
const SEED_HIGH = 0x82ef_4d88;

/** A Marvin32 hash as its two halves: `low` is stored first. */
export interface Marvin32 {
  readonly low: number;
  readonly high: number;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/**
 * Marvin32 of `bytes` with the registry's seed.
 * @param bytes - a multiple of four bytes, as all hashed parts of a log entry are
 */
export function marvin32(bytes: Bytes): Marvin32 {
  const cursor = new Cursor(bytes, 'registry log entry');
  let low = SEED_LOW | 0;
  let high = SEED_HIGH | 0;
  const mix = (value: number): void => {
    low = (low + value) | 0;
    high ^= low;
    low = (rotate(low, 20) + high) | 0;
    high = rotate(high, 9) ^ low;
    low = (rotate(low, 27) + high) | 0;
    high = rotate(high, 19);
  };
  const words = bytes.length >> 2;
  for (let i = 0; i < words; i += 1) mix(cursor.u32(i * 4));
  // The padding word (0x80 after the last byte) and the closing round of the algorithm.
  mix(0x80);
  mix(0);
  return { low: low >>> 0, high: high >>> 0 };
}
