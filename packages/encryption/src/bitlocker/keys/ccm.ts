import type { Bytes } from '@deadbox/core';
import { createAes } from '#aes';
import { type Datum, ValueType } from '../metadata/datum.js';

const BLOCK = 16;
const NONCE = 12;
const TAG = 16;

/**
 * Decrypts AES-256-CCM as BitLocker uses it: nonce of 12 bytes, tag of 16, no associated data. Source: NIST SP 800-38C
 * / RFC 3610 with M=16, L=3.
 * @param key - 32 bytes
 * @returns the plaintext, or `undefined` when the tag is wrong: the normal sign of a wrong key. The caller wipes it
 */
export function decryptCcm(key: Bytes, nonce: Bytes, tag: Bytes, ciphertext: Bytes): Bytes | undefined {
  const aes = createAes(key);
  try {
    const count = Math.ceil(ciphertext.length / BLOCK);
    const counters = new Uint8Array((count + 1) * BLOCK);
    for (let i = 0; i <= count; i += 1) {
      // Flags: length field of 3 bytes. Payloads here are far below 2^16 blocks.
      counters[i * BLOCK] = 2;
      counters.set(nonce, i * BLOCK + 1);
      counters[i * BLOCK + 14] = i >> 8;
      counters[i * BLOCK + 15] = i & 0xff;
    }
    const stream = aes.encryptBlocks(counters);
    const plain = ciphertext.map((value, i) => value ^ stream[BLOCK + i]);
    const expected = macOf(aes, nonce, plain);
    let difference = 0;
    for (let i = 0; i < TAG; i += 1) difference |= expected[i] ^ stream[i] ^ tag[i];
    // Ciphertext XOR this is the key.
    stream.fill(0);
    if (difference === 0) return plain;
    plain.fill(0);
    return undefined;
  } finally {
    aes.wipe();
  }
}

function macOf(aes: { encryptBlocks(blocks: Bytes): Bytes }, nonce: Bytes, plain: Bytes): Bytes {
  const first = new Uint8Array(BLOCK);
  // Flags of the first block: (M - 2) / 2 = 7 in bits 3…5, L - 1 = 2 in bits 0…2.
  first[0] = (7 << 3) | 2;
  first.set(nonce, 1);
  first[13] = (plain.length >> 16) & 0xff;
  first[14] = (plain.length >> 8) & 0xff;
  first[15] = plain.length & 0xff;
  const block = aes.encryptBlocks(first).slice();
  for (let at = 0; at < plain.length; at += BLOCK) {
    for (let i = 0; i < BLOCK && at + i < plain.length; i += 1) block[i] ^= plain[at + i];
    block.set(aes.encryptBlocks(block));
  }
  return block;
}

/** A key entry as it comes out of AES-CCM. */
export interface KeyEntry {
  /** 0x1000 recovery password, 0x2003 volume master key, 0x2005 SHA-256, 0x8000…0x8005 full volume encryption key, … */
  readonly keyType: number;
  /** The key bytes; the caller wipes them. */
  readonly key: Bytes;
}

/**
 * Decrypts an AES-CCM entry whose plaintext is a key entry: `size, role, layout 1, flags | key type, key flags | key`.
 * @returns `undefined` when the key is wrong or the plaintext is no key entry
 */
export function decryptKeyEntry(entry: Datum, key: Bytes): KeyEntry | undefined {
  if (entry.valueType !== ValueType.aesCcm || entry.payload.length <= NONCE + TAG || entry.payload.length > 4096)
    return undefined;
  const { payload } = entry;
  const [nonce, tag] = [payload.subarray(0, NONCE), payload.subarray(NONCE, NONCE + TAG)];
  const plain = decryptCcm(key, nonce, tag, new Uint8Array(payload.subarray(NONCE + TAG)));
  return plain === undefined ? undefined : parseKeyEntry(plain);
}

/** Reads the key entry in `plain`, and wipes `plain`. */
function parseKeyEntry(plain: Bytes): KeyEntry | undefined {
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length);
  const fits =
    plain.length > 12 && view.getUint16(0, true) === plain.length && view.getUint16(4, true) === ValueType.key;
  const found = fits ? { keyType: view.getUint16(8, true), key: plain.slice(12) } : undefined;
  plain.fill(0);
  return found;
}
