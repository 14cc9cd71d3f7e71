import { md5, sha1 } from '@noble/hashes/legacy.js';
import { running } from './sha256.js';

/**
 * A running MD5 (RFC 1321) or SHA-1 (FIPS 180-4): only for comparing with hashes that other software stored long ago.
 * Neither resists forgery.
 */
export interface LegacyHash {
  /** Takes in more bytes. */
  update(bytes: Uint8Array): void;
  /** The 16 (MD5) or 20 (SHA-1) bytes; ends the run. */
  digest(): Uint8Array<ArrayBuffer>;
}

/** A running MD5 in plain JavaScript. */
export function createMd5(): LegacyHash {
  return running(md5.create());
}

/** A running SHA-1 in plain JavaScript. */
export function createSha1(): LegacyHash {
  return running(sha1.create());
}
