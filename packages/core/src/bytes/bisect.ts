/**
 * How many of `count` sorted things come before a place: `before(index)` holds for those and for none after them.
 * The last of them, at `partitionPoint(…) - 1`, is the one that a place lies in or behind; there is none when the
 * result is 0.
 *
 * ```ts
 * const index = partitionPoint(extents.length, (at) => extents[at].offset <= offset) - 1;
 * ```
 */
export function partitionPoint(count: number, before: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
