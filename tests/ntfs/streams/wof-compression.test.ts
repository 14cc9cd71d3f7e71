import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { type ByteSource, type Bytes, isDeadboxError, MemorySource } from '@deadbox/core';
import { expandLzx, expandLzxInto, expandXpressInto, WofSource } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lzxChunkWithUncompressedBlocks } from '../../support/ntfs/lzx-encoder.js';
import { join, machineCode, noise, prose } from '../../support/ntfs/sample-data.js';
import { wimAlgorithms, wimResource } from '../../support/ntfs/wim-resource.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

/** Code, text, zeros, noise and a short tail: verbatim, aligned, plain and very dense chunks. */
const content = join(
  machineCode(400_000),
  prose(200_000),
  new Uint8Array(70_000),
  noise(100_000),
  prose(40_000, 3),
  new Uint8Array(5000).fill(9),
  prose(777),
);

/** A source over bytes that answers later. */
function slowSource(bytes: Bytes): ByteSource {
  return { size: bytes.length, read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)) };
}

describeWithTools(['wimlib-imagex'], 'WOF content that wimlib compressed', () => {
  const folder = temporaryFolder();

  for (const { algorithm, compress, chunkSize } of wimAlgorithms) {
    describe(algorithm, () => {
      const stored = wimResource(folder, content, compress, chunkSize).bytes;

      test('expands byte for byte', async () => {
        const source = new WofSource(new MemorySource(stored), algorithm, content.length);
        expect(Buffer.compare(await source.read(0, content.length), content)).toBe(0);
      });

      test('gives any range, from sources that answer at once or later', async () => {
        for (const memory of [new MemorySource(stored), slowSource(stored)]) {
          const source = new WofSource(memory, algorithm, content.length);
          await fc.assert(
            fc.asyncProperty(fc.nat(content.length), fc.nat(90_000), async (offset, wanted) => {
              const length = Math.min(wanted, content.length - offset);
              expect(Buffer.compare(await source.read(offset, length), content.subarray(offset, offset + length))).toBe(
                0,
              );
            }),
            { numRuns: 60 },
          );
        }
      });

      test('answers reads at the same time', async () => {
        const source = new WofSource(slowSource(stored), algorithm, content.length);
        const starts = [0, 300_000, 5, 600_001, 299_999, 100_000];
        const parts = await Promise.all(starts.map(async (start) => source.read(start, 200_000)));
        parts.forEach((part, i) =>
          expect(Buffer.compare(part, content.subarray(starts[i], starts[i] + 200_000))).toBe(0),
        );
      });

      test('says which chunk is damaged, or gives the right number of bytes, whatever byte is broken', async () => {
        await fc.assert(
          fc.asyncProperty(fc.nat(stored.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
            const broken = stored.slice();
            broken[at] = broken[at] ^ change;
            const source = new WofSource(new MemorySource(broken), algorithm, content.length);
            try {
              expect((await source.read(0, content.length)).length).toBe(content.length);
            } catch (error) {
              if (!isDeadboxError(error, 'NTFS_COMPRESSION_INVALID')) throw error;
              expect(error.at?.layer).toBe('WofCompressedData');
              expect(error.at?.offset).toBeLessThanOrEqual(broken.length);
              expect(error.data.chunk).toBeTypeOf('number');
            }
          }),
          { numRuns: 25 },
        );
      });
    });
  }

  test('translates calls back wherever the output lies', () => {
    const { bytes } = wimResource(folder, content, 'LZX', 32_768);
    const tableBytes = (Math.ceil(content.length / 32_768) - 1) * 4;
    const end = tableBytes + new DataView(bytes.buffer).getUint32(0, true);
    expect(content.subarray(0, 32_768).includes(0xe8)).toBe(true);
    for (const shift of [0, 1, 2, 3]) {
      const output = new Uint8Array(32_768 + 8);
      expect(expandLzxInto(bytes, tableBytes, end, output, shift, shift + 32_768)).toBe(32_768);
      expect(Buffer.compare(output.subarray(shift, shift + 32_768), content.subarray(0, 32_768))).toBe(0);
    }
  });

  test('reads LZX uncompressed blocks as wimlib reads them', async () => {
    const head = noise(20_000).map((value) => (value === 0xe8 ? 0 : value));
    const made = Array.from({ length: 16 }, (_, i) =>
      lzxChunkWithUncompressedBlocks(head.subarray(i * 2, 20_000), i + 1),
    );
    const expanded = join(...made.map((part) => part.content));
    const table = new Uint32Array(15);
    for (let i = 0, at = 0; i < 15; i += 1) table[i] = at += (made[i] as { chunk: Uint8Array }).chunk.length;
    const stored = join(new Uint8Array(table.buffer), ...made.map((part) => part.chunk));

    // A WIM of the same content, whose resource is replaced: wimlib checks the SHA-1 of what it expands.
    const { path } = wimResource(folder, expanded, 'LZX', 32_768);
    const wim = readFileSync(path);
    const entry = wim.lastIndexOf(createHash('sha1').update(expanded).digest()) - 30;
    wim.writeUIntLE(stored.length, entry, 6);
    wim.writeBigUInt64LE(BigInt(wim.length), entry + 8);
    writeFileSync(path, wim);
    appendFileSync(path, stored);
    const out = joinPath(folder, 'out');
    rmSync(out, { recursive: true, force: true });
    run('wimlib-imagex', ['extract', path, '1', `--dest-dir=${out}`, '--no-acls']);
    expect(Buffer.compare(readFileSync(joinPath(out, 'content')), expanded)).toBe(0);

    const source = new WofSource(new MemorySource(stored), 'lzx32k', expanded.length);
    expect(Buffer.compare(await source.read(0, expanded.length), expanded)).toBe(0);
  });
});

