import { type Bytes, crc32 } from '@deadbox/core';
import { openDedupFile, parseDedupPoint } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { FOLDER, StoreBuilder } from '../../support/ntfs/dedup-store.js';
import { encodeLz77 } from '../../support/ntfs/lz77-encoder.js';
import { prose } from '../../support/ntfs/sample-data.js';

const CONTENT = prose(5000);
const DATA = `${FOLDER}/Data/00000001.00000001.ccc`;
const MAP = `${FOLDER}/Stream/00000002.00000003.ccc`;
/** Where the only chunk, and the only map, stand in their containers. */
const PLACE = 0x5000;
const HEAD = 0x68;

/** CRC-64 of a head, as the storage services make it. */
function sealHead(bytes: Uint8Array, at: number, length: number): void {
  let crc = 0n;
  for (const byte of bytes.subarray(at, at + length - 8)) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x9a6c_9329_ac4b_c9b5n : crc >> 1n;
  }
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(at + length - 8, crc ^ 0xffff_ffff_ffff_ffffn, true);
}

/** A file of one chunk. */
function store(method = 2, moved = false): { builder: StoreBuilder; data: Bytes } {
  const builder = new StoreBuilder();
  const records = builder.chunks([{ content: CONTENT, stored: encodeLz77(CONTENT), method }], 0);
  return { builder, data: builder.file(records, CONTENT.length, moved) };
}

async function read({ builder, data }: { builder: StoreBuilder; data: Bytes }, size = CONTENT.length): Promise<Bytes> {
  const source = await openDedupFile(builder.tree, data, size, 'file');
  return source.read(0, size);
}

