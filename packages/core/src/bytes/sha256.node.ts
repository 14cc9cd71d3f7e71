import type { Sha256 } from './sha256.js';

/** A running SHA-256 over the system's OpenSSL. */
export function createSha256(): Sha256 {
  // Loaded here, not at every start: it takes milliseconds.
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return {
    update(bytes: Uint8Array): void {
      hash.update(bytes);
    },
    digest(): Uint8Array<ArrayBuffer> {
      return new Uint8Array(hash.digest());
    },
  };
}
