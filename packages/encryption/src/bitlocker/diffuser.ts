/**
 * The Elephant diffuser: two keyless mixing layers and a sector key, around AES-CBC. Works on the 32-bit little-endian words of a sector.
 * Source: N. Ferguson, "AES-CBC + Elephant diffuser", 2006, sections 4.4 to 4.6; indices are taken modulo the number of words.
 */

/** Undoes diffuser B (3 cycles), then diffuser A (5 cycles), on `count` words from `from`. `count` is a power of two. */
export function undoDiffusers(words: Uint32Array, from: number, count: number): void {
  // Four steps a turn, so that the rotations are constants; the last words of a cycle wrap around and go through the masked form.
  const mask = count - 1;
  for (let cycle = 0; cycle < 3; cycle += 1) {
    const straight = count - 8;
    let i = from;
    const end = from + straight;
    for (; i < end; i += 4) {
      let x = words[i + 5];
      words[i] += words[i + 2] ^ x;
      x = words[i + 6];
      words[i + 1] += words[i + 3] ^ ((x << 10) | (x >>> 22));
      x = words[i + 7];
      words[i + 2] += words[i + 4] ^ x;
      x = words[i + 8];
      words[i + 3] += words[i + 5] ^ ((x << 25) | (x >>> 7));
    }
    for (let k = straight; k < count; k += 1) stepB(words, from, k, mask);
  }
  for (let cycle = 0; cycle < 5; cycle += 1) {
    for (let k = 0; k < 8; k += 1) stepA(words, from, k, mask);
    const end = from + count;
    for (let i = from + 8; i < end; i += 4) {
      let x = words[i - 5];
      words[i] += words[i - 2] ^ ((x << 9) | (x >>> 23));
      x = words[i - 4];
      words[i + 1] += words[i - 1] ^ x;
      x = words[i - 3];
      words[i + 2] += words[i] ^ ((x << 13) | (x >>> 19));
      x = words[i - 2];
      words[i + 3] += words[i + 1] ^ x;
    }
  }
}

/** Applies diffuser A, then diffuser B: the exact reverse of {@link undoDiffusers}. */
export function applyDiffusers(words: Uint32Array, from: number, count: number): void {
  const mask = count - 1;
  for (let cycle = 0; cycle < 5; cycle += 1) {
    for (let k = count - 1; k >= 0; k -= 1) {
      const x = words[from + ((k - 5) & mask)];
      words[from + k] -= words[from + ((k - 2) & mask)] ^ rotate(x, ROTATE_A[k & 3]);
    }
  }
  for (let cycle = 0; cycle < 3; cycle += 1) {
    for (let k = count - 1; k >= 0; k -= 1) {
      const x = words[from + ((k + 5) & mask)];
      words[from + k] -= words[from + ((k + 2) & mask)] ^ rotate(x, ROTATE_B[k & 3]);
    }
  }
}

const ROTATE_A: readonly number[] = [9, 0, 13, 0];
const ROTATE_B: readonly number[] = [0, 10, 0, 25];

function stepA(words: Uint32Array, from: number, k: number, mask: number): void {
  words[from + k] += words[from + ((k - 2) & mask)] ^ rotate(words[from + ((k - 5) & mask)], ROTATE_A[k & 3]);
}

function stepB(words: Uint32Array, from: number, k: number, mask: number): void {
  words[from + k] += words[from + ((k + 2) & mask)] ^ rotate(words[from + ((k + 5) & mask)], ROTATE_B[k & 3]);
}

function rotate(value: number, bits: number): number {
  return bits === 0 ? value : (value << bits) | (value >>> (32 - bits));
}
