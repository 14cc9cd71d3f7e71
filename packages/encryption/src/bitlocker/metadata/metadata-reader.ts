import { type ByteSource, type IssueSink, type Location, type ReadOptions, SECTOR, survive } from '@deadbox/core';
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
  readonly copies: readonly MetadataCopy[];
  /** The copies to use, best first: intact ones, then, only if none is intact, those whose shape can be read. */
  readonly usable: readonly MetadataBlock[];
}

/** The header lists three copies and an intact copy may list others: more places are not looked at. */
const MAX_PLACES = 6;

/**
 * Reads the metadata copies: one read of 64 KiB each. Copies outside the source (truncated images) are `missing`.
 * @throws DeadboxError what `source` throws, apart from places that the medium refuses: such a copy is `unreadable`
 */
export async function readMetadata(
  source: ByteSource,
  header: BitLockerVolumeHeader,
  issues: IssueSink<EncryptionIssueCode>,
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
  for (const copy of copies) noteCopy(copy, source.size, issues);

  const intact = copies.filter((copy) => copy.status === 'good');
  const readable = copies.filter((copy) => copy.block !== undefined && copy.block.entries.length > 0);
  const chosen = intact.length > 0 ? intact : readable;
  if (intact.length === 0 && readable.length > 0) {
    issues.add({ code: 'bitlocker.metadata-unproven', at: place(readable[0].offset) });
  }
  return { copies, usable: chosen.map((copy) => copy.block as MetadataBlock) };
}

async function readCopy(
  source: ByteSource,
  offset: number,
  issues: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<MetadataCopy> {
  if (!Number.isSafeInteger(offset) || offset <= 0 || offset % SECTOR !== 0) return { offset, status: 'bad-signature' };
  const length = Math.min(METADATA_REGION, source.size - offset);
  if (length <= 0) return { offset, status: 'missing' };
  return survive(
    async (): Promise<MetadataCopy> => ({
      offset,
      ...parseMetadataBlock(await source.read(offset, length, options), offset, issues),
    }),
    (): MetadataCopy => ({ offset, status: 'unreadable' }),
    options,
  );
}

const ISSUE_OF: Readonly<Record<Exclude<CopyStatus, 'good'>, EncryptionIssueCode>> = {
  missing: 'bitlocker.metadata-missing',
  unreadable: 'bitlocker.metadata-unreadable',
  'bad-signature': 'bitlocker.metadata-signature',
  'bad-size': 'bitlocker.metadata-size',
  'bad-crc': 'bitlocker.metadata-crc',
  foreign: 'bitlocker.metadata-foreign',
};

function noteCopy(
  { offset, status, block }: MetadataCopy,
  volumeSize: number,
  issues: IssueSink<EncryptionIssueCode>,
): void {
  if (status === 'good') return;
  if (!Number.isSafeInteger(offset)) {
    issues.add({ code: 'bitlocker.metadata-offset', severity: 'warning', data: { volumeSize } });
    return;
  }
  const crc = block === undefined ? {} : { stored: block.storedCrc ?? null, computed: block.computedCrc };
  issues.add({ code: ISSUE_OF[status], severity: 'warning', at: place(offset), data: { volumeSize, ...crc } });
}

function place(offset: number): Location {
  return { layer: 'BitLocker volume', offset };
}
