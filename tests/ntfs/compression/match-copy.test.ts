import { copyMatch, copyShortMatch, SHORT_MATCH, SHORT_MATCH_SLACK, wordsOf } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';

/** One byte after the other, as every description of LZ77 has it. */
function copyPlainly(output: Uint8Array, from: number, distance: number, length: number): void {
  for (let i = 0; i < length; i += 1) output[from + i] = output[from + i - distance];
}

const numbered = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 0xff);

describe('a match', () => {
  test('is copied as byte by byte, whatever its distance and length', () => {
    for (const distance of [1, 2, 3, 4, 5, 7, 8, 23, 24, 25, 31, 100]) {
      for (const length of [1, 2, 3, 8, 23, 24, 25, 26, 47, 48, 49, 100, 1000]) {
        const ours = numbered(1200);
        const theirs = numbered(1200);
        expect(copyMatch(ours, 150, distance, 150 + length)).toBe(150 + length);
        copyPlainly(theirs, 150, distance, length);
        expect(ours, `distance ${distance}, length ${length}`).toEqual(theirs);
      }
    }
  });

  test('that is short is copied in words, and writes no further than its slack', () => {
    for (let distance = 4; distance <= 40; distance += 1) {
      for (let length = 3; length <= SHORT_MATCH; length += 1) {
        const ours = numbered(120);
        const theirs = numbered(120);
        copyShortMatch(wordsOf(ours), 50, 50 - distance, length);
        copyPlainly(theirs, 50, distance, length);
        const end = 50 + length;
        expect(ours.subarray(0, end), `distance ${distance}, length ${length}`).toEqual(theirs.subarray(0, end));
        expect(ours.subarray(end + SHORT_MATCH_SLACK)).toEqual(theirs.subarray(end + SHORT_MATCH_SLACK));
      }
    }
  });
});
