import {
  type ByteSource,
  defined,
  formatFileTime,
  IssueLog,
  type IssueSink,
  type ReadOptions,
  untilNul,
  utf16Text,
} from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import type { BitLockerFacts, ConversionProgress } from '../../finding/finding.js';
import { isProbe, probeVolume, type VolumeProbe } from '../../finding/volume-probe.js';
import { MAX_DESCRIPTION, MAX_STRETCHED_PROTECTORS } from '../../limits.js';
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
  readonly block?: MetadataBlock;
  readonly protectors: readonly KeyProtector[];
  /** The bitmaps of an encrypt-on-write volume, where readable. */
  readonly eow?: EowState;
  readonly conversion?: ConversionProgress;
  readonly issues: IssueLog;
}

/** Options of {@link readBitLockerVolume}. */
export interface ReadVolumeOptions extends ReadOptions {
  /** Search for metadata when the first sector is lost: up to 256 reads of 1 MiB. */
  readonly carve?: boolean;
  /** Takes the places that the search could not read; default: the volume's issues. */
  readonly unread?: IssueSink<EncryptionIssueCode>;
}

/**
 * Reads header, metadata copies (3 reads of 64 KiB) and, for encrypt-on-write volumes, the bitmaps.
 * @returns `undefined` when the volume is not BitLocker
 */
export async function readBitLockerVolume(
  volume: ByteSource | VolumeProbe,
  options: ReadVolumeOptions = {},
): Promise<BitLockerVolume | undefined> {
  const { source, head } = isProbe(volume) ? volume : await probeVolume(volume, options);
  const issues = new IssueLog();
  const header =
    parseVolumeHeader(head, issues) ??
    (options.carve === true ? await carveVolumeHeader(source, options.unread ?? issues, options) : undefined);
  if (header === undefined) return undefined;
  if (header.carved === true)
    issues.add({ code: 'bitlocker.header-lost', at: { layer: 'BitLocker volume', offset: 0 } });
  const metadata = await readMetadata(source, header, issues, options);
  const block = metadata.usable[0];
  if (block === undefined) return { source, header, metadata, protectors: [], issues };
  // Also on a decrypted volume: its bitmaps and logs are still reserved places.
  const eow = header.encryptOnWrite ? await readEow(source, header, issues, options) : undefined;
  if (block.version === 2 && Number.isSafeInteger(block.boundary) && block.boundary > source.size) {
    const at = { layer: 'BitLocker metadata', offset: block.offset + 16 };
    const data = { boundary: block.boundary, volumeSize: source.size };
    issues.add({ code: 'bitlocker.boundary', severity: 'warning', at, data });
  }
  const protectors = keyProtectors(block.entries);
  const stretched = protectors.filter((item) => item.stretching !== undefined).length;
  if (stretched > MAX_STRETCHED_PROTECTORS) {
    const at = { layer: 'BitLocker metadata', offset: block.offset };
    const data = { protectors: stretched, tried: MAX_STRETCHED_PROTECTORS };
    issues.add({ code: 'bitlocker.too-many-protectors', severity: 'warning', at, data });
  }
  const conversion = conversionProgress(block, header.encryptOnWrite, eow, source.size);
  return {
    source,
    header,
    metadata,
    block,
    protectors,
    issues,
    ...defined({ eow, conversion }),
  };
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
  const facts = {
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
  const description = describeBlock(block);
  const created = formatFileTime(block.created);
  const windowsVersion = relocatedHeader(block.entries)?.windowsVersion;
  return {
    ...facts,
    volumeId: block.volumeId,
    stateNumbers: { current: block.currentState, next: block.nextState },
    ...defined({ description, created, windowsVersion, conversion: volume.conversion }),
  };
}
