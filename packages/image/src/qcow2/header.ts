import { type Bytes, Cursor } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_QCOW_CLUSTER_BITS, MAX_VIRTUAL_SIZE } from '../limits.js';

/** QCOW2 header (QEMU docs/interop/qcow2, "Header"); big-endian, offsets in bytes. */
const FIELD = {
  version: 4,
  backingOffset: 8,
  backingSize: 16,
  clusterBits: 20,
  size: 24,
  cryptMethod: 32,
  l1Size: 36,
  l1Offset: 40,
  snapshotCount: 60,
  snapshotsOffset: 64,
  incompatible: 72,
  autoclear: 88,
  headerLength: 100,
  compressionType: 104,
} as const;

const HEADER_V2 = 72;
const HEADER_V3 = 104;
/** Incompatible feature bits. */
const FEATURE = { dirty: 1n, corrupt: 2n, dataFile: 4n, compressionType: 8n, extendedL2: 16n } as const;
const KNOWN_FEATURES: bigint = Object.values(FEATURE).reduce((all, bit) => all | bit, 0n);

/** What encrypts the clusters. */
export type QcowCryptMethod = 'none' | 'aes' | 'luks';

/** Header of a QCOW2 image of version 2 or 3. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  /** Virtual size in bytes. */
  readonly size: number;
  readonly clusterBits: number;
  readonly cryptMethod: QcowCryptMethod;
  /** Entries of the active L1 table. */
  readonly l1Entries: number;
  /** Byte offset of the active L1 table. */
  readonly l1Offset: number;
  readonly snapshotCount: number;
  readonly snapshotsOffset: number;
  /** Where the name of the backing file lies; absent without one. */
  readonly backing?: { readonly offset: number; readonly length: number };
  readonly headerLength: number;
  readonly dirty: boolean;
  readonly corrupt: boolean;
  /** Whether guest clusters lie in another file. */
  readonly hasDataFile: boolean;
  readonly compression: 'deflate' | 'zstd';
  /** Whether L2 entries are 16 bytes with 32 subclusters. */
  readonly extendedL2: boolean;
  /** Bits of incompatible features that the format description does not know. */
  readonly unknownFeatures: readonly number[];
}

/**
 * Parses the header.
 * @param bytes - the first bytes of the file, at least 112 where it has them
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_TRUNCATED`, `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`, `IMAGE_LIMIT`
 */
export function parseQcow2Header(bytes: Bytes, layer: string): Qcow2Header {
  const cursor = new Cursor(bytes, layer);
  const version = bytes.length < HEADER_V2 ? 2 : cursor.u32Be(FIELD.version);
  if (version !== 2 && version !== 3) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} is a QCOW image of version ${version}; known are 1 to 3`,
      cursor.at(FIELD.version),
    );
  }
  if (bytes.length < (version === 2 ? HEADER_V2 : HEADER_V3)) {
    throw imageError(
      'IMAGE_TRUNCATED',
      `${layer} is truncated: its QCOW2 header should have ${version === 2 ? HEADER_V2 : HEADER_V3} bytes`,
      cursor.at(0),
      {
        size: bytes.length,
      },
    );
  }
  const damaged = (field: number, what: string): Error =>
    imageError('IMAGE_DAMAGED', `${layer} has a damaged QCOW2 header: ${what}`, cursor.at(field));
  const features = version === 2 ? 0n : cursor.u64Be(FIELD.incompatible);
  const headerLength = version === 2 ? HEADER_V2 : cursor.u32Be(FIELD.headerLength);
  if (headerLength < (version === 2 ? HEADER_V2 : HEADER_V3))
    throw damaged(FIELD.headerLength, `a length of ${headerLength}`);
  const extendedL2 = (features & FEATURE.extendedL2) !== 0n;
  const clusterBits = cursor.u32Be(FIELD.clusterBits);
  if (clusterBits < (extendedL2 ? 14 : 9)) throw damaged(FIELD.clusterBits, `clusters of 2^${clusterBits} bytes`);
  if (clusterBits > MAX_QCOW_CLUSTER_BITS) {
    throw imageError(
      'IMAGE_LIMIT',
      `${layer} has clusters of 2^${clusterBits} bytes; the most is 2^${MAX_QCOW_CLUSTER_BITS}`,
      cursor.at(FIELD.clusterBits),
    );
  }
  const size = cursor.u64NumberBe(FIELD.size);
  if (size > MAX_VIRTUAL_SIZE) {
    throw imageError(
      'IMAGE_LIMIT',
      `${layer} claims a virtual size of ${size} bytes; the most is ${MAX_VIRTUAL_SIZE}`,
      cursor.at(FIELD.size),
      { size },
    );
  }
  const crypt = cursor.u32Be(FIELD.cryptMethod);
  const cryptMethod = (['none', 'aes', 'luks'] as const)[crypt];
  if (cryptMethod === undefined)
    throw imageError('IMAGE_UNSUPPORTED', `${layer} uses the encryption method ${crypt}`, cursor.at(FIELD.cryptMethod));
  const backingOffset = cursor.u64NumberBe(FIELD.backingOffset);
  const backing = { offset: backingOffset, length: cursor.u32Be(FIELD.backingSize) };
  if (backingOffset > 0 && backing.length > 1023)
    throw damaged(FIELD.backingSize, `a backing file name of ${backing.length} bytes`);
  return {
    version,
    size,
    clusterBits,
    cryptMethod,
    l1Entries: cursor.u32Be(FIELD.l1Size),
    l1Offset: cursor.u64NumberBe(FIELD.l1Offset),
    snapshotCount: cursor.u32Be(FIELD.snapshotCount),
    snapshotsOffset: cursor.u64NumberBe(FIELD.snapshotsOffset),
    ...(backingOffset === 0 ? {} : { backing }),
    headerLength,
    dirty: (features & FEATURE.dirty) !== 0n,
    corrupt: (features & FEATURE.corrupt) !== 0n,
    hasDataFile: (features & FEATURE.dataFile) !== 0n,
    compression: compressionOf(cursor, features, headerLength),
    extendedL2,
    unknownFeatures: unknownBits(features),
  };
}

function compressionOf(cursor: Cursor, features: bigint, headerLength: number): 'deflate' | 'zstd' {
  const type =
    (features & FEATURE.compressionType) === 0n || headerLength <= FIELD.compressionType
      ? 0
      : cursor.u8(FIELD.compressionType);
  if (type > 1) {
    const { layer } = cursor.at(0);
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} uses the compression type ${type}; known are 0 and 1`,
      cursor.at(FIELD.compressionType),
    );
  }
  return type === 1 ? 'zstd' : 'deflate';
}

function unknownBits(features: bigint): number[] {
  const unknown = features & ~KNOWN_FEATURES;
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((unknown >> BigInt(bit)) & 1n) === 1n);
}
