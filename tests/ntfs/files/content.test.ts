import { type Bytes, extentsOf } from '@deadbox/core';
import type { NtfsFile } from '@deadbox/ntfs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  attributesOf,
  namedAttribute,
  replaceAttributes,
  residentAttribute,
  unseal,
  viewOf as view,
} from '../../support/file-record-writer.js';
import { attributeAt, openBytes, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const FILE = '/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys';
const DATA = 0x80;
const REPARSE_POINT = 0xc0;

let good: Bytes;
let at: number;
let content: Uint8Array;

beforeAll(async () => {
  good = windowsVolume();
  const file = (await (await openBytes(good)).lookup(FILE)) as NtfsFile;
  at = file.location.offset;
  content = await (await file.stream()).read(0, file.size);
});

/** The file of a changed volume. */
async function changed(edit: (bytes: Bytes) => void): Promise<NtfsFile> {
  const bytes = good.slice();
  edit(bytes);
  return (await (await openBytes(bytes)).lookup(FILE)) as NtfsFile;
}

/** The file with a reparse point, other attributes, and other file attribute bits. */
function withParts(
  tag: number,
  fileAttributes: number,
  change: (parts: Uint8Array[]) => Uint8Array[],
  data: readonly number[] = [],
): Promise<NtfsFile> {
  return changed((bytes) => {
    const parts = attributesOf(unseal(bytes.slice(at, at + 1024)));
    const point = new Uint8Array(8 + data.length);
    view(point).setUint32(0, tag, true);
    view(point).setUint16(4, data.length, true);
    point.set(data, 8);
    replaceAttributes(bytes, at, 1024, [...change(parts), residentAttribute(REPARSE_POINT, 0x60, point)]);
    const information = attributeAt(bytes, at, 0x10);
    view(bytes).setUint32(information + view(bytes).getUint16(information + 0x14, true) + 0x20, fileAttributes, true);
  });
}

const same = (parts: Uint8Array[]): Uint8Array[] => parts;
const isData = (part: Uint8Array): boolean => view(part).getUint32(0, true) === DATA;

describe('content that is not to be had is an error, never zeros or other bytes', () => {
  test('EFS: refused with the reason, given as stored on request', async () => {
    const file = await changed((bytes) => view(bytes).setUint16(attributeAt(bytes, at, DATA) + 0x0c, 0x4000, true));
    await expect(file.stream()).rejects.toMatchObject({ code: 'NTFS_STREAM_ENCRYPTED', at: { record: file.record } });
    expect(await (await file.stream('', { raw: true })).read(0, file.size)).toEqual(content);
    expect(file.attributes.find((attribute) => attribute.type === DATA)).toMatchObject({ encrypted: true });
  });

  test('a compression method that is not known', async () => {
    const file = await changed((bytes) => {
      const data = attributeAt(bytes, at, DATA);
      view(bytes).setUint16(data + 0x0c, 2, true);
      bytes[data + 0x22] = 4;
    });
    await expect(file.stream()).rejects.toMatchObject({ code: 'NTFS_STREAM_UNSUPPORTED', data: { method: 2 } });
  });

  test.each([
    ['Data Deduplication', 0x8000_0013, 0x20],
    ['a cloud placeholder that is not on the disk', 0x9000_301a, 0x40_0020],
    ['hierarchical storage', 0xc000_0004, 0x1020],
    ['Single Instance Storage', 0x8000_0007, 0x20],
  ])('%s', async (_, tag, attributes) => {
    const file = await withParts(tag, attributes, same);
    await expect(file.stream()).rejects.toMatchObject({ code: 'NTFS_STREAM_ELSEWHERE', data: { tag } });
    expect(file).toMatchObject({ type: 'file', size: 6321, reparseTag: tag });
  });

  test('a cloud file that is on the disk is read', async () => {
    const file = await withParts(0x9000_301a, 0x20, same);
    expect(await (await file.stream()).read(0, file.size)).toEqual(content);
  });

  test.each([
    ['a file', ''],
    ['a stream', 'nothing'],
  ])('%s that does not exist', async (_, name) => {
    const folder = (await (await openBytes(good)).lookup('/Windows')) as NtfsFile;
    await expect(folder.stream(name)).rejects.toMatchObject({
      code: 'NTFS_NO_SUCH_STREAM',
      at: { record: folder.record },
    });
  });
});

describe('WOF', () => {
  const wof = (provider: number, algorithm: number): number[] => [
    1,
    0,
    0,
    0,
    provider,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    algorithm,
    0,
    0,
    0,
  ];
  const packed = Uint8Array.from({ length: 100 }, (_, i) => i % 251);
  const without = (parts: Uint8Array[]): Uint8Array[] => parts.filter((part) => !isData(part));

  test('content comes from the stream WofCompressedData; the raw unnamed stream stays zeros', async () => {
    // One chunk that is as long as its content is stored plainly.
    const file = await withParts(
      0x8000_0017,
      0x420,
      (parts) => [
        ...without(parts),
        residentAttribute(DATA, 5, new Uint8Array(100)),
        namedAttribute(DATA, 6, 'WofCompressedData', packed),
      ],
      wof(2, 0),
    );
    expect(file).toMatchObject({ type: 'file', size: 100 });
    expect(await (await file.stream()).read(0, 100)).toEqual(packed);
    expect(await (await file.stream('', { raw: true })).read(0, 100)).toEqual(new Uint8Array(100));
  });

  test('without that stream is an error', async () => {
    const file = await withParts(0x8000_0017, 0x420, same, wof(2, 0));
    await expect(file.stream()).rejects.toMatchObject({ code: 'NTFS_NO_SUCH_STREAM' });
  });

  test('in a WIM file elsewhere is an error', async () => {
    await expect((await withParts(0x8000_0017, 0x420, same, wof(1, 0))).stream()).rejects.toMatchObject({
      code: 'NTFS_STREAM_ELSEWHERE',
    });
  });

  test('of an unknown algorithm is an error', async () => {
    await expect((await withParts(0x8000_0017, 0x420, same, wof(2, 9))).stream()).rejects.toMatchObject({
      code: 'NTFS_STREAM_UNSUPPORTED',
    });
  });
});

describe('where content lies', () => {
  test('a resident stream tells its place but for the bytes that fixup moved', async () => {
    const value = Uint8Array.from({ length: 300 }, (_, i) => i % 256);
    const bytes = good.slice();
    const parts = attributesOf(unseal(bytes.slice(at, at + 1024))).filter((part) => !isData(part));
    replaceAttributes(bytes, at, 1024, [...parts, residentAttribute(DATA, 5, value)]);
    const file = (await (await openBytes(bytes)).lookup(FILE)) as NtfsFile;
    const stream = await file.stream();
    expect(await stream.read(0, 300)).toEqual(value);
    let moved = 0;
    for await (const batch of extentsOf(stream)) {
      for (const { offset, length, origin } of batch) {
        if (origin === undefined) moved += length;
        else expect(bytes.slice(origin.offset, origin.offset + length)).toEqual(value.slice(offset, offset + length));
      }
    }
    expect(moved).toBe(2);
    expect((await file.storedParts()).reduce((sum, part) => sum + part.length, 0)).toBe(298);
  });

  test('a non-resident stream tells its clusters', async () => {
    const file = (await (await openBytes(good)).lookup(FILE)) as NtfsFile;
    const parts = await file.storedParts();
    expect(Buffer.concat(parts.map((part) => good.subarray(part.offset, part.offset + part.length)))).toEqual(
      Buffer.from(content),
    );
  });
});
