/** SHA-256 on 32-bit words (FIPS 180-4, sections 4.2.2, 5.3.3 and 6.2): no allocation, no byte order work; made for a million rounds in a row. */

/** Initial hash value, FIPS 180-4 section 5.3.3. */
export const INITIAL: Int32Array = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);

/** Round constants, FIPS 180-4 section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K: Int32Array = Int32Array.from(primes(64), (prime) => fractionalCubeRoot(prime));

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
}

/** Exact by integer arithmetic: floor(cbrt(prime) * 2^32) mod 2^32. */
function fractionalCubeRoot(prime: number): number {
  const target = BigInt(prime) << 96n;
  let root = BigInt(Math.floor(Math.cbrt(prime) * 2 ** 32));
  while (root * root * root > target) root -= 1n;
  while ((root + 1n) ** 3n <= target) root += 1n;
  return Number(BigInt.asIntN(32, root));
}

/** Expands `words[0…15]` into `words[16…63]`. */
export function schedule(words: Int32Array): void {
  for (let i = 16; i < 64; i += 1) {
    const a = words[i - 15];
    const b = words[i - 2];
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
}

/** One compression of `state` with an expanded block. */
export function compress(state: Int32Array, words: Int32Array): void {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + (g ^ (e & (f ^ g))) + K[i] + words[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}
