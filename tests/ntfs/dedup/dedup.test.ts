import type { Bytes } from '@deadbox/core';
import { expandXpressLz77Into, openDedupFile, parseDedupPoint } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FOLDER, STORE, StoreBuilder } from '../../support/ntfs/dedup-store.js';
import { encodeLz77 } from '../../support/ntfs/lz77-encoder.js';
import { encodeLznt1 } from '../../support/ntfs/lznt1-encoder.js';
import { join, noise, prose } from '../../support/ntfs/sample-data.js';

function hex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function lz77(data: Uint8Array, size: number): Bytes {
  const output = new Uint8Array(size);
  const result = expandXpressLz77Into(data, 0, data.length, output, 0, size);
  if (result !== size) throw new Error(`damage at ${-1 - result}`);
  return output;
}

describe('plain LZ77 XPRESS data', () => {
  test('expands as in the examples of [MS-XCA] 3.1', () => {
    const alphabet = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
    expect(lz77(join(hex('3f000000'), alphabet), 26)).toEqual(alphabet);
    expect(new TextDecoder().decode(lz77(hex('ff ff ff 1f 61 62 63 17 00 0f ff 26 01'), 300))).toBe('abc'.repeat(100));
  });

  test('gives back what was compressed, with lengths of every form', () => {
    for (const data of [
      prose(20_000),
      noise(3000),
      new Uint8Array(70_000).fill(7),
      join(prose(500), new Uint8Array(300), prose(500), prose(40), prose(40)),
    ]) {
      expect(Buffer.compare(lz77(encodeLz77(data), data.length), data)).toBe(0);
    }
  });

  test('never leaves its part of the output, whatever the input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 5000 }), (input, size) => {
        const output = new Uint8Array(size + 64).fill(0x5a);
        const result = expandXpressLz77Into(input, 0, input.length, output, 32, 32 + size);
        expect(result === size || result < 0).toBe(true);
        expect(output.subarray(0, 32).every((value) => value === 0x5a)).toBe(true);
        expect(output.subarray(32 + size).every((value) => value === 0x5a)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a deduplicated file', () => {
  const pieces = [prose(50_000), noise(33_000), prose(70_001, 3), new Uint8Array(40_000)];
  const content = join(...pieces);
  const build = (moved = false): { builder: StoreBuilder; data: Bytes } => {
    const builder = new StoreBuilder();
    const records = builder.chunks(
      pieces.map((piece, i) =>
        i === 1
          ? { content: piece, stored: piece, method: 0 }
          : i === 3
            ? { content: piece, stored: encodeLznt1(piece), method: 1 }
            : { content: piece, stored: encodeLz77(piece), method: 2 },
      ),
      0,
    );
    return { builder, data: builder.file(records, content.length, moved) };
  };

  test('names its store and parts', () => {
    const point = parseDedupPoint(build().data);
    expect(point).toMatchObject({
      storeId: STORE,
      size: content.length,
      parts: [{ sequence: 77, streamId: 2, offset: 0x5000, begin: 0, end: content.length }],
    });
  });

  test.each([false, true])('is put together from its chunks (map moved: %s)', async (moved) => {
    const { builder, data } = build(moved);
    const source = await openDedupFile(builder.tree, data, content.length, 'file');
    expect(Buffer.compare(await source.read(0, content.length), content)).toBe(0);
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length), fc.nat(60_000), async (offset, wanted) => {
        const length = Math.min(wanted, content.length - offset);
        expect(Buffer.compare(await source.read(offset, length), content.subarray(offset, offset + length))).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  test('is never returned wrong when a byte of the reparse point or of a head is changed', async () => {
    const { builder, data } = build();
    const heads = {
      [`${FOLDER}/Data/00000001.00000001.ccc`]: [0x5000, 0x5058],
      [`${FOLDER}/Stream/00000002.00000003.ccc`]: [0x5000, 0x5068],
    } as const;
    for (let i = 0; i < data.length; i += 7) {
      const broken = data.slice();
      broken[i] = broken[i] ^ 0x41;
      await expect(openDedupFile(builder.tree, broken, content.length, 'file')).rejects.toMatchObject({
        code: expect.stringMatching(/^NTFS_/),
      });
    }
    for (const [path, [from, to]] of Object.entries(heads)) {
      const bytes = builder.files.get(path) as Bytes;
      for (let at = from; at < to; at += 5) {
        bytes[at] = bytes[at] ^ 0x10;
        const read = openDedupFile(builder.tree, data, content.length, 'file').then((source) => source.read(0, 10));
        await expect(read).rejects.toMatchObject({ code: 'NTFS_DEDUP_INVALID' });
        bytes[at] = bytes[at] ^ 0x10;
      }
    }
  });

  test('whose container redirects more chunks than any is refused, as the chunk may be among the others', async () => {
    const { builder, data } = build(true);
    const path = `${FOLDER}/Stream/00000002.00000003.ccc`;
    const container = builder.files.get(path) as Bytes;
    const redirecting = (count: number) => {
      const bytes = new Uint8Array(0x3020 + ((1 << 20) + 1) * 8);
      bytes.set(container);
      new DataView(bytes.buffer).setUint32(0x3008, count, true);
      builder.files.set(path, bytes);
      return openDedupFile(builder.tree, data, content.length, 'file').then((source) => source.read(0, 10));
    };
    expect(await redirecting(2)).toEqual(content.subarray(0, 10));
    await expect(redirecting((1 << 20) + 1)).rejects.toMatchObject({ code: 'NTFS_DEDUP_INVALID' });
  });

  test('whose container is missing says that the content is not on the volume', async () => {
    const { builder, data } = build();
    builder.files.delete(`${FOLDER}/Data/00000001.00000001.ccc`);
    const source = await openDedupFile(builder.tree, data, content.length, 'file');
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'NTFS_STREAM_ELSEWHERE' });
    builder.files.clear();
    await expect(openDedupFile(builder.tree, data, content.length, 'file')).rejects.toMatchObject({
      code: 'NTFS_STREAM_ELSEWHERE',
    });
  });

  test('in the form of Windows Server 2012 is refused by name', () => {
    const { data } = build();
    data[0] = 1;
    expect(() => parseDedupPoint(data)).toThrow(expect.objectContaining({ code: 'NTFS_STREAM_UNSUPPORTED' }));
  });
});
