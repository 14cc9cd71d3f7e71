import { type ByteSource, formatFileTime, type Issue, type ReadOptions, untilNul, utf16Text } from '@deadbox/core';
import type { BitLockerFacts, ConversionProgress } from '../../finding/finding.js';
import { isProbe, probeVolume, type VolumeProbe } from '../../finding/volume-probe.js';
import { MAX_DESCRIPTION } from '../../limits.js';
import { carveVolumeHeader } from './carve-metadata.js';
import { EntryType, ValueType } from './datum.js';
import { type EowState, readEow } from './eow-reader.js';
import { type KeyProtector, keyProtectors } from './key-protector.js';
import type { MetadataBlock } from './metadata-block.js';
import { type MetadataSet, readMetadata } from './metadata-reader.js';
import { relocatedHeader } from './relocated-header.js';
import { conversionProgress } from './state.js';
import { type BitLockerVolumeHeader, parseVolumeHeader } from './volume-header.js';

/** All that can be read of a BitLocker volume without a key. */
export interface BitLockerVolume {
  readonly source: ByteSource;
  readonly header: BitLockerVolumeHeader;
  readonly metadata: MetadataSet;
  /** The copy in use; absent when none is usable. */
  block?: MetadataBlock;
  protectors: KeyProtector[];
  /** The bitmaps of an encrypt-on-write volume, where readable. */
  eow?: EowState;
  conversion?: ConversionProgress;
  readonly issues: Issue[];
}

/**
 * Reads header, metadata copies (3 reads of 64 KiB) and, for encrypt-on-write volumes, the bitmaps.
 * @param options - `carve`: search for metadata when the first sector is lost (up to 256 reads of 1 MiB)
 * @returns `undefined` when the volume is not BitLocker
 */
export async function readBitLockerVolume(
  volume: ByteSource | VolumeProbe,
  options: ReadOptions & { carve?: boolean } = {},
): Promise<BitLockerVolume | undefined> {
  const { source, head } = isProbe(volume) ? volume : await probeVolume(volume, options);
  const issues: Issue[] = [];
  const note = (issue: Issue): void => void issues.push(issue);
  const header =
    parseVolumeHeader(head, note) ?? (options.carve === true ? await carveVolumeHeader(source, options) : undefined);
  if (header === undefined) return undefined;
  if (header.carved === true)
    note({ code: 'bitlocker.header-lost', severity: 'error', at: { layer: 'BitLocker volume', offset: 0 }, data: {} });
  const metadata = await readMetadata(source, header, note, options);
  const block = metadata.usable[0];
  const found: BitLockerVolume = { source, header, metadata, protectors: [], issues };
  if (block === undefined) return found;
  found.block = block;
  found.protectors = keyProtectors(block.entries);
  // Also on a decrypted volume: its bitmaps and logs are still reserved places.
  if (header.encryptOnWrite) {
    const eow = await readEow(source, header, note, options);
    if (eow !== undefined) found.eow = eow;
  }
  if (block.version === 2 && Number.isSafeInteger(block.boundary) && block.boundary > source.size) {
    const at = { layer: 'BitLocker metadata', offset: block.offset + 16 };
    note({
      code: 'bitlocker.boundary',
      severity: 'warning',
      at,
      data: { boundary: block.boundary, volumeSize: source.size },
    });
  }
  const conversion = conversionProgress(block, header.encryptOnWrite, found.eow, source.size);
  if (conversion !== undefined) found.conversion = conversion;
  return found;
}

/** The description as the machine wrote it: host name, drive letter or label, date. */
export function describeBlock(block: MetadataBlock): string | undefined {
  const entry = block.entries.find(
    (item) => item.entryType === EntryType.description && item.valueType === ValueType.unicode,
  );
  return entry === undefined ? undefined : untilNul(utf16Text(entry.payload.subarray(0, MAX_DESCRIPTION * 2)));
}

/** The facts for reports. */
export function bitLockerFacts(volume: BitLockerVolume): BitLockerFacts {
  const { header, metadata, block } = volume;
  const facts: BitLockerFacts = {
    variant: header.variant,
    encryptOnWrite: header.encryptOnWrite,
    sectorSize: header.sectorSize,
    copies: metadata.copies.map((copy) => ({
      offset: copy.offset,
      status: copy.status,
      used: block !== undefined && copy.block === block,
    })),
  };
  if (block === undefined) return facts;
  facts.volumeId = block.volumeId;
  facts.stateNumbers = { current: block.currentState, next: block.nextState };
  const description = describeBlock(block);
  if (description !== undefined) facts.description = description;
  const created = formatFileTime(block.created);
  if (created !== undefined) facts.created = created;
  const version = relocatedHeader(block.entries)?.windowsVersion;
  if (version !== undefined) facts.windowsVersion = version;
  if (volume.conversion !== undefined) facts.conversion = volume.conversion;
  return facts;
}
