import type { LegacyHash } from './legacy-hash.js';

/** A running MD5 over the system's OpenSSL. */
export function createMd5(): LegacyHash {
  return running('md5');
}

/** A running SHA-1 over the system's OpenSSL. */
export function createSha1(): LegacyHash {
  return running('sha1');
}

function running(algorithm: 'md5' | 'sha1'): LegacyHash {
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
