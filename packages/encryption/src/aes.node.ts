import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Bytes } from '@deadbox/core';
import type { Aes } from './aes.js';

/** AES of the system's OpenSSL: one ECB context each way for the life of the key, many blocks a call. */
export function createAes(key: Bytes): Aes {
  const name = `aes-${key.length * 8}-ecb`;
  // ECB without padding keeps no state between whole blocks, so one context serves every call.
  let encryptor: ReturnType<typeof createCipheriv> | undefined = createCipheriv(name, key, null).setAutoPadding(false);
  let decryptor: ReturnType<typeof createDecipheriv> | undefined = createDecipheriv(name, key, null);
  decryptor.setAutoPadding(false);
  const need = <T>(context: T | undefined): T => {
    if (context === undefined) throw new Error('AES key was wiped');
    return context;
  };
  return {
    // Input, output and tweaks together stay in the second-level cache, and OpenSSL's result comes from the heap, not
    // from fresh pages.
    batch: 1 << 17,
    encryptBlocks(blocks: Bytes): Bytes {
      return plainArray(need(encryptor).update(blocks));
    },
    decryptBlocks(blocks: Bytes): Bytes {
      return plainArray(need(decryptor).update(blocks));
    },
    wipe(): void {
      // final() makes OpenSSL cleanse and free the key schedule now, not at the next garbage collection.
      encryptor?.final();
      decryptor?.final();
      encryptor = undefined;
      decryptor = undefined;
    },
  };
}

/** The same memory as a plain `Uint8Array`: a Buffer's own `slice` differs, and it must not leave this file. */
function plainArray(buffer: Uint8Array): Bytes {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length);
}
