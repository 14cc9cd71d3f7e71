import { createHash } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { crc32, crc32c, createSha256, hashSource, MemorySource, sha256Hex, toHex } from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSha256 as browserSha256 } from '../../../packages/core/src/bytes/sha256.js';
import { createSha256 as nodeSha256 } from '../../../packages/core/src/bytes/sha256.node.js';

const ascii = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe('CRC-32', () => {
  test('has the check value of its catalogue entry', () => {
    expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  test('agrees with zlib on random bytes, in one go and continued', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 500 }), (first, second) => {
        expect(crc32(first)).toBe(zlibCrc32(first));
        expect(crc32(second, crc32(first))).toBe(zlibCrc32(Buffer.concat([first, second])));
      }),
    );
  });
});

describe('CRC-32C', () => {
  test('has the vectors of RFC 3720 appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
  });

  test('continues an earlier run', () => {
    expect(crc32c(ascii('56789'), crc32c(ascii('1234')))).toBe(0xe3069283);
  });
});

describe.each([
  ['for browsers', browserSha256],
  ['for Node', nodeSha256],
  ['as exported', createSha256],
])('SHA-256 %s', (_, create) => {
  test('has the vectors of FIPS 180-4', () => {
    const digest = (text: string): string => {
      const hash = create();
      hash.update(ascii(text));
      return toHex(hash.digest());
    };
    expect(digest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(digest('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(digest('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
  });

  test('does not care how the bytes were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (parts) => {
        const hash = create();
        for (const part of parts) hash.update(part);
        expect(toHex(hash.digest())).toBe(createHash('sha256').update(Buffer.concat(parts)).digest('hex'));
      }),
    );
  });
});

describe('hashing', () => {
  test('of a source reads it in pieces of at most 1 MiB', async () => {
    const bytes = Uint8Array.from({ length: (5 << 19) + 77 }, (_, i) => (i * 31) ^ (i >> 8));
    const lengths: number[] = [];
    const inner = new MemorySource(bytes);
    const source = {
      size: inner.size,
      read: async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
        lengths.push(length);
        return inner.read(offset, length);
      },
    };
    expect(await hashSource(source)).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(lengths).toEqual([1 << 20, 1 << 20, (1 << 19) + 77]);
    expect(sha256Hex(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('of nothing is the hash of nothing', async () => {
    expect(await hashSource(new MemorySource(new Uint8Array(0)))).toBe(sha256Hex(new Uint8Array(0)));
  });

  test('ends with the signal of the caller', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(hashSource(new MemorySource(new Uint8Array(10)), { signal })).rejects.toThrow('enough');
  });
});
