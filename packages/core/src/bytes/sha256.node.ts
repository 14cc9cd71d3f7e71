import type { Sha256 } from './sha256.js';

/** A running SHA-256 over the system's OpenSSL. */
export function createSha256(): Sha256 {
  return running('sha256');
}

/** A hash of the system that goes on from call to call. */
export function running(algorithm: 'md5' | 'sha1' | 'sha256'): Sha256 {
  // Loaded here, not at every start: it takes milliseconds.
  const hash = process.getBuiltinModule('node:crypto').createHash(algorithm);
  return {
    update(bytes: Uint8Array): void {
      hash.update(bytes);
    },
    digest(): Uint8Array<ArrayBuffer> {
      return new Uint8Array(hash.digest());
    },
  };
}

/** Lower-case SHA-256 text of bytes that are all there. */
export function sha256Hex(bytes: Uint8Array): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', bytes, 'hex');
}
