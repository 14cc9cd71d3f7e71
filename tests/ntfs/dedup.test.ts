import { createHash } from 'node:crypto';
import { crc32, MemorySource, parseGuid, type Bytes, type FileNode, type FileTree } from '@deadbox/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDedupFile } from '../../packages/ntfs/src/dedup.js';
import { parseDedupPoint } from '../../packages/ntfs/src/dedup-point.js';
import { expandXpressLz77Into } from '../../packages/ntfs/src/xpress-lz77.js';
import { encodeLznt1 } from './lznt1-encoder.js';
import { join, noise, prose } from './sample-data.js';

function hex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function lz77(data: Uint8Array, size: number): Bytes {
  const output = new Uint8Array(size);
  const result = expandXpressLz77Into(data, 0, data.length, output, 0, size);
  if (result !== size) throw new Error(`damage at ${-1 - result}`);
  return output;
}

/** A greedy compressor for plain LZ77, written from [MS-XCA] 2.3. */
function encodeLz77(data: Uint8Array): Uint8Array {
  const out: number[] = [0, 0, 0, 0];
  let flags = 0;
  let count = 0;
  let flagsAt = 0;
  let halfAt = -1;
  const flag = (bit: number): void => {
    flags = ((flags << 1) | bit) >>> 0;
    count += 1;
    if (count < 32) return;
    for (let i = 0; i < 4; i += 1) out[flagsAt + i] = (flags >>> (8 * i)) & 0xff;
    flagsAt = out.length;
    out.push(0, 0, 0, 0);
    flags = 0;
    count = 0;
  };
  for (let at = 0; at < data.length; ) {
    let best = 0;
    let distance = 0;
    for (let from = Math.max(0, at - 8192); from < at && best < 100_000; from += 1) {
      let length = 0;
      while (at + length < data.length && data[from + length] === data[at + length]) length += 1;
      if (length > best) {
        best = length;
        distance = at - from;
      }
    }
    if (best < 3) {
      out.push(data[at]);
      at += 1;
      flag(0);
      continue;
    }
    const length = best - 3;
    const token = ((distance - 1) << 3) | Math.min(length, 7);
    out.push(token & 0xff, token >> 8);
    if (length >= 7) {
      const half = Math.min(length - 7, 15);
      if (halfAt < 0) {
        halfAt = out.length;
        out.push(half);
      } else {
        out[halfAt] = out[halfAt] | (half << 4);
        halfAt = -1;
      }
      if (half === 15) {
        const rest = length - 7 - 15;
        if (rest < 255) out.push(rest);
        else {
          out.push(255);
          if (length < 65_536) out.push(length & 0xff, length >> 8);
          else out.push(0, 0, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, 0);
        }
      }
    }
    at += best;
    flag(1);
  }
  // The flags that are left over are set, as the specification wants it.
  const last = count === 0 ? 0xffff_ffff : ((flags << (32 - count)) | (2 ** (32 - count) - 1)) >>> 0;
  for (let i = 0; i < 4; i += 1) out[flagsAt + i] = (last >>> (8 * i)) & 0xff;
  return Uint8Array.from(out);
}

