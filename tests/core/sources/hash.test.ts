import { createHash } from 'node:crypto';
import { type ByteSource, type Bytes, type Extent, hashSource, KIB, MIB } from '@deadbox/core';
import { describe, expect, test } from 'vitest';

/** A source of holes and of data, whose bytes are the number of its stretch; it counts what is read of it. */
class Sparse implements ByteSource {
  readonly size: number;
  bytesRead = 0;
  readonly #stretches: readonly (readonly [kind: 'data' | 'zero', length: number])[];

  constructor(...stretches: (readonly ['data' | 'zero', number])[]) {
    this.#stretches = stretches;
    this.size = stretches.reduce((sum, [, length]) => sum + length, 0);
  }

  read(offset: number, length: number): Bytes {
    this.bytesRead += length;
    return this.bytes().slice(offset, offset + length);
  }

  bytes(): Bytes {
    const bytes = new Uint8Array(this.size);
    let at = 0;
    for (const [index, [kind, length]] of this.#stretches.entries()) {
      if (kind === 'data') bytes.fill(index + 1, at, at + length);
      at += length;
    }
    return bytes;
  }

  async *extents(): AsyncGenerator<readonly Extent[]> {
    let offset = 0;
    for (const [kind, length] of this.#stretches) {
      yield [{ offset, length, kind }];
      offset += length;
    }
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the hash of a source with holes', () => {
  test.each([
    [[['zero', 3 * MIB]]],
    [[['data', 3 * MIB]]],
    [
      [
        ['data', 100],
        ['zero', 2 * MIB],
        ['data', 5000],
      ],
    ],
    [
      [
        ['zero', MIB],
        ['zero', MIB],
        ['data', 700 * KIB],
        ['zero', 60 * KIB],
        ['data', 1],
        ['zero', 65 * KIB],
      ],
    ],
  ] as const)('is the hash of its bytes: %j', async (stretches) => {
    const source = new Sparse(...stretches);
    expect(await hashSource(source)).toBe(sha256(source.bytes()));
  });

  test('does not read the holes', async () => {
    const source = new Sparse(['data', 4096], ['zero', 8 * MIB], ['data', 4096]);
    await hashSource(source);
    expect(source.bytesRead).toBe(8192);
  });
});
