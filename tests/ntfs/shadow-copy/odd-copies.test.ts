import { type ByteSource, IssueLog, MemorySource } from '@deadbox/core';
import { ShadowCopies } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { FailingReads } from '../../support/ntfs/failing-reads.js';
import { shadowCopyVolume } from '../../support/ntfs/shadow-volume.js';

/** Where the parts of the volume lie. */
const [CATALOG, BLOCKS, HEADER] = [0x4000, 0x8000, 0xc000];

function volume(edit: (view: DataView, bytes: Uint8Array) => void = () => undefined): Uint8Array<ArrayBuffer> {
  const bytes = shadowCopyVolume();
  edit(new DataView(bytes.buffer), bytes);
  return bytes;
}

async function open(bytes: Uint8Array<ArrayBuffer>, issues = new IssueLog()): Promise<ShadowCopies> {
  return (await ShadowCopies.open(new MemorySource(bytes), { issues })) as ShadowCopies;
}

describe('shadow copies', () => {
  test('are none on a volume that ends before their header', async () => {
    expect(await ShadowCopies.open(new MemorySource(new Uint8Array(0x1e00)))).toBeUndefined();
  });

  test('are numbered by their time, whatever the order of the catalog; of two of one time the first stays first', async () => {
    const times = async (...created: bigint[]): Promise<bigint[]> => {
      const bytes = volume((view, all) => {
        for (const [i, time] of created.entries()) {
          const at = CATALOG + 0x80 + i * 0x100;
          if (i > 0) all.copyWithin(at, CATALOG + 0x80, CATALOG + 0x180);
          for (const part of [at, at + 0x80]) all.fill(0x60 + i, part + 0x10, part + 0x20);
          view.setBigUint64(at + 0x30, time, true);
        }
      });
      return (await open(bytes)).copies.map((copy) => copy.created);
    };
    expect(await times(3n, 1n, 2n)).toEqual([1n, 2n, 3n]);
    expect(await times(1n, 2n, 3n)).toEqual([1n, 2n, 3n]);
    expect(await times(5n, 5n)).toEqual([5n, 5n]);
  });

  test('whose catalog leads to a block without identifier, or is cut off, say so', async () => {
    for (const edit of [
      (view: DataView): void => view.setUint32(CATALOG, 0, true),
      (view: DataView): void => view.setBigUint64(0x1e30, BigInt(15 * 0x4000 + 1), true),
    ]) {
      const issues = new IssueLog();
      expect((await open(volume(edit), issues)).copies).toEqual([]);
      expect(issues.issues).toMatchObject([{ code: 'ntfs.shadow-copy', data: { part: 'catalog' } }]);
    }
  });

  test('end with the connection', async () => {
    const source = new FailingReads(volume());
    source.begin(1, 'connection');
    await expect(ShadowCopies.open(source)).rejects.toMatchObject({ code: 'READ_FAILED' });
  });

  test('stop with the catalog that has more than a thousand', async () => {
    // 9 blocks of 127 entries each, behind the volume's own parts.
    const count = 10;
    const bytes = new Uint8Array((16 + count) * 0x4000);
    bytes.set(volume());
    const view = new DataView(bytes.buffer);
    for (let block = 0; block < count; block += 1) {
      const at = (16 + block) * 0x4000;
      bytes.copyWithin(at, CATALOG, CATALOG + 0x80);
      view.setBigUint64(at + 0x28, block + 1 < count ? BigInt(at + 0x4000) : 0n, true);
      for (let i = 0; i < 127; i += 1) {
        const entry = at + 0x80 + i * 0x80;
        view.setBigUint64(entry, 2n, true);
        view.setUint32(entry + 0x10, block * 127 + i + 1, true);
      }
    }
    view.setBigUint64(0x1e30, BigInt(16 * 0x4000), true);
    expect((await open(bytes)).copies).toHaveLength(9 * 127);
  });
});

