import { type Bytes, Cursor, type Field, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_BACKING_NAME_BYTES, MAX_QCOW_CLUSTER_BITS, MAX_VIRTUAL_SIZE } from '../limits.js';

/** Header of a QCOW2 image, big-endian; version 2 ends before the feature bits. */
const QCOW2_HEADER_FIELDS = {
  magic: [0, 'u32be', '"QFI\\xfb"'],
  version: [4, 'u32be', 'Version: 2 or 3'],
  backingOffset: [8, 'u64be', "Byte offset of the backing file's name; 0 without one"],
  backingSize: [16, 'u32be', 'Bytes of that name, at most 1023'],
  clusterBits: [20, 'u32be', 'Bytes of a cluster, as a power of two'],
  size: [24, 'u64be', 'Bytes of the disk'],
  cryptMethod: [32, 'u32be', 'What encrypts the clusters', { values: { 0: 'none', 1: 'AES', 2: 'LUKS' } }],
  l1Size: [36, 'u32be', 'Entries of the L1 table'],
  l1Offset: [40, 'u64be', 'Byte offset of the L1 table'],
  refcountTableOffset: [48, 'u64be', 'Byte offset of the reference count table'],
  refcountTableClusters: [56, 'u32be', 'Clusters of that table'],
  snapshotCount: [60, 'u32be', 'Internal snapshots'],
  snapshotsOffset: [64, 'u64be', 'Byte offset of the snapshot table'],
  incompatible: [
    72,
    'u64bigbe',
    'Incompatible features: bit 0 dirty, 1 corrupt, 2 external data file, 3 compression type, 4 extended L2 entries',
  ],
  compatible: [80, 'u64bigbe', 'Compatible features: bit 0 lazy reference counts'],
  autoclear: [88, 'u64bigbe', 'Features that writers clear which do not know them: bit 0 bitmaps, 1 raw external data'],
  refcountOrder: [96, 'u32be', 'Bits of a reference count, as a power of two'],
  headerLength: [100, 'u32be', 'Bytes of the header'],
  compressionType: [104, 'u8', 'How clusters are compressed', { values: { 0: 'deflate', 1: 'zstd' } }],
} as const;
/** See {@link QCOW2_HEADER_FIELDS}. */
export const QCOW2_HEADER: Structure<typeof QCOW2_HEADER_FIELDS> = structure(
  'qcow2-header',
  'QEMU docs/interop/qcow2, Header',
  QCOW2_HEADER_FIELDS,
);
const AT = QCOW2_HEADER.fields;

