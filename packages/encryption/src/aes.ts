import type { Bytes, MaybePromise } from '@deadbox/core';
import { ecb } from '@noble/ciphers/aes.js';

/** AES on whole blocks of 16 bytes with one key (ECB): everything else is built on it. */
export interface Aes {
  /** Bytes for which one call of `decryptBlocks` is fastest; a multiple of 4096. */
  readonly batch: number;
  /** Encrypts few blocks at once, synchronously. */
  encryptBlocks(blocks: Bytes): Bytes;
  /** Decrypts many blocks: the bulk of the work. The result may be a fresh array or `blocks` itself. */
  decryptBlocks(blocks: Bytes): MaybePromise<Bytes>;
  /** Overwrites the key. */
  wipe(): void;
}

/** Below this many bytes a call into WebCrypto (some 40 us) costs more than plain JavaScript. */
const WORTH_A_CALL = 2048;

/**
 * WebCrypto, where the page may use it: browsers keep it from pages that came over plain HTTP, whatever the types say.
 */
function webCrypto(): SubtleCrypto | undefined {
  return (globalThis as { crypto?: { subtle?: SubtleCrypto } }).crypto?.subtle;
}

/**
 * AES for browsers: WebCrypto has no ECB, so bulk decryption goes through its CBC with the chaining undone, and single
 * blocks through `@noble/ciphers`; so does everything where there is no WebCrypto.
 * @param key - 16 or 32 bytes; not kept, the caller wipes it
 */
export function createAes(key: Bytes): Aes {
  const own = new Uint8Array(key);
  let imported: Promise<CryptoKey> | undefined;
  return {
    // Each call costs some 40 us and a turn of the event loop.
    batch: 1 << 20,
    encryptBlocks(blocks: Bytes): Bytes {
      return Uint8Array.from(ecb(own, { disablePadding: true }).encrypt(blocks));
    },
    decryptBlocks(blocks: Bytes): MaybePromise<Bytes> {
      const subtle = webCrypto();
      if (subtle === undefined || blocks.length < WORTH_A_CALL)
        return Uint8Array.from(ecb(own, { disablePadding: true }).decrypt(blocks));
      imported ??= subtle.importKey('raw', own, 'AES-CBC', false, ['encrypt', 'decrypt']);
      return imported.then((handle) => decryptThroughCbc(subtle, handle, blocks));
    },
    wipe(): void {
      own.fill(0);
      imported = undefined;
    },
  };
}

/**
 * CBC with a zero IV gives D(c[i]) ^ c[i-1]; the XOR with the block before is taken back. WebCrypto insists on PKCS#7
 * padding, so one block is appended that decrypts to a full block of padding: the CBC encryption of nothing with the
 * last ciphertext block as IV.
 */
async function decryptThroughCbc(subtle: SubtleCrypto, key: CryptoKey, blocks: Bytes): Promise<Bytes> {
  const last = new Uint8Array(blocks.subarray(blocks.length - 16));
  const padding = await subtle.encrypt({ name: 'AES-CBC', iv: last }, key, new Uint8Array(0));
  const padded = new Uint8Array(blocks.length + 16);
  padded.set(blocks);
  padded.set(new Uint8Array(padding), blocks.length);
  const plain = new Uint8Array(await subtle.decrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, key, padded));
  const source = new Uint32Array(padded.buffer);
  const target = new Uint32Array(plain.buffer, 0, blocks.length / 4);
  for (let i = 4; i < target.length; i += 1) target[i] ^= source[i - 4];
  return plain;
}