describe('plain LZ77 XPRESS data', () => {
  it('expands as in the examples of [MS-XCA] 3.1', () => {
    const alphabet = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
    expect(lz77(join(hex('3f000000'), alphabet), 26)).toEqual(alphabet);
    expect(new TextDecoder().decode(lz77(hex('ff ff ff 1f 61 62 63 17 00 0f ff 26 01'), 300))).toBe('abc'.repeat(100));
  });

  it('gives back what was compressed, with lengths of every form', () => {
    for (const data of [
      prose(20_000),
      noise(3000),
      new Uint8Array(70_000).fill(7),
      join(prose(500), new Uint8Array(300), prose(500), prose(40), prose(40)),
    ]) {
      expect(Buffer.compare(lz77(encodeLz77(data), data.length), data)).toBe(0);
    }
  });

  it('never leaves its part of the output, whatever the input', () => {
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

/** CRC-64 with polynomial AD93D23594C93659 as a bit loop. */
function crc64(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : crc >> 1n;
  }
  return crc ^ 0xffff_ffff_ffff_ffffn;
}

const STORE = 'AABBCCDD-0011-2233-4455-66778899AABB';
const FOLDER = `/System Volume Information/Dedup/ChunkStore/{${STORE}}.ddp`;

/** A block of storage filters: signature, CRC, length, flags, elements. */
function block(signature: string, elements: ([type: number, value: Uint8Array] | undefined)[]): Uint8Array {
  const values: Uint8Array[] = [];
  const head = new DataView(new ArrayBuffer(16 + elements.length * 8));
  let at = head.byteLength;
  elements.forEach((element, i) => {
    if (element === undefined) return;
    const [type, value] = element;
    head.setUint16(16 + i * 8, type, true);
    head.setUint16(18 + i * 8, value.length, true);
    head.setUint32(20 + i * 8, at, true);
    values.push(value);
    at += value.length;
  });
  for (let i = 0; i < 4; i += 1) head.setUint8(i, signature.charCodeAt(i));
  head.setUint32(8, at, true);
  head.setUint16(12, 2, true);
  head.setUint16(14, elements.length, true);
  const bytes = join(new Uint8Array(head.buffer), ...values);
  new DataView(bytes.buffer).setUint32(4, crc32(bytes.subarray(8)), true);
  return bytes;
}

/** A chunk store and the reparse data of one file, as the ntfs-3g plug-ins describe them. */
class StoreBuilder {
  readonly files = new Map<string, Bytes>();
  #sequence = 1;

  /** Puts data chunks into container 1 and returns their map records. */
  chunks(parts: { content: Uint8Array; stored: Uint8Array; method: number }[], begin: number): Uint8Array[] {
    const container: Uint8Array[] = [join(new TextEncoder().encode('Cthr'), new Uint8Array(0x5000 - 4))];
    let offset = 0x5000;
    let end = begin;
    const records = parts.map(({ content, stored, method }) => {
      const digest = new Uint8Array(createHash('sha256').update(content).digest());
      const head = new Uint8Array(0x58);
      const view = new DataView(head.buffer);
      head.set(new TextEncoder().encode('Ckhr'));
      view.setUint32(8, this.#sequence, true);
      view.setUint32(12, stored.length, true);
      view.setUint16(16, 1, true);
      view.setUint16(18, 0x28, true);
      view.setUint32(0x20, method, true);
      head.set(digest, 0x28);
      view.setBigUint64(0x50, crc64(head.subarray(0, 0x50)), true);
      const record = new Uint8Array(64);
      const map = new DataView(record.buffer);
      end += content.length;
      map.setUint32(0, this.#sequence, true);
      map.setUint32(4, 1, true);
      map.setUint32(8, offset, true);
      map.setUint32(12, 1, true);
      map.setBigUint64(16, BigInt(end), true);
      record.set(digest, 24);
      map.setUint32(56, stored.length, true);
      container.push(head, stored);
      offset += head.length + stored.length;
      this.#sequence += 1;
      return record;
    });
    this.files.set(`${FOLDER}/Data/00000001.00000001.ccc`, join(...container));
    return records;
  }

  /** Puts a stream map into stream container 2 and returns the reparse data of a file that has only this part. */
  file(records: Uint8Array[], size: number, moved = false): Bytes {
    const map = join(new TextEncoder().encode('Smap'), new Uint8Array(4), ...records);
    const digest = noise(16, 'map');
    const head = new Uint8Array(0x68);
    const view = new DataView(head.buffer);
    head.set(new TextEncoder().encode('Ckhr'));
    view.setUint32(8, 77, true);
    view.setUint32(12, map.length, true);
    view.setUint16(16, 2, true);
    view.setUint16(18, 0x38, true);
    head.set(digest, 0x38);
    view.setBigUint64(0x60, crc64(head.subarray(0, 0x60)), true);
    const container = join(new TextEncoder().encode('Cthr'), new Uint8Array(0x5000 - 4), head, map, new Uint8Array(100));
    if (moved) {
      const table = new DataView(container.buffer);
      container.set(new TextEncoder().encode('Rrtl'), 0x3000);
      table.setUint32(0x3008, 2, true);
      [5, 0x9999, 77, 0x5000].forEach((value, i) => table.setUint32(0x3020 + i * 4, value, true));
    }
    this.files.set(`${FOLDER}/Stream/00000002.00000001.ccc`, join(new TextEncoder().encode('Cthr'), new Uint8Array(0x6000)));
    this.files.set(`${FOLDER}/Stream/00000002.00000003.ccc`, container);
    const part = new Uint8Array(64);
    const fields = new DataView(part.buffer);
    fields.setUint32(0, 77, true);
    fields.setUint32(4, 2, true);
    fields.setUint32(8, moved ? 0x4000 : 0x5000, true);
    fields.setUint32(24, map.length, true);
    part.set(digest, 32);
    fields.setBigUint64(48, BigInt(size), true);
    const u64 = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);
    const version = new Uint8Array(Uint32Array.of(1).buffer);
    const body = block('FeRp', [
      [10, version],
      [5, version],
      [12, parseGuid(STORE)],
      [11, u64(133_000_000_000_000_000n)],
      [6, u64(BigInt(size))],
      undefined,
      undefined,
      undefined,
      [
        13,
        block('DdRp', [
          [10, version],
          [14, new Uint8Array(8)],
          [13, part],
        ]),
      ],
    ]);
    const bytes = join(Uint8Array.of(3, 1, 0, 0), body, new Uint8Array(4));
    const all = new DataView(bytes.buffer);
    all.setUint16(2, bytes.length, true);
    all.setUint32(bytes.length - 4, crc32(bytes.subarray(0, bytes.length - 4)), true);
    return bytes;
  }

  get tree(): FileTree {
    const node = (path: string): FileNode | undefined => {
      const content = this.files.get(path);
      const below = [...this.files.keys()].filter((name) => name.startsWith(`${path}/`));
      if (content === undefined && below.length === 0) return undefined;
      return {
        name: path.slice(path.lastIndexOf('/') + 1),
        path,
        type: content === undefined ? 'directory' : 'file',
        size: content?.length ?? 0,
        stream: () => Promise.resolve(new MemorySource(content as Bytes)),
        async *entries(options) {
          yield below
            .map((name) => name.slice(path.length + 1))
            .filter((name) => name.startsWith(options?.prefix ?? ''))
            .map((name) => ({ name, open: () => Promise.resolve(node(`${path}/${name}`) as FileNode) }));
        },
      };
    };
    return { fileSystem: 'ntfs', lookup: (path) => Promise.resolve(node(path)) };
  }
}

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

  it('names its store and parts', () => {
    const point = parseDedupPoint(build().data);
    expect(point).toMatchObject({
      storeId: STORE,
      size: content.length,
      parts: [{ sequence: 77, streamId: 2, offset: 0x5000, begin: 0, end: content.length }],
    });
  });

  it.each([false, true])('is put together from its chunks (map moved: %s)', async (moved) => {
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

  it('is never returned wrong when a byte of the reparse point or of a head is changed', async () => {
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
        bytes[at] = (bytes[at]) ^ 0x10;
        const read = openDedupFile(builder.tree, data, content.length, 'file').then((source) => source.read(0, 10));
        await expect(read).rejects.toMatchObject({ code: 'NTFS_DEDUP_INVALID' });
        bytes[at] = (bytes[at]) ^ 0x10;
      }
    }
  });

  it('whose container is missing says that the content is not on the volume', async () => {
    const { builder, data } = build();
    builder.files.delete(`${FOLDER}/Data/00000001.00000001.ccc`);
    const source = await openDedupFile(builder.tree, data, content.length, 'file');
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'NTFS_STREAM_ELSEWHERE' });
    builder.files.clear();
    await expect(openDedupFile(builder.tree, data, content.length, 'file')).rejects.toMatchObject({ code: 'NTFS_STREAM_ELSEWHERE' });
  });

  it('in the form of Windows Server 2012 is refused by name', () => {
    const { data } = build();
    data[0] = 1;
    expect(() => parseDedupPoint(data)).toThrow(expect.objectContaining({ code: 'NTFS_STREAM_UNSUPPORTED' }));
  });
});
