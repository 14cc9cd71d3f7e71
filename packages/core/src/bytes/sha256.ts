import { sha256 } from '@noble/hashes/sha2.js';

/** A running SHA-256 (FIPS 180-4). */
export interface Sha256 {
  /** Takes in more bytes. */
  update(bytes: Uint8Array): void;
  /** The 32 bytes; ends the run. */
  digest(): Uint8Array<ArrayBuffer>;
}

/** A running SHA-256 in plain JavaScript, for browsers (WebCrypto has no streaming form). */
export function createSha256(): Sha256 {
  const hash = sha256.create();
  return {
    update(bytes: Uint8Array): void {
      hash.update(bytes);
    },
    digest(): Uint8Array<ArrayBuffer> {
      return Uint8Array.from(hash.digest());
    },
  };
}
