import {
  type Bytes,
  Cursor,
  crc32,
  type FileTime,
  hasAscii,
  type IssueSink,
  type Structure,
  structure,
} from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import type { CopyStatus } from '../../finding/finding.js';
import { METADATA_REGION } from '../../limits.js';
import { type Datum, parseData } from './datum.js';

/** One copy of the BitLocker metadata. */
export interface MetadataBlock {
  /** Volume offset of this copy. */
  readonly offset: number;
  /** The block's bytes, `size` of them: what CRC and hash cover. */
  readonly bytes: Bytes;
  /** 1 Windows Vista, 2 Windows 7 and later. */
  readonly version: 1 | 2;
  /** 1 decrypted, 2 switching, 3 paused, 4 encrypted, 5 switching (small volumes). */
  readonly currentState: number;
  /** The goal: 4 encrypt, 1 decrypt. */
  readonly nextState: number;
  /**
   * Version 2: volume offset where the encrypted part ends; the volume's size when conversion is finished. Version 1:
   * 0.
   */
  readonly boundary: number;
  /** Bytes of the conversion log that begins at the boundary; 0 normally. */
  readonly conversionLogSize: number;
  /** Version 2: volume sectors at the start of the volume that were moved to `headerOffset`. */
  readonly headerSectors: number;
  /** Volume offsets of the three copies. */
  readonly metadataOffsets: number[];
  /** Version 2: volume offset of the relocated header. Version 1: cluster number of `$MFTMirr`. */
  readonly headerOffset: number;
  readonly volumeId: string;
  /** 0x8000…0x8005; 0 on a decrypted volume. */
  readonly method: number;
  readonly created: FileTime;
  readonly entries: Datum[];
  /** CRC-32 as stored behind the block. */
  readonly storedCrc: number | undefined;
  /** CRC-32 of the block. */
  readonly computedCrc: number;
  /**
   * The nested entry behind the block that holds SHA-256 over it, encrypted with the volume master key (or in clear on
   * a decrypted volume).
   */
  readonly validation: Datum | undefined;
}

const METADATA_BLOCK_HEADER_FIELDS = {
  signature: [0, 'ascii[8]', 'Always -FVE-FS-'],
  size: [8, 'u16', 'Size of block header and dataset: bytes in version 1, units of 16 bytes in version 2'],
  version: [10, 'u16', 'Version of the layout', { values: { 1: 'Windows Vista', 2: 'Windows 7 and later' } }],
  currentState: [
    12,
    'u16',
    'State of the conversion',
    { values: { 1: 'decrypted', 2: 'switching', 3: 'paused', 4: 'encrypted', 5: 'switching (small volume)' } },
  ],
  nextState: [
    14,
    'u16',
    'State that the conversion leads to',
    { values: { 1: 'decrypted', 2: 'switching', 3: 'paused', 4: 'encrypted', 5: 'switching (small volume)' } },
  ],
  boundary: [16, 'u64', 'Where the encrypted part ends, in bytes (version 2)'],
  conversionLogSize: [24, 'u32', 'Bytes of the conversion log that begins at the boundary'],
  headerSectors: [28, 'u32', 'Sectors of the volume start that were moved (version 2)'],
  metadataOffset1: [32, 'u64', 'Volume offset of the first copy of the metadata'],
  metadataOffset2: [40, 'u64', 'Volume offset of the second copy'],
  metadataOffset3: [48, 'u64', 'Volume offset of the third copy'],
  headerOffset: [56, 'u64', 'Volume offset of the moved volume start; in version 1 the cluster of $MFTMirr'],
} as const;
/** The 64 bytes that begin each copy of the metadata. */
export const METADATA_BLOCK_HEADER: Structure<typeof METADATA_BLOCK_HEADER_FIELDS> = structure(
  'bitlocker-metadata-block-header',
  'libbde format document, "FVE metadata block header"; states: dissect.fve, dislocker',
  METADATA_BLOCK_HEADER_FIELDS,
);

const DATASET_HEADER_FIELDS = {
  size: [0, 'u32', 'Size of the dataset in bytes, with this header'],
  version: [4, 'u32', 'Always 1'],
  headerSize: [8, 'u32', 'Size of this header: where the entries begin'],
  end: [12, 'u32', 'Where the entries end'],
  id: [16, 'guid', 'Identifies the volume, or in a startup key file the key protector'],
  nextNonce: [32, 'u32', 'Counter for the nonces of AES-CCM'],
  method: [
    36,
    'u16',
    'Encryption method; 0 on a decrypted volume',
    {
      values: {
        0x8000: 'AES-CBC-128 + Elephant diffuser',
        0x8001: 'AES-CBC-256 + Elephant diffuser',
        0x8002: 'AES-CBC-128',
        0x8003: 'AES-CBC-256',
        0x8004: 'XTS-AES-128',
        0x8005: 'XTS-AES-256',
      },
    },
  ],
  methodCopy: [38, 'u16', 'The method again, or 0', { source: 're-derived from images' }],
  created: [40, 'filetime', 'When the volume was encrypted, or the key file written'],
} as const;
/** The 48 bytes in front of a list of entries: behind the block header, and at the start of a startup key file. */
export const DATASET_HEADER: Structure<typeof DATASET_HEADER_FIELDS> = structure(
  'bitlocker-dataset-header',
  'libbde format document, "FVE metadata header"',
  DATASET_HEADER_FIELDS,
);

