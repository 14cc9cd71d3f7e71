import { deflateRawSync } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { QCOW_HEADER } from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { QCOW1_DATA, type Qcow1Recipe, writeQcow1 } from '../../support/image/qcow-writer.js';

const CLUSTER = 4096;
const AT = QCOW_HEADER.fields;
/** An L2 entry of a compressed cluster: bit 63, then as many bits of length as a cluster has, then the offset. */
const compressed = (offset: number, length: number): bigint => (1n << 63n) | (BigInt(length) << 51n) | BigInt(offset);

const open = (recipe: Qcow1Recipe, change?: (view: DataView) => void, length?: number): Promise<VirtualDisk> => {
  const bytes = writeQcow1(recipe);
  change?.(new DataView(bytes.buffer));
  return openImage(new MemorySource(bytes.slice(0, length)), { name: 'old.qcow' });
};
const reading = async (recipe: Qcow1Recipe) =>
  errorOf(open(recipe).then(async (disk) => await disk.read(0, 2 * CLUSTER)));

describe('the header of a QCOW of version 1', () => {
  test.each<[string, string, number, (view: DataView) => void]>([
    ['of a disk of one byte', 'IMAGE_DAMAGED', AT.size.offset, (view) => view.setBigUint64(24, 1n)],
    ['of a disk of 2^63 bytes', 'IMAGE_LIMIT', AT.size.offset, (view) => view.setBigUint64(24, 1n << 63n)],
    ['with clusters of 256 bytes', 'IMAGE_DAMAGED', AT.clusterBits.offset, (view) => view.setUint8(32, 8)],
    ['with clusters of 128 KiB', 'IMAGE_DAMAGED', AT.clusterBits.offset, (view) => view.setUint8(32, 17)],
    ['with L2 tables of 32 entries', 'IMAGE_DAMAGED', AT.l2Bits.offset, (view) => view.setUint8(33, 5)],
    ['with L2 tables of 16384 entries', 'IMAGE_DAMAGED', AT.l2Bits.offset, (view) => view.setUint8(33, 14)],
    ['with the encryption method 2', 'IMAGE_UNSUPPORTED', AT.cryptMethod.offset, (view) => view.setUint32(36, 2)],
    [
      'with a backing file name of 1024 bytes',
      'IMAGE_DAMAGED',
      AT.backingSize.offset,
      (view) => view.setUint32(16, 1024),
    ],
    [
      'with a backing file name behind the end',
      'IMAGE_TRUNCATED',
      AT.backingOffset.offset,
      (view) => view.setUint32(8, 1),
    ],
  ])('%s is refused where it says so', async (_, code, offset, change) => {
    expect(await errorOf(open({ backing: 'base.raw' }, change))).toMatchObject({
      code,
      at: { layer: 'old.qcow', offset },
    });
  });

  test('that ends after 40 bytes is truncated', async () => {
    expect(await errorOf(open({}, undefined, 40))).toMatchObject({ code: 'IMAGE_TRUNCATED', at: { offset: 0 } });
  });
});

describe('the clusters of a QCOW of version 1', () => {
  const noise = Uint8Array.from({ length: CLUSTER }, (_, i) => (i * i) >> 3);
  const short = deflateRawSync(noise.subarray(1));

  test('are zeros, stored or compressed, and their entries are found', async () => {
    const packed = deflateRawSync(noise);
    const data = new Uint8Array(CLUSTER + packed.length);
    data.set(noise.toReversed());
    data.set(packed, CLUSTER);
    const entries = [0n, BigInt(QCOW1_DATA), compressed(QCOW1_DATA + CLUSTER, packed.length)];
    const disk = await open({ entries, data });
    expect(await disk.read(0, 3 * CLUSTER)).toEqual(
      Uint8Array.from([...new Uint8Array(CLUSTER), ...noise.toReversed(), ...noise]),
    );
  });

  test.each<[string, string, Qcow1Recipe]>([
    ['without a length', 'IMAGE_DAMAGED', { entries: [0n, compressed(QCOW1_DATA, 0)] }],
    [
      'of fewer bytes than a cluster',
      'IMAGE_DAMAGED',
      { entries: [0n, compressed(QCOW1_DATA, short.length)], data: short },
    ],
    ['behind the end of the file', 'IMAGE_TRUNCATED', { entries: [0n, compressed(1 << 30, 64)] }],
    [
      'that is no deflate stream',
      'IMAGE_DAMAGED',
      { entries: [0n, compressed(QCOW1_DATA, 64)], data: noise.fill(0xff, 0, 64) },
    ],
  ])('that are compressed and %s are refused', async (_, code, recipe) => {
    expect(await reading(recipe)).toMatchObject({ code, at: { layer: 'old.qcow' } });
  });

  test('of a backing file are read from it', async () => {
    const files = new MemoryFiles({ 'old.qcow': writeQcow1({ backing: 'base.raw' }), 'base.raw': noise });
    await using disk = await files.image('old.qcow');
    expect([disk.variant, await disk.read(0, 16)]).toEqual(['v1 overlay', noise.slice(0, 16)]);
  });
});
