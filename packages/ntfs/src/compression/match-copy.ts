/** Bytes that are copied one by one; for more, a call of the engine's own copy is cheaper. */
const ONE_BY_ONE = 24;

/**
 * Copies an LZ77 match to `output[from, end)` from `distance` bytes before. An overlapping match repeats its source: a
 * long one is laid out in doubling pieces of whole repetitions, each of which no longer overlaps what it is copied
 * from.
 * @returns `end`
 */
export function copyMatch(output: Uint8Array, from: number, distance: number, end: number): number {
  const some = end - from < ONE_BY_ONE ? end : from + ONE_BY_ONE;
  let out = from;
  for (; out < some; out += 1) output[out] = output[out - distance];
  const known = out - from + distance;
  for (let piece = known - (known % distance); out < end; piece *= 2) {
    const length = Math.min(piece, end - out);
    output.copyWithin(out, out - piece, out - piece + length);
    out += length;
  }
  return end;
}

/**
 * Matches up to this length are worth {@link copyShortMatch}; it may write {@link SHORT_MATCH_SLACK} bytes past their
 * end.
 */
export const SHORT_MATCH = 24;
export const SHORT_MATCH_SLACK = 8;

/**
 * Copies a match of up to {@link SHORT_MATCH} bytes in words of four, at least two of them: most matches are that
 * short, and a loop over bytes costs twice the time. `from - source` must be at least 4, and {@link SHORT_MATCH_SLACK}
 * bytes behind the end must be free to write.
 * @param words - over the array that is written
 */
export function copyShortMatch(words: DataView, from: number, source: number, length: number): void {
  words.setInt32(from, words.getInt32(source, true), true);
  words.setInt32(from + 4, words.getInt32(source + 4, true), true);
  for (let done = 8; done < length; done += 8) {
    words.setInt32(from + done, words.getInt32(source + done, true), true);
    words.setInt32(from + done + 4, words.getInt32(source + done + 4, true), true);
  }
}

/** The words of an array, wherever it lies in its buffer. */
export function wordsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
