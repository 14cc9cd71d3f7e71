import { createHash } from 'node:crypto';
import { type Bytes, crc32, type FileNode, type FileTree, MemorySource, parseGuid } from '@deadbox/core';
import { join, noise } from './sample-data.js';

/** CRC-64 with polynomial AD93D23594C93659 as a bit loop. */
function crc64(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : crc >> 1n;
  }
  return crc ^ 0xffff_ffff_ffff_ffffn;
}

export const STORE = 'AABBCCDD-0011-2233-4455-66778899AABB';
export const FOLDER = `/System Volume Information/Dedup/ChunkStore/{${STORE}}.ddp`;

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
export class StoreBuilder {
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
    const container = join(
      new TextEncoder().encode('Cthr'),
      new Uint8Array(0x5000 - 4),
      head,
      map,
      new Uint8Array(100),
    );
    if (moved) {
      const table = new DataView(container.buffer);
      container.set(new TextEncoder().encode('Rrtl'), 0x3000);
      table.setUint32(0x3008, 2, true);
      [5, 0x9999, 77, 0x5000].forEach((value, i) => table.setUint32(0x3020 + i * 4, value, true));
    }
    this.files.set(
      `${FOLDER}/Stream/00000002.00000001.ccc`,
      join(new TextEncoder().encode('Cthr'), new Uint8Array(0x6000)),
    );
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
