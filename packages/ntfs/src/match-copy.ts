/**
 * Copies a long LZ77 match to `output[from, end)` from `distance` bytes before. An overlapping match repeats its source: it is laid
 * out in doubling pieces, each of which no longer overlaps what it is copied from. Worth its calls from about 24 bytes on.
 * @returns `end`
 */
export function copyMatch(output: Uint8Array, from: number, distance: number, end: number): number {
  const source = from - distance;
  if (distance === 1) {
    output.fill(output[source], from, end);
    return end;
  }
  let out = from;
  while (out < end) {
    const length = Math.min(out - source, end - out);
    output.copyWithin(out, source, source + length);
    out += length;
  }
  return end;
}
