import { random } from '../support/ntfs/ntfs-tree.js';
import type { Numbers } from './family.js';

/** The numbers of case `index` of a campaign's seed. */
export function numbersOf(seed: number, index: number): Numbers {
  const next = random(Math.imul(seed, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b));
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    scaled: (first, last) => {
      const grown = Math.floor((first + 1) * ((last + 2) / (first + 1)) ** next()) - 1;
      return Math.min(last, Math.max(first, grown));
    },
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)],
  };
}

/** What contents are made of: what compresses, what does not, and both. */
export type Pattern = 'noise' | 'text' | 'mixed' | 'zeros';
export const PATTERNS: readonly Pattern[] = ['noise', 'text', 'mixed', 'zeros'];

const TEXT = Buffer.from('The quick brown fox jumps over the lazy dog; 0123456789 ABCDEF\r\n');

/** Bytes of a pattern; the same seed gives the same ones. */
export function patterned(seed: number, length: number, pattern: Pattern): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  if (pattern === 'zeros') return bytes;
  let state = (seed * 2 + 1) >>> 0;
  for (let at = 0; at < length; at += 1) {
    // Mixed content changes between noise, text and zeros every 3000 bytes, which is no power of two.
    const kind = pattern === 'mixed' ? Math.floor(at / 3000 + seed) % 3 : pattern === 'noise' ? 0 : 1;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    if (kind === 0) bytes[at] = state >>> 24;
    else if (kind === 1) bytes[at] = state >>> 30 === 0 ? state >>> 24 : TEXT[(at + seed) % TEXT.length];
  }
  return bytes;
}
