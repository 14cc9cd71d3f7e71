/** Milliseconds on a clock that never goes back, from some point in the past. */
export const monotonicMilliseconds = (): number => performance.now();
