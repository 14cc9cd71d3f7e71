import type { ByteSource, Issue, ReadOptions } from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import type { CopyStatus } from '../../finding/finding.js';
import { METADATA_REGION } from '../../limits.js';
import { type MetadataBlock, parseMetadataBlock } from './metadata-block.js';
import type { BitLockerVolumeHeader } from './volume-header.js';

/** One place where a copy of the metadata should be. */
export interface MetadataCopy {
  /** Volume offset. */
  readonly offset: number;
  readonly status: CopyStatus;
  /** The copy, where its shape can be read, even when its CRC is wrong. */
  readonly block?: MetadataBlock;
}

/** All copies of the metadata, the usable ones first to be tried. */
export interface MetadataSet {
  /** In the order of their numbers. */
  readonly copies: MetadataCopy[];
  /** The copies to use, best first: intact ones, then, only if none is intact, those whose shape can be read. */
  readonly usable: MetadataBlock[];
}

/** The header lists three copies and an intact copy may list others: more places are not looked at. */
const MAX_PLACES = 6;

/**
 * Reads the metadata copies: one read of 64 KiB each. Copies outside the source (truncated images) are `missing`.
 * @throws DeadboxError what `source` throws, apart from failed reads of single copies
 */
export async function readMetadata(
  source: ByteSource,
  header: BitLockerVolumeHeader,
  issues: (issue: Issue) => void,
  options?: ReadOptions,
): Promise<MetadataSet> {
  const places = [...new Set(header.metadataOffsets)];
  const copies: MetadataCopy[] = [];
  for (let i = 0; i < places.length && i < MAX_PLACES; i += 1) {
    const copy = await readCopy(source, places[i], issues, options);
    copies.push(copy);
    // Vista's header names only the first copy; and an intact copy knows better than a damaged header.
    if (copy.block !== undefined && (copy.status === 'good' || header.variant === 'vista')) {
      for (const offset of copy.block.metadataOffsets) if (!places.includes(offset)) places.push(offset);
    }
  }
  for (const copy of copies) if (copy.status !== 'good') issues(copyIssue(copy, source.size));

  const intact = copies.filter((copy) => copy.status === 'good');
  const readable = copies.filter((copy) => copy.block !== undefined && copy.block.entries.length > 0);
  const chosen = intact.length > 0 ? intact : readable;
  if (intact.length === 0 && readable.length > 0) {
    issues({ code: 'bitlocker.metadata-unproven', severity: 'error', at: place(readable[0]), data: {} });
  }
  return { copies, usable: chosen.map((copy) => copy.block as MetadataBlock) };
}

async function readCopy(
  source: ByteSource,
  offset: number,
  issues: (issue: Issue) => void,
  options?: ReadOptions,
): Promise<MetadataCopy> {
  if (!Number.isSafeInteger(offset) || offset <= 0 || offset % 512 !== 0) return { offset, status: 'bad-signature' };
  const length = Math.min(METADATA_REGION, source.size - offset);
  if (length <= 0) return { offset, status: 'missing' };
  try {
    const bytes = await source.read(offset, length, options);
    return { offset, ...parseMetadataBlock(bytes, offset, issues) };
  } catch (error) {
    options?.signal?.throwIfAborted();
    if (!isReadFailure(error)) throw error;
    return { offset, status: 'unreadable' };
  }
}

function isReadFailure(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'READ_FAILED' || code === 'READ_OUT_OF_RANGE';
}

const ISSUE_OF: Readonly<Record<Exclude<CopyStatus, 'good'>, EncryptionIssueCode>> = {
  unreadable: 'bitlocker.metadata-unreadable',
  missing: 'bitlocker.metadata-missing',
  'bad-signature': 'bitlocker.metadata-signature',
  'bad-size': 'bitlocker.metadata-size',
  'bad-crc': 'bitlocker.metadata-crc',
  foreign: 'bitlocker.metadata-foreign',
};

function copyIssue(copy: MetadataCopy, volumeSize: number): Issue {
  const { block, status } = copy;
  if (!Number.isSafeInteger(copy.offset))
    return { code: 'bitlocker.metadata-offset', severity: 'warning', data: { volumeSize } };
  const crc = block === undefined ? {} : { stored: block.storedCrc ?? null, computed: block.computedCrc };
  return {
    code: ISSUE_OF[status as Exclude<CopyStatus, 'good'>],
    severity: 'warning',
    at: place(copy),
    data: { volumeSize, ...crc },
  };
}

function place(copy: MetadataCopy): { layer: string; offset: number } {
  return { layer: 'BitLocker volume', offset: copy.offset };
}
