import { type Bytes, Cursor, type FileTime, type Structure, structure } from '@deadbox/core';
import { MAX_HIVE_BINS_BYTES } from '../limits.js';

/** Bytes of a base block; the hive bins follow it. */
export const BASE_BLOCK_BYTES = 4096;
/** Bytes that the checksum covers, and that a log keeps a copy of together with it. */
const CHECKED_BYTES = 508;

/** Where the facts about hives come from. */
export const REGF = 'msuhanov/regf, "Windows registry file format specification"';

export const BASE_BLOCK_FIELDS = {
  signature: [0x00, 'ascii[4]', 'regf'],
  primarySequence: [0x04, 'u32', 'Raised when a write to the primary file begins'],
  secondarySequence: [0x08, 'u32', 'Raised when it has ended; unequal to the primary one: a write was interrupted'],
  lastWritten: [0x0c, 'filetime', 'Last write of the primary file; 0 in most hives of Windows 8.1 and later'],
  majorVersion: [0x14, 'u32', 'Major version of the format: 1'],
  minorVersion: [0x18, 'u32', 'Minor version of the format: 3 to 6'],
  fileType: [0x1c, 'u32', 'Kind of file', { values: { 0: 'primary', 1: 'log, old', 2: 'log, old', 6: 'log, new' } }],
  format: [0x20, 'u32', '1, direct memory load'],
  rootOffset: [0x24, 'u32', 'Root cell, relative to the hive bins'],
  binsSize: [0x28, 'u32', 'Bytes of hive bins after the base block'],
  clusteringFactor: [0x2c, 'u32', 'Sector size of the disk that the hive was written on, divided by 512'],
  fileName: [0x30, 'utf16[32]', 'Tail of the path that the hive was loaded from'],
  flags: [0x90, 'u32', 'State', { flags: { 1: 'transactions were pending' } }],
  checksum: [0x1fc, 'u32', 'XOR of the 127 double words before it'],
} as const;
export const BASE_BLOCK: Structure<typeof BASE_BLOCK_FIELDS> = structure('hive-base-block', REGF, BASE_BLOCK_FIELDS);

/** The header of a hive or of its log. Format: msuhanov/regf, "Base block". */
export interface BaseBlock {
  /** Raised when a write to the primary file begins. */
  readonly primarySequence: number;
  /** Raised when it has ended; unequal to the primary one = a write was interrupted. */
  readonly secondarySequence: number;
  /** Last write of the primary file; 0 in most hives of Windows 8.1 and later. */
  readonly lastWritten: FileTime;
  /** Major version of the format; 1. */
  readonly majorVersion: number;
  /** Minor version of the format; 3 to 6. */
  readonly minorVersion: number;
  /** 0 primary file, 1 and 2 log of the old format, 6 log of the new format. */
  readonly fileType: number;
  /** Root cell, relative to the hive bins. */
  readonly rootOffset: number;
  /** Bytes of hive bins after the base block. */
  readonly binsSize: number;
  /** Logical sector size of the disk that the hive was written on, divided by 512. */
  readonly clusteringFactor: number;
  /** Tail of the path that the hive was loaded from. */
  readonly fileName: string;
  /** Bit 0: transactions were pending. */
  readonly flags: number;
  /** The checksum as stored. */
  readonly checksum: number;
  /** Whether the stored checksum is the right one. */
  readonly checksumValid: boolean;
}

/** XOR of the first 127 dwords; the results 0 and 0xFFFFFFFF become 1 and 0xFFFFFFFE (regf, note 2 to "Base block"). */
export function baseBlockChecksum(bytes: Bytes): number {
  const cursor = new Cursor(bytes, 'hive base block');
  let sum = 0;
  for (let at = 0; at < CHECKED_BYTES; at += 4) sum ^= cursor.u32(at);
  sum >>>= 0;
  if (sum === 0xffff_ffff) return 0xffff_fffe;
  return sum === 0 ? 1 : sum;
}

/**
 * Parses the first bytes of a hive or log, at least 512.
 * @returns `undefined` without the signature `regf`
 */
export function parseBaseBlock(bytes: Bytes): BaseBlock | undefined {
  const cursor = new Cursor(bytes, 'hive base block');
  if (cursor.u32(0) !== 0x6667_6572) return undefined;
  const block = BASE_BLOCK.read(cursor);
  return { ...block, checksumValid: block.checksum === baseBlockChecksum(bytes) };
}

/** Whether the bins size is one that a hive can have: whole 4-KiB pages, not zero. */
export function plausibleBinsSize(size: number): boolean {
  return size > 0 && size % 4096 === 0 && size <= MAX_HIVE_BINS_BYTES;
}
