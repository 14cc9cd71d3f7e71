import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from './bytes.js';

/** A running SHA-256 (FIPS 180-4). */
export interface Sha256 {
  /** Takes in more bytes. */
  update(bytes: Uint8Array): void;
  /** The 32 bytes; ends the run. */
  digest(): Uint8Array<ArrayBuffer>;
}

/** A running SHA-256 in plain JavaScript, for browsers (WebCrypto has no streaming form). */
export function createSha256(): Sha256 {
  return running(sha256.create());
}

/** A hash of the library that goes on from call to call. */
export function running(hash: { update(bytes: Uint8Array): unknown; digest(): Uint8Array }): Sha256 {
  return {
    update(bytes: Uint8Array): void {
      hash.update(bytes);
    },
    digest(): Uint8Array<ArrayBuffer> {
      return Uint8Array.from(hash.digest());
    },
  };
}

/** Lower-case SHA-256 text of bytes that are all there. */
export function sha256Hex(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}
