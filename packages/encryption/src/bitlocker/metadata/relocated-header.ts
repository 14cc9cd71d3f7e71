import { Cursor, type Structure, structure } from '@deadbox/core';
import { type Datum, EntryType, ValueType } from './datum.js';

/** The relocated-header entry with its extension of Windows 8 and later. */
export interface RelocatedHeaderEntry {
  /** Volume offset and size in bytes of the moved start of the volume. */
  readonly offset: number;
  readonly size: number;
  /**
   * Conversion flags: 0x0A finished, 0x40 set while encrypting, 0x100 while decrypting, 0x80 paused. Meanings inferred
   * from images.
   */
  readonly flags?: number;
  /** Bytes a sector. */
  readonly sectorSize?: 512 | 4096;
  /** The Windows that wrote it: `major.minor.build`. */
  readonly windowsVersion?: string;
}

const RELOCATED_HEADER_FIELDS = {
  offset: [0, 'u64', 'Volume offset of the moved start of the volume'],
  size: [8, 'u64', 'Size of the moved start in bytes'],
} as const;
/** Payload of the relocated-header entry. */
export const RELOCATED_HEADER: Structure<typeof RELOCATED_HEADER_FIELDS> = structure(
  'bitlocker-relocated-header',
  'libbde format document, "FVE volume header block"',
  RELOCATED_HEADER_FIELDS,
);

const RELOCATED_HEADER_EXTENSION_FIELDS = {
  version: [16, 'u16', 'Version of the extension'],
  extensionSize: [18, 'u16', 'Size of the extension in bytes'],
  flags: [24, 'u32', 'Conversion', { flags: { 0x40: 'encrypting', 0x80: 'paused', 0x100: 'decrypting' } }],
  sectorSize: [44, 'u32', 'Bytes a sector'],
  major: [52, 'u32', 'Major version of the Windows that wrote it'],
  minor: [56, 'u32', 'Minor version'],
  build: [60, 'u32', 'Build'],
} as const;
/** What Windows 8 and later write behind {@link RELOCATED_HEADER}. */
export const RELOCATED_HEADER_EXTENSION: Structure<typeof RELOCATED_HEADER_EXTENSION_FIELDS> = structure(
  'bitlocker-relocated-header-extension',
  're-derived from 29 images',
  RELOCATED_HEADER_EXTENSION_FIELDS,
);

/** Reads the entry; `undefined` when the block has none. */
export function relocatedHeader(entries: readonly Datum[]): RelocatedHeaderEntry | undefined {
  const entry = entries.find(
    (item) => item.entryType === EntryType.relocatedHeader && item.valueType === ValueType.relocatedHeader,
  );
  if (entry === undefined || entry.payload.length < RELOCATED_HEADER.size) return undefined;
  const payload = new Cursor(entry.payload, 'BitLocker metadata', entry.offset);
  const { offset, size } = RELOCATED_HEADER.fields;
  const place = { offset: payload.u64Number(offset.offset), size: payload.u64Number(size.offset) };
  if (payload.length < RELOCATED_HEADER_EXTENSION.size) return place;
  const { flags, sectorSize, major, minor, build } = RELOCATED_HEADER_EXTENSION.read(payload);
  // Anything below Vista or with an absurd number is not a version.
  const sane = major >= 6 && [major, minor, build].every((part) => part < 1_000_000);
  return {
    ...place,
    flags,
    ...(sectorSize === 512 || sectorSize === 4096 ? { sectorSize } : {}),
    ...(sane ? { windowsVersion: `${major}.${minor}.${build}` } : {}),
  };
}
