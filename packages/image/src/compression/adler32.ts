/** Largest number of bytes after which the sums still fit into 32 bits (zlib's NMAX). */
const RUN = 5552;
const MODULUS = 65521;

/**
 * Adler-32 of RFC 1950 section 8.2, as EWF stores it behind headers, tables and chunks.
 * @param previous - sum of the bytes before, to go on with
 */
export function adler32(bytes: Uint8Array, previous = 1): number {
  let low = previous & 0xffff;
  let high = previous >>> 16;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + RUN, bytes.length);
    for (; at < end; at += 1) {
      low += bytes[at];
      high += low;
    }
    low %= MODULUS;
    high %= MODULUS;
  }
  return ((high << 16) | low) >>> 0;
}