describe('WOF content', () => {
  test('reads the uncompressed block of [MS-PATCH] 3 in the form of WIM', () => {
    // 3 bits type 3, 1 bit 0, 16 bits size 3, padding; then as the specification prints it.
    const chunk = Uint8Array.from([0x00, 0x60, 0x00, 0x30, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x61, 0x62, 0x63, 0]);
    expect(new TextDecoder().decode(expandLzx(chunk, 3))).toBe('abc');
  });

  test('has no table and no chunks for an empty file', async () => {
    const source = new WofSource(new MemorySource(new Uint8Array(0)), 'lzx32k', 0);
    expect(await source.read(0, 0)).toEqual(new Uint8Array(0));
  });

  test('takes a chunk as plain when it is stored in its full length', async () => {
    const plain = noise(5000);
    const table = Uint8Array.from([0x00, 0x10, 0, 0]);
    const source = new WofSource(new MemorySource(join(table, plain)), 'xpress4k', 5000);
    expect(await source.read(0, 5000)).toEqual(plain);
  });

  test('uses 64-bit table entries above 4 GiB, and reads only the part of the table it needs', async () => {
    const size = 0x1_0000_0000 + 4096;
    const chunks = size / 4096;
    const tableBytes = (chunks - 1) * 8;
    const plain = noise(4096);
    const reads: number[] = [];
    const view = new DataView(new ArrayBuffer(8));
    const stored = {
      size: tableBytes + chunks * 4096,
      read(offset: number, length: number) {
        reads.push(length);
        const bytes = new Uint8Array(length);
        for (let i = 0; i < length; i += 1) {
          const at = offset + i;
          if (at < tableBytes) {
            view.setBigUint64(0, BigInt((Math.floor(at / 8) + 1) * 4096), true);
            bytes[i] = view.getUint8(at % 8);
          } else bytes[i] = plain[(at - tableBytes) % 4096];
        }
        return bytes;
      },
    };
    const source = new WofSource(stored, 'xpress4k', size);
    expect(await source.read(size - 4096, 4096)).toEqual(plain);
    expect(Math.max(...reads)).toBeLessThanOrEqual(4096 * 8);
  });

  test.each([
    ['a table that does not fit', [0, 16, 0], 9000],
    ['offsets that go back', [0, 16, 0, 0, 0, 8, 0, 0, ...noise(5000)], 9000],
    ['an offset behind the end', [0, 16, 0, 0, 0, 0x18, 0xff, 0, ...noise(5000)], 9000],
    ['a chunk stored larger than it expands', [0x01, 0x10, 0, 0, ...noise(5000)], 5000],
    ['a last chunk stored larger than it expands', [0x00, 0x08, 0, 0, ...noise(5000)], 4200],
  ])('refuses %s', async (_, bytes, size) => {
    const open = async (): Promise<unknown> =>
      new WofSource(new MemorySource(Uint8Array.from(bytes)), 'xpress4k', size).read(0, size);
    await expect(open()).rejects.toMatchObject({ code: 'NTFS_COMPRESSION_INVALID' });
  });

  test.each([
    ['XPRESS Huffman', expandXpressInto],
    ['LZX', expandLzxInto],
  ])('%s never leaves its part of the output and always ends, whatever the input', (_, expand) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 1500 }),
        fc.integer({ min: 0, max: 32_768 }),
        fc.nat(255),
        (input, size, fill) => {
          // All code lengths equal, so that random data gets past the code and into the matches.
          if (fill > 100) input.subarray(0, 256).fill(0x99);
          const output = new Uint8Array(size + 64).fill(0x5a);
          const result = expand(input, 0, input.length, output, 32, 32 + size);
          expect(result === size || result < 0).toBe(true);
          expect(output.subarray(0, 32).every((value) => value === 0x5a)).toBe(true);
          expect(output.subarray(32 + size).every((value) => value === 0x5a)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});