/** What reading says when a container was changed; `head` bytes of the head are sealed anew. */
async function changed(path: string, edit: (view: DataView) => void, head?: number, made = store()): Promise<string> {
  const bytes = made.builder.files.get(path) as Bytes;
  edit(new DataView(bytes.buffer));
  if (head !== undefined) sealHead(bytes, PLACE, head);
  return read(made).then(
    () => 'read',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
}

describe('a chunk of a deduplicated file', () => {
  test('of another type, or compressed by a method that nobody knows, is refused', async () => {
    expect(Buffer.compare(await read(store()), CONTENT)).toBe(0);
    expect(await changed(DATA, (view) => view.setUint16(PLACE + 0x10, 2, true))).toContain(
      'NTFS_DEDUP_INVALID: Chunk at byte 20480',
    );
    expect(await changed(DATA, (view) => view.setUint32(PLACE + 0x20, 9, true), 0x58)).toContain(
      'NTFS_STREAM_UNSUPPORTED',
    );
  });

  test('that does not give its bytes, or lies behind its container, is refused', async () => {
    expect(await changed(DATA, (view) => view.setUint32(PLACE + 0x58, 0xffff_ffff, true))).toContain(
      'compressed data that gives',
    );
    const made = store();
    made.builder.files.set(DATA, (made.builder.files.get(DATA) as Bytes).slice(0, PLACE + 0x60));
    await expect(read(made)).rejects.toMatchObject({ code: 'NTFS_DEDUP_INVALID', at: { offset: PLACE } });
  });

  test('in a container without its mark is refused', async () => {
    expect(await changed(DATA, (view) => view.setUint32(0, 0))).toContain('has no signature Cthr');
  });
});

describe('the map of a deduplicated file', () => {
  test.each<[string, (view: DataView) => void, string]>([
    ['of another type', (view) => view.setUint16(PLACE + 0x10, 1, true), 'type 1'],
    ['without its mark', (view) => view.setUint32(PLACE + HEAD, 0), 'no signature Smap'],
    ['with a chunk of no bytes', (view) => view.setUint32(PLACE + HEAD + 8 + 0x38, 0, true), 'has a chunk from 0'],
    [
      'with a chunk that is too large',
      (view) => view.setUint32(PLACE + HEAD + 8 + 0x38, 0x20_0000, true),
      'has a chunk from 0',
    ],
    ['that ends before the file', (view) => view.setBigUint64(PLACE + HEAD + 8 + 0x10, 4000n, true), 'expected 5000'],
  ])('%s is refused', async (_, edit, words) => {
    expect(await changed(MAP, edit)).toContain(words);
  });

  test('in a container that ends before it, and that is too short for a redirection table, is not found', async () => {
    for (const length of [PLACE + 0x70, 0x3010]) {
      const made = store();
      made.builder.files.set(MAP, (made.builder.files.get(MAP) as Bytes).slice(0, length));
      await expect(read(made)).rejects.toMatchObject({
        message: expect.stringContaining('an end outside its container'),
      });
    }
  });

  test('is found by the first of two redirections', async () => {
    const twice = (view: DataView): void => {
      view.setUint32(0x3008, 3, true);
      view.setUint32(0x3030, 77, true);
      view.setUint32(0x3034, 0x1234, true);
    };
    expect(await changed(MAP, twice, undefined, store(2, true))).toBe('read');
  });

  test('is not looked for in files that only begin as a container does', async () => {
    const made = store();
    made.builder.files.set(`${FOLDER}/Stream/00000002.zzzz.ccc`, new Uint8Array(4));
    made.builder.files.set(`${FOLDER}/Stream/00000002.00000002.ccc`, new Uint8Array(4));
    expect(Buffer.compare(await read(made), CONTENT)).toBe(0);
  });
});

describe('the reparse data of a deduplicated file', () => {
  /** The data with its checksum made anew. */
  const edited = (edit: (view: DataView) => void): Bytes => {
    const { data } = store();
    const view = new DataView(data.buffer);
    edit(view);
    view.setUint32(data.length - 4, crc32(data.subarray(0, data.length - 4)), true);
    return data;
  };
  /** Where the table of elements, and the value of one, stand. */
  const element = (index: number): number => 4 + 16 + index * 8;
  const valueAt = (view: DataView, index: number): number => 4 + view.getUint32(element(index) + 4, true);

  test.each<[string, (view: DataView) => void, RegExp]>([
    ['no chunk store', (view) => view.setUint32(element(2) + 4, 0, true), /no chunk store or no parts/],
    ['no parts', (view) => view.setUint32(element(8) + 4, 0, true), /no chunk store or no parts/],
    ['an empty list of parts', (view) => view.setUint32(valueAt(view, 8) + 16 + 2 * 8 + 4, 0, true), /names no parts/],
    [
      'a list shorter than one part',
      (view) => view.setUint16(valueAt(view, 8) + 16 + 2 * 8 + 2, 60, true),
      /names no parts/,
    ],
    [
      'a part that ends where it begins',
      (view) => {
        const block = valueAt(view, 8);
        view.setBigUint64(block + view.getUint32(block + 16 + 2 * 8 + 4, true) + 0x30, 0n, true);
      },
      /has a part from 0 to 0/,
    ],
  ])('with %s is refused', (_, edit, message) => {
    expect(() => parseDedupPoint(edited(edit))).toThrow(message);
  });

  test('of too few bytes is refused, and one that ends before its file', async () => {
    expect(() => parseDedupPoint(new Uint8Array(27))).toThrow(expect.objectContaining({ code: 'NTFS_DEDUP_INVALID' }));
    await expect(read(store(), CONTENT.length + 1)).rejects.toMatchObject({ data: { end: CONTENT.length } });
  });

  test('that names maps of more bytes than any file has is refused before they are read', async () => {
    const data = edited((view) => {
      const block = valueAt(view, 8);
      view.setUint32(block + view.getUint32(block + 16 + 2 * 8 + 4, true) + 0x18, 0x7000_0000, true);
    });
    await expect(read({ builder: store().builder, data })).rejects.toMatchObject({ data: { mapBytes: 0x7000_0000 } });
  });
});
