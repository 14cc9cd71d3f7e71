/** Whether DEADBOX_LONG asks for every point of what the tests only sample otherwise, as `.ci/run` does. */
export const LONG: boolean = (process.env.DEADBOX_LONG ?? '') !== '';

/** All of a list in the long form; else `count` of it, evenly spread, the first and the last among them. */
export function sampled<T>(list: readonly T[], count: number): readonly T[] {
  if (LONG || list.length <= count) return list;
  const step = (list.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => list[Math.round(i * step)]);
}
