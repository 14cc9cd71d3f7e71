import type { LegacyHash } from './legacy-hash.js';
import { running } from './sha256.node.js';

/** A running MD5 over the system's OpenSSL. */
export function createMd5(): LegacyHash {
  return running('md5');
}

/** A running SHA-1 over the system's OpenSSL. */
export function createSha1(): LegacyHash {
  return running('sha1');
}
