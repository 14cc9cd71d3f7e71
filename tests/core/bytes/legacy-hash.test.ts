import { createMd5, createSha1, type LegacyHash, toHex } from '@deadbox/core';
import { expect, test } from 'vitest';
import {
  createMd5 as createPlainMd5,
  createSha1 as createPlainSha1,
} from '../../../packages/core/src/bytes/legacy-hash.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function hashOf(hash: LegacyHash, ...parts: string[]): string {
  for (const part of parts) hash.update(text(part));
  return toHex(hash.digest());
}

// RFC 1321 appendix A.5 and RFC 3174 section 7.3.
for (const [name, md5, sha1] of [
  ['node:crypto', createMd5, createSha1],
  ['plain JavaScript', createPlainMd5, createPlainSha1],
] as const) {
  test(`MD5 and SHA-1 of ${name} give the values of their specifications, in one piece or several`, () => {
    expect(hashOf(md5(), 'message digest')).toBe('f96b697d7cb7938d525a2f31aaf161d0');
    expect(hashOf(md5(), 'message', ' ', 'digest')).toBe('f96b697d7cb7938d525a2f31aaf161d0');
    expect(hashOf(md5())).toBe('d41d8cd98f00b204e9800998ecf8427e');
    expect(hashOf(sha1(), 'abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(hashOf(sha1(), 'a', 'b', 'c')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  });
}
