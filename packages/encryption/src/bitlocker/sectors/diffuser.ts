/**
 * The Elephant diffuser: two keyless mixing layers and a sector key, around AES-CBC. Works on the 32-bit little-endian
 * words of a sector. Source: N. Ferguson, "AES-CBC + Elephant diffuser", 2006, sections 4.4 to 4.6; indices are taken
 * modulo the number of words.
 */

/**
 * Undoes diffuser B (3 cycles), then diffuser A (5 cycles), on `count` words from `from`. `count` is a power of two, at
 * least 16.
 */
export function undoDiffusers(words: Int32Array, from: number, count: number): void {
  for (let cycle = 0; cycle < 3; cycle += 1) undoB(words, from, count);
  for (let cycle = 0; cycle < 5; cycle += 1) undoA(words, from, count);
}

/**
 * Four steps a turn, so that the rotations are constants; neighbours stay in locals, so that each word is loaded and
 * stored once.
 */
function undoB(words: Int32Array, from: number, count: number): void {
  const end = from + count - 8;
  let q0 = words[from];
  let q1 = words[from + 1];
  let q2 = words[from + 2];
  let q3 = words[from + 3];
  let q4 = words[from + 4];
  for (let i = from; i < end; i += 4) {
    const q5 = words[i + 5];
    const q6 = words[i + 6];
    const q7 = words[i + 7];
    const q8 = words[i + 8];
    words[i] = (q0 + (q2 ^ q5)) | 0;
    words[i + 1] = (q1 + (q3 ^ ((q6 << 10) | (q6 >>> 22)))) | 0;
    words[i + 2] = (q2 + (q4 ^ q7)) | 0;
    words[i + 3] = (q3 + (q5 ^ ((q8 << 25) | (q8 >>> 7)))) | 0;
    q0 = q4;
    q1 = q5;
    q2 = q6;
    q3 = q7;
    q4 = q8;
  }
  // The last words look around the corner, at words that this cycle has changed already.
  for (let k = count - 8; k < count; k += 1) stepB(words, from, k, count - 1);
}

function undoA(words: Int32Array, from: number, count: number): void {
  for (let k = 0; k < 8; k += 1) stepA(words, from, k, count - 1);
  const end = from + count;
  let p1 = words[from + 7];
  let p2 = words[from + 6];
  let p3 = words[from + 5];
  let p4 = words[from + 4];
  let p5 = words[from + 3];
  for (let i = from + 8; i < end; i += 4) {
    const n0 = (words[i] + (p2 ^ ((p5 << 9) | (p5 >>> 23)))) | 0;
    const n1 = (words[i + 1] + (p1 ^ p4)) | 0;
    const n2 = (words[i + 2] + (n0 ^ ((p3 << 13) | (p3 >>> 19)))) | 0;
    const n3 = (words[i + 3] + (n1 ^ p2)) | 0;
    words[i] = n0;
    words[i + 1] = n1;
    words[i + 2] = n2;
    words[i + 3] = n3;
    p5 = p1;
    p4 = n0;
    p3 = n1;
    p2 = n2;
    p1 = n3;
  }
}

/** Applies diffuser A, then diffuser B: the exact reverse of {@link undoDiffusers}. */
export function applyDiffusers(words: Int32Array, from: number, count: number): void {
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

function stepA(words: Int32Array, from: number, k: number, mask: number): void {
  words[from + k] += words[from + ((k - 2) & mask)] ^ rotate(words[from + ((k - 5) & mask)], ROTATE_A[k & 3]);
}

function stepB(words: Int32Array, from: number, k: number, mask: number): void {
  words[from + k] += words[from + ((k + 2) & mask)] ^ rotate(words[from + ((k + 5) & mask)], ROTATE_B[k & 3]);
}

function rotate(value: number, bits: number): number {
  return bits === 0 ? value : (value << bits) | (value >>> (32 - bits));
}
