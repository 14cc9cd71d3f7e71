/** Statistics of one window of bytes. */
export interface WindowStatistics {
  /**
   * Sum of (count - expected)^2 / expected over the 256 byte values: 255 ± 22.6 for random data, whatever the window's
   * size.
   */
  readonly chiSquare: number;
  /** Shannon entropy in bits a byte. For display only: at 64 KiB it cannot tell encrypted from compressed data. */
  readonly entropy: number;
  /** How many of the 256 byte values occur. */
  readonly distinct: number;
}

/**
 * A window passes as random when its chi-square lies between these (exclusive): 1.5 in 10,000 windows of random data do
 * not.
 */
export const CHI_SQUARE_BAND: { low: number; high: number } = { low: 170, high: 345 };

/**
 * Distinct byte values in a sector of 512 bytes from which it counts as random: 221.5 ± 4.5 are expected, 203 was the
 * least of 20,000.
 */
const RANDOM_SECTOR_DISTINCT = 200;

/** Counts byte values and derives the figures. */
export function windowStatistics(window: Uint8Array): WindowStatistics {
  const counts = new Uint32Array(256);
  for (let i = 0; i < window.length; i += 1) counts[window[i]] += 1;
  const expected = window.length / 256;
  let chiSquare = 0;
  let entropy = 0;
  let distinct = 0;
  for (let value = 0; value < 256; value += 1) {
    const count = counts[value];
    chiSquare += (count - expected) ** 2 / expected;
    if (count === 0) continue;
    distinct += 1;
    const share = count / window.length;
    entropy -= share * Math.log2(share);
  }
  return { chiSquare, entropy, distinct };
}

/** Whether a window's chi-square is that of random data. */
export function looksRandom(statistics: WindowStatistics): boolean {
  return statistics.chiSquare > CHI_SQUARE_BAND.low && statistics.chiSquare < CHI_SQUARE_BAND.high;
}

/**
 * Whether a sector of 512 bytes looks random: too small for chi-square, so by its distinct values, and not ending like
 * a boot sector.
 */
export function isRandomSector(sector: Uint8Array): boolean {
  if (sector.length < 512) return false;
  const first = sector.subarray(0, 512);
  if (first[510] === 0x55 && first[511] === 0xaa) return false;
  return windowStatistics(first).distinct >= RANDOM_SECTOR_DISTINCT;
}