const HEADER_V2 = 72;
const HEADER_V3 = 104;
/** Reference counts of version 2 have 16 bits. */
const REFCOUNT_ORDER_V2 = 4;
/** Widest reference count as a power of two: 64 bits. */
export const MAX_REFCOUNT_ORDER = 6;
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
  /** Where the reference counts lie: byte offset and clusters of their table, and their bits as a power of two. */
  readonly refcounts: { readonly offset: number; readonly clusters: number; readonly order: number };
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
  const version = versionOf(cursor);
  const features = version === 2 ? 0n : AT.incompatible.read(cursor);
  const headerLength = version === 2 ? HEADER_V2 : AT.headerLength.read(cursor);
  if (headerLength < (version === 2 ? HEADER_V2 : HEADER_V3))
    throw damaged(cursor, AT.headerLength, `a length of ${headerLength}`);
  const extendedL2 = (features & FEATURE.extendedL2) !== 0n;
  const backingOffset = cursor.u64NumberBe(AT.backingOffset.offset);
  const backing = { offset: backingOffset, length: AT.backingSize.read(cursor) };
  if (backingOffset > 0 && backing.length > MAX_BACKING_NAME_BYTES)
    throw damaged(cursor, AT.backingSize, `a backing file name of ${backing.length} bytes`);
  return {
    version,
    size: sizeOf(cursor),
    clusterBits: clusterBitsOf(cursor, extendedL2),
    cryptMethod: cryptMethodOf(cursor),
    l1Entries: AT.l1Size.read(cursor),
    l1Offset: cursor.u64NumberBe(AT.l1Offset.offset),
    refcounts: {
      offset: cursor.u64NumberBe(AT.refcountTableOffset.offset),
      clusters: AT.refcountTableClusters.read(cursor),
      order: version === 2 ? REFCOUNT_ORDER_V2 : AT.refcountOrder.read(cursor),
    },
    snapshotCount: AT.snapshotCount.read(cursor),
    snapshotsOffset: cursor.u64NumberBe(AT.snapshotsOffset.offset),
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

function damaged(cursor: Cursor, field: Field, what: string): Error {
  const at = cursor.at(field.offset);
  return imageError('IMAGE_DAMAGED', `${at.layer} has a damaged QCOW2 header: ${what}`, at);
}

/** The version, once it is known that the header is whole. */
function versionOf(cursor: Cursor): 2 | 3 {
  const { layer } = cursor.at();
  const version = cursor.length < HEADER_V2 ? 2 : AT.version.read(cursor);
  if (version !== 2 && version !== 3) {
    const what = `${layer} is a QCOW image of version ${version}; known are 1 to 3`;
    throw imageError('IMAGE_UNSUPPORTED', what, cursor.at(AT.version.offset));
  }
  const needed = version === 2 ? HEADER_V2 : HEADER_V3;
  if (cursor.length >= needed) return version;
  const what = `${layer} is truncated: its QCOW2 header should have ${needed} bytes`;
  throw imageError('IMAGE_TRUNCATED', what, cursor.at(), { size: cursor.length });
}

function sizeOf(cursor: Cursor): number {
  const size = cursor.u64NumberBe(AT.size.offset);
  if (size <= MAX_VIRTUAL_SIZE) return size;
  const at = cursor.at(AT.size.offset);
  const what = `${at.layer} claims a virtual size of ${size} bytes; the most is ${MAX_VIRTUAL_SIZE}`;
  throw imageError('IMAGE_LIMIT', what, at, { size });
}

function clusterBitsOf(cursor: Cursor, extendedL2: boolean): number {
  const clusterBits = AT.clusterBits.read(cursor);
  if (clusterBits < (extendedL2 ? 14 : 9)) throw damaged(cursor, AT.clusterBits, `clusters of 2^${clusterBits} bytes`);
  if (clusterBits <= MAX_QCOW_CLUSTER_BITS) return clusterBits;
  const at = cursor.at(AT.clusterBits.offset);
  const what = `${at.layer} has clusters of 2^${clusterBits} bytes; the most is 2^${MAX_QCOW_CLUSTER_BITS}`;
  throw imageError('IMAGE_LIMIT', what, at);
}

function cryptMethodOf(cursor: Cursor): QcowCryptMethod {
  const crypt = AT.cryptMethod.read(cursor);
  const method = (['none', 'aes', 'luks'] as const)[crypt];
  if (method !== undefined) return method;
  const at = cursor.at(AT.cryptMethod.offset);
  throw imageError('IMAGE_UNSUPPORTED', `${at.layer} uses the encryption method ${crypt}`, at);
}

function compressionOf(cursor: Cursor, features: bigint, headerLength: number): 'deflate' | 'zstd' {
  const { offset } = AT.compressionType;
  const type = (features & FEATURE.compressionType) === 0n || headerLength <= offset ? 0 : cursor.u8(offset);
  if (type <= 1) return type === 1 ? 'zstd' : 'deflate';
  const at = cursor.at(offset);
  throw imageError('IMAGE_UNSUPPORTED', `${at.layer} uses the compression type ${type}; known are 0 and 1`, at);
}

function unknownBits(features: bigint): number[] {
  const unknown = features & ~KNOWN_FEATURES;
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((unknown >> BigInt(bit)) & 1n) === 1n);
}
