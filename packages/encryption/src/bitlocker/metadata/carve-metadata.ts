import { type ByteSource, hasAscii, type IssueSink, MIB, type ReadOptions, SECTOR } from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import { readOrNote } from '../../finding/volume-probe.js';
import { CARVE_LIMIT, METADATA_REGION } from '../../limits.js';
import { parseMetadataBlock } from './metadata-block.js';
import { relocatedHeader } from './relocated-header.js';
import type { BitLockerVolumeHeader } from './volume-header.js';

/** Places seen on images are multiples of a cluster, down to 1 KiB. */
const STEP = SECTOR;
const PIECE = MIB;
/** Conversion flags of the relocated-header entry: encrypting 0x40, decrypting 0x100. */
const CONVERTING = 0x140;

/**
 * Searches a volume whose first sector is lost for an intact metadata copy, and rebuilds from it what the header said.
 * Reads up to 256 MiB:
 * Windows puts the first copy within the first 40 MiB of a volume it made.
 * A block counts only with a right CRC-32 and its own offset in its list, so that a copy of another volume inside a
 * file is not taken.
 * @returns `undefined` when there is none
 */
export async function carveVolumeHeader(
  source: ByteSource,
  unread: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<BitLockerVolumeHeader | undefined> {
  const end = Math.min(source.size, CARVE_LIMIT);
  for (let at = 0; at < end; at += PIECE) {
    options?.signal?.throwIfAborted();
    const piece = await readOrNote(source, at, Math.min(PIECE, end - at), unread, options);
    if (piece === undefined) continue;
    for (let inside = 0; inside + 64 <= piece.length; inside += STEP) {
      if (piece[inside] !== 0x2d || !hasAscii(piece, inside, '-FVE-FS-')) continue;
      const header = await headerFromBlock(source, at + inside, unread, options);
      if (header !== undefined) return header;
    }
  }
  return undefined;
}

async function headerFromBlock(
  source: ByteSource,
  offset: number,
  unread: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<BitLockerVolumeHeader | undefined> {
  const length = Math.min(METADATA_REGION, source.size - offset);
  const bytes = await readOrNote(source, offset, length, unread, options);
  if (bytes === undefined) return undefined;
  const { status, block } = parseMetadataBlock(bytes, offset, undefined);
  // Vista's first sector is the only copy of its file system's shape: without it the volume cannot be presented.
  if (status !== 'good' || block?.version !== 2) return undefined;
  const relocated = relocatedHeader(block.entries);
  return {
    variant: 'windows7',
    // Where the bitmaps of a conversion lie stood in the lost sector alone; that one was under way must not be
    // forgotten.
    encryptOnWrite: ((relocated?.flags ?? 0) & CONVERTING) !== 0,
    carved: true,
    sectorSize: relocated?.sectorSize ?? SECTOR,
    clusterSize: 4096,
    signatureOffset: offset,
    signatureLength: 8,
    metadataOffsets: block.metadataOffsets,
    eowOffsets: [],
  };
}