describe('a shadow copy', () => {
  test('of a volume that is larger than this one is cut, and that is told', async () => {
    const bytes = volume((view) => view.setBigUint64(CATALOG + 0x88, 2n ** 40n, true));
    const issues = new IssueLog();
    const source = await (await open(bytes, issues)).source(1);
    expect(source.size).toBe(bytes.length);
    expect(issues.issues).toMatchObject([{ code: 'ntfs.shadow-copy', data: { volumeSize: 2 ** 40 } }]);
  });

  test('of a disk with large sectors has large sectors', async () => {
    const inner = new MemorySource(volume());
    const source: ByteSource = { size: inner.size, sectorSize: 4096, read: (at, length) => inner.read(at, length) };
    expect((await (await ShadowCopies.open(source))?.source(1))?.sectorSize).toBe(4096);
  });

  test('whose store header lies outside the volume, or is none, has no information', async () => {
    for (const [offset, value] of [
      [0x20, 0n],
      [0x20, 2n ** 40n],
      [0x20, BigInt(BLOCKS)],
    ] as const) {
      const bytes = volume((view) => view.setBigUint64(CATALOG + 0x100 + offset, value, true));
      await expect((await open(bytes)).information(1)).rejects.toMatchObject({ code: 'NTFS_SHADOW_COPY_INVALID' });
    }
    expect(await (await open(volume())).information(1)).toMatchObject({ context: expect.any(Number) });
    expect(HEADER).toBe(0xc000);
  });

  test('passes over a forwarder to its own place', async () => {
    const places = async (edit: (view: DataView) => void): Promise<unknown[]> => {
      const source = await (await open(volume(edit))).source(1);
      const found: unknown[] = [];
      for await (const batch of source.extents?.(0, source.size) ?? [])
        for (const { offset, origin } of batch) found.push([offset, origin?.offset]);
      return found;
    };
    const none = await places((view) => view.setUint32(BLOCKS + 0xa0 + 0x18, 4, true));
    expect(await places((view) => view.setBigUint64(BLOCKS + 0xa0 + 8, 0x1c000n, true))).toEqual(none);
  });

  test('in thousands of pieces gives its places in batches, and nothing of an empty range', async () => {
    // Every second block of a volume was changed: its list of blocks has more entries than were made room for.
    const entries = 1500;
    const perBlock = 511;
    const lists = Math.ceil(entries / perBlock);
    const bytes = new Uint8Array(32 * 0x4000);
    bytes.set(volume());
    const view = new DataView(bytes.buffer);
    const size = BigInt(4000 * 0x4000);
    view.setBigUint64(CATALOG + 0x88, size, true);
    for (const field of [0x30, 0x48]) view.setBigUint64(CATALOG + 0x100 + field, 0n, true);
    view.setBigUint64(CATALOG + 0x108, BigInt(20 * 0x4000), true);
    for (let list = 0; list < lists; list += 1) {
      const at = (20 + list) * 0x4000;
      bytes.copyWithin(at, BLOCKS, BLOCKS + 0x80);
      view.setBigUint64(at + 0x28, list + 1 < lists ? BigInt(at + 0x4000) : 0n, true);
      for (let i = 0; i < perBlock && list * perBlock + i < entries; i += 1) {
        const number = list * perBlock + i;
        const entry = at + 0x80 + i * 32;
        view.setBigUint64(entry, BigInt(number * 2 * 0x4000), true);
        view.setBigUint64(entry + 0x10, BigInt((3999 - number) * 0x4000), true);
        view.setUint32(entry + 0x1c, 0xffff, true);
      }
    }
    const sparse: ByteSource = {
      size: Number(size),
      read: (offset, length) => {
        const target = new Uint8Array(length);
        target.set(bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)));
        return target;
      },
    };
    const source = (await (await ShadowCopies.open(sparse))?.source(1)) as ByteSource;
    const batches: number[] = [];
    for await (const batch of source.extents?.(0, source.size) ?? []) batches.push(batch.length);
    expect(batches[0]).toBe(1024);
    expect(batches.length).toBeGreaterThan(2);
    for await (const batch of source.extents?.(9, 9) ?? []) throw new Error(`${batch.length} places of nothing`);
  });
});
