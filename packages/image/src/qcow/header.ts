import { type Bytes, Cursor } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';

/** QCowHeader of version 1 (QEMU block/qcow.c); big-endian, offsets in bytes. */
export const QCOW_FIELD = {
  backingOffset: 8,
  backingSize: 16,
  size: 24,
  clusterBits: 32,
  l2Bits: 33,
  cryptMethod: 36,
  l1Offset: 40,
} as const;
const HEADER_BYTES = 48;

/** Header of a QCOW image of version 1. */
export interface Qcow1Header {
  /** Virtual size in bytes. */
  readonly size: number;
  readonly clusterBits: number;
  /** Entries of an L2 table as a power of two. */
  readonly l2Bits: number;
  readonly encrypted: boolean;
  readonly l1Offset: number;
  readonly backing?: { readonly offset: number; readonly length: number };
}

/**
 * Parses the header.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_TRUNCATED`, `IMAGE_DAMAGED`, `IMAGE_LIMIT`, `IMAGE_UNSUPPORTED`
 */
export function parseQcow1Header(bytes: Bytes, layer: string): Qcow1Header {
  const cursor = new Cursor(bytes, layer);
  if (bytes.length < HEADER_BYTES)
    throw imageError(
      'IMAGE_TRUNCATED',
      `${layer} is truncated: it has ${bytes.length} bytes of a QCOW header`,
      cursor.at(0),
    );
  const damaged = (field: number, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged QCOW header: ${what}`, cursor.at(field));
  const size = cursor.u64NumberBe(QCOW_FIELD.size);
  if (size > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims a virtual size of ${size} bytes`, cursor.at(QCOW_FIELD.size), {
      size,
    });
  if (size < 2) throw damaged(QCOW_FIELD.size, `a virtual size of ${size} bytes`);
  const clusterBits = cursor.u8(QCOW_FIELD.clusterBits);
  if (clusterBits < 9 || clusterBits > 16) throw damaged(QCOW_FIELD.clusterBits, `clusters of 2^${clusterBits} bytes`);
  const l2Bits = cursor.u8(QCOW_FIELD.l2Bits);
  if (l2Bits < 6 || l2Bits > 13) throw damaged(QCOW_FIELD.l2Bits, `L2 tables of 2^${l2Bits} entries`);
  const crypt = cursor.u32Be(QCOW_FIELD.cryptMethod);
  if (crypt > 1)
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} uses the encryption method ${crypt}`,
      cursor.at(QCOW_FIELD.cryptMethod),
    );
  const offset = cursor.u64NumberBe(QCOW_FIELD.backingOffset);
  const length = cursor.u32Be(QCOW_FIELD.backingSize);
  if (offset > 0 && length > 1023) throw damaged(QCOW_FIELD.backingSize, `a backing file name of ${length} bytes`);
  return {
    size,
    clusterBits,
    l2Bits,
    encrypted: crypt === 1,
    l1Offset: cursor.u64NumberBe(QCOW_FIELD.l1Offset),
    ...(offset === 0 || length === 0 ? {} : { backing: { offset, length } }),
  };
}
