import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The same pseudo-random bytes in every run: SHA-256 in counter mode. */
export function noise(length: number, seed = 'noise'): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  for (let at = 0, block = 0; at < length; at += 32, block += 1) {
    out.set(
      createHash('sha256')
        .update(`${seed} ${block}`)
        .digest()
        .subarray(0, Math.min(32, length - at)),
      at,
    );
  }
  return out;
}

/** Text that compresses, and differs from place to place. */
export function prose(length: number, seed = 7): Uint8Array<ArrayBuffer> {
  const words = 'volume record cluster index attribute runs driver channel file boot system sector header'.split(' ');
  const out = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; ) {
    state = (state * 1_103_515_245 + 12_345) % 0x8000_0000;
    const word = `${words[(state >> 8) % words.length]} ${state % 97 === 0 ? `${state}\n` : ''}`;
    for (let i = 0; i < word.length && at < length; i += 1, at += 1) out[at] = word.charCodeAt(i);
  }
  return out;
}

/** Machine code of this Node: full of E8 calls, which LZX translates. */
export function machineCode(length: number): Uint8Array<ArrayBuffer> {
  const bytes = readFileSync('/proc/self/exe');
  const from = Math.max(0, Math.min(bytes.length - length, 24 << 20));
  return new Uint8Array(bytes.subarray(from, from + length));
}

/** Joins parts into one array. */
export function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
