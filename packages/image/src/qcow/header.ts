import { type Bytes, Cursor, type Field, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_BACKING_NAME_BYTES, MAX_VIRTUAL_SIZE } from '../limits.js';

/** Header of a QCOW image of version 1, big-endian. */
const QCOW_HEADER_FIELDS = {
  magic: [0, 'u32be', '"QFI\\xfb"'],
  version: [4, 'u32be', 'Version: 1'],
  backingOffset: [8, 'u64be', "Byte offset of the backing file's name; 0 without one"],
  backingSize: [16, 'u32be', 'Bytes of that name, at most 1023'],
  modified: [20, 'u32be', 'When the backing file was last modified: seconds since 1970-01-01, UTC'],
  size: [24, 'u64be', 'Bytes of the disk'],
  clusterBits: [32, 'u8', 'Bytes of a cluster, as a power of two'],
  l2Bits: [33, 'u8', 'Entries of an L2 table, as a power of two'],
  cryptMethod: [36, 'u32be', 'What encrypts the clusters', { values: { 0: 'none', 1: 'AES' } }],
  l1Offset: [40, 'u64be', 'Byte offset of the L1 table'],
} as const;
/** See {@link QCOW_HEADER_FIELDS}. */
export const QCOW_HEADER: Structure<typeof QCOW_HEADER_FIELDS> = structure(
  'qcow-header',
  'QEMU block/qcow.c, QCowHeader',
  QCOW_HEADER_FIELDS,
);

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
  if (bytes.length < QCOW_HEADER.size)
    throw imageError(
      'IMAGE_TRUNCATED',
      `${layer} is truncated: it has ${bytes.length} bytes of a QCOW header`,
      cursor.at(0),
    );
  const at = QCOW_HEADER.fields;
  const damaged = (field: Field, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged QCOW header: ${what}`, cursor.at(field.offset));
  const size = cursor.u64NumberBe(at.size.offset);
  if (size > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims a virtual size of ${size} bytes`, cursor.at(at.size.offset), {
      size,
    });
  if (size < 2) throw damaged(at.size, `a virtual size of ${size} bytes`);
  const clusterBits = at.clusterBits.read(cursor);
  if (clusterBits < 9 || clusterBits > 16) throw damaged(at.clusterBits, `clusters of 2^${clusterBits} bytes`);
  const l2Bits = at.l2Bits.read(cursor);
  if (l2Bits < 6 || l2Bits > 13) throw damaged(at.l2Bits, `L2 tables of 2^${l2Bits} entries`);
  const crypt = at.cryptMethod.read(cursor);
  if (crypt > 1)
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} uses the encryption method ${crypt}`,
      cursor.at(at.cryptMethod.offset),
    );
  const offset = cursor.u64NumberBe(at.backingOffset.offset);
  const length = at.backingSize.read(cursor);
  if (offset > 0 && length > MAX_BACKING_NAME_BYTES)
    throw damaged(at.backingSize, `a backing file name of ${length} bytes`);
  return {
    size,
    clusterBits,
    l2Bits,
    encrypted: crypt === 1,
    l1Offset: cursor.u64NumberBe(at.l1Offset.offset),
    ...(offset === 0 || length === 0 ? {} : { backing: { offset, length } }),
  };
}
