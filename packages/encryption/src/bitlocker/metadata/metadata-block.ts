import { type Bytes, Cursor, crc32, type FileTime, hasAscii, type Issue } from '@deadbox/core';
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
  /** Version 2: volume offset where the encrypted part ends; the volume's size when conversion is finished. Version 1: 0. */
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
  /** The nested entry behind the block that holds SHA-256 over it, encrypted with the volume master key (or in clear on a decrypted volume). */
  readonly validation: Datum | undefined;
}

/** Block header, 64 bytes. Source: libbde format document, "FVE metadata block header". */
const BLOCK = {
  signature: 0,
  size: 8,
  version: 10,
  currentState: 12,
  nextState: 14,
  boundary: 16,
  conversionLogSize: 24,
  headerSectors: 28,
  metadataOffsets: 32,
  headerOffset: 56,
  length: 64,
} as const;

/** Dataset header, 48 bytes, at block offset 64. Source: libbde format document, "FVE metadata header". */
const DATASET = { headerSize: 8, end: 12, volumeId: 16, method: 36, created: 40, length: 48 } as const;

/** Validation, directly behind the block. Source: libbde format document; sizes re-derived from images. */
const VALIDATION = { crc: 4, entry: 8, entryLength: 80 } as const;

/**
 * Parses one copy from the bytes at its volume offset.
 * @param bytes - up to 64 KiB from `offset` on
 * @param offset - volume offset of `bytes[0]`
 * @returns the block where its shape can be read at all, and what is to be thought of it
 */
export function parseMetadataBlock(
  bytes: Bytes,
  offset: number,
  issues: (issue: Issue) => void,
): { status: Exclude<CopyStatus, 'missing' | 'unreadable'>; block?: MetadataBlock } {
  const cursor = new Cursor(bytes, 'BitLocker metadata', offset);
  if (bytes.length < BLOCK.length + DATASET.length || !hasAscii(bytes, BLOCK.signature, '-FVE-FS-'))
    return { status: 'bad-signature' };
  const version = cursor.u16(BLOCK.version);
  if (version !== 1 && version !== 2) return { status: 'bad-signature' };
  // Version 1 counts bytes, version 2 units of 16 bytes.
  const size = cursor.u16(BLOCK.size) * (version === 2 ? 16 : 1);
  if (size < BLOCK.length + DATASET.length || size > METADATA_REGION || size > bytes.length)
    return { status: 'bad-size' };

  const dataset = cursor.sub(BLOCK.length, size - BLOCK.length);
  const headerSize = dataset.u32(DATASET.headerSize);
  const end = Math.min(dataset.u32(DATASET.end), dataset.length);
  if (headerSize < DATASET.length || headerSize > end) return { status: 'bad-size' };
  const storedCrc = bytes.length >= size + VALIDATION.entry ? cursor.u32(size + VALIDATION.crc) : undefined;
  const computedCrc = crc32(bytes.subarray(0, size));
  const metadataOffsets = [0, 8, 16].map((at) => cursor.u64Number(BLOCK.metadataOffsets + at));
  const block: MetadataBlock = {
    offset,
    bytes: bytes.subarray(0, size),
    version,
    currentState: cursor.u16(BLOCK.currentState),
    nextState: cursor.u16(BLOCK.nextState),
    boundary: cursor.u64Number(BLOCK.boundary),
    conversionLogSize: cursor.u32(BLOCK.conversionLogSize),
    headerSectors: cursor.u32(BLOCK.headerSectors),
    metadataOffsets,
    headerOffset: cursor.u64Number(BLOCK.headerOffset),
    volumeId: dataset.guid(DATASET.volumeId),
    method: dataset.u16(DATASET.method),
    created: dataset.u64(DATASET.created),
    entries: parseData(bytes, BLOCK.length + headerSize, BLOCK.length + end, 'BitLocker metadata', offset, issues),
    storedCrc,
    computedCrc,
    validation: validationEntry(bytes, size, offset),
  };
  if (storedCrc !== computedCrc) return { status: 'bad-crc', block };
  // A stale copy of another layout can be intact; it does not describe this place.
  return { status: metadataOffsets.includes(offset) ? 'good' : 'foreign', block };
}

function validationEntry(bytes: Bytes, size: number, offset: number): Datum | undefined {
  const from = size + VALIDATION.entry;
  const to = Math.min(from + VALIDATION.entryLength, bytes.length);
  return parseData(bytes, from, to, 'BitLocker metadata', offset, () => void 0)[0];
}