const VALIDATION_FIELDS = {
  size: [0, 'u16', 'Bytes from here to the end of the region'],
  version: [2, 'u16', 'Version of this structure'],
  crc: [4, 'u32', 'CRC-32 of the block'],
} as const;
/** Directly behind the block; an entry with SHA-256 over the block, encrypted with the volume master key, follows. */
export const METADATA_VALIDATION: Structure<typeof VALIDATION_FIELDS> = structure(
  'bitlocker-metadata-validation',
  'libbde format document; sizes re-derived from images',
  VALIDATION_FIELDS,
);
/** Bytes of the entry that holds the hash. */
const HASH_ENTRY = 80;

const BLOCK = METADATA_BLOCK_HEADER.fields;
const DATASET = DATASET_HEADER.fields;
const LEAST_SIZE = METADATA_BLOCK_HEADER.size + DATASET_HEADER.size;

/**
 * Parses one copy from the bytes at its volume offset.
 * @param bytes - up to 64 KiB from `offset` on
 * @param offset - volume offset of `bytes[0]`
 * @returns the block where its shape can be read at all, and what is to be thought of it
 */
export function parseMetadataBlock(
  bytes: Bytes,
  offset: number,
  issues: IssueSink<EncryptionIssueCode> | undefined,
): { status: Exclude<CopyStatus, 'missing' | 'unreadable'>; block?: MetadataBlock } {
  const cursor = new Cursor(bytes, 'BitLocker metadata', offset);
  if (bytes.length < LEAST_SIZE || !hasAscii(bytes, BLOCK.signature.offset, '-FVE-FS-'))
    return { status: 'bad-signature' };
  const version = BLOCK.version.read(cursor);
  if (version !== 1 && version !== 2) return { status: 'bad-signature' };
  // Version 1 counts bytes, version 2 units of 16 bytes.
  const size = BLOCK.size.read(cursor) * (version === 2 ? 16 : 1);
  if (size < LEAST_SIZE || size > METADATA_REGION || size > bytes.length) return { status: 'bad-size' };

  const dataset = cursor.sub(METADATA_BLOCK_HEADER.size, size - METADATA_BLOCK_HEADER.size);
  const headerSize = DATASET.headerSize.read(dataset);
  const end = Math.min(DATASET.end.read(dataset), dataset.length);
  if (headerSize < DATASET_HEADER.size || headerSize > end) return { status: 'bad-size' };
  const hashed = size + METADATA_VALIDATION.size;
  const storedCrc = bytes.length >= hashed ? METADATA_VALIDATION.fields.crc.read(cursor, size) : undefined;
  const computedCrc = crc32(bytes.subarray(0, size));
  // Damaged offsets above 2^53 are no error here: whoever uses an offset looks at it.
  const metadataOffsets = [BLOCK.metadataOffset1, BLOCK.metadataOffset2, BLOCK.metadataOffset3].map((field) =>
    cursor.u64Number(field.offset),
  );
  const block: MetadataBlock = {
    offset,
    bytes: bytes.subarray(0, size),
    version,
    currentState: BLOCK.currentState.read(cursor),
    nextState: BLOCK.nextState.read(cursor),
    boundary: cursor.u64Number(BLOCK.boundary.offset),
    conversionLogSize: BLOCK.conversionLogSize.read(cursor),
    headerSectors: BLOCK.headerSectors.read(cursor),
    metadataOffsets,
    headerOffset: cursor.u64Number(BLOCK.headerOffset.offset),
    volumeId: DATASET.id.read(dataset),
    method: DATASET.method.read(dataset),
    created: DATASET.created.read(dataset),
    entries: parseData(cursor, METADATA_BLOCK_HEADER.size + headerSize, METADATA_BLOCK_HEADER.size + end, issues),
    storedCrc,
    computedCrc,
    // What is wrong with it shows when its hash is checked.
    validation: parseData(cursor, hashed, hashed + HASH_ENTRY, undefined)[0],
  };
  if (storedCrc !== computedCrc) return { status: 'bad-crc', block };
  // A stale copy of another layout can be intact; it does not describe this place.
  return { status: metadataOffsets.includes(offset) ? 'good' : 'foreign', block };
}
