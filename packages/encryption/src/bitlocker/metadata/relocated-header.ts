import { Cursor } from '@deadbox/core';
import { type Datum, EntryType, ValueType } from './datum.js';

/** The relocated-header entry with its extension of Windows 8 and later. */
export interface RelocatedHeaderEntry {
  /** Volume offset and size in bytes of the moved start of the volume. */
  readonly offset: number;
  readonly size: number;
  /** Conversion flags: 0x0A finished, 0x40 set while encrypting, 0x100 while decrypting, 0x80 paused. Meanings inferred from images. */
  flags?: number;
  /** Bytes a sector. */
  sectorSize?: 512 | 4096;
  /** The Windows that wrote it: `major.minor.build`. */
  windowsVersion?: string;
}

/** Payload. The part from 16 on exists since Windows 8; layout re-derived from 29 images. */
const FIELD = {
  offset: 0,
  size: 8,
  extension: 16,
  extensionSize: 18,
  flags: 24,
  sectorSize: 44,
  major: 52,
  minor: 56,
  build: 60,
} as const;

/** Reads the entry; `undefined` when the block has none. */
export function relocatedHeader(entries: readonly Datum[]): RelocatedHeaderEntry | undefined {
  const entry = entries.find(
    (item) => item.entryType === EntryType.relocatedHeader && item.valueType === ValueType.relocatedHeader,
  );
  if (entry === undefined || entry.payload.length < FIELD.extension) return undefined;
  const payload = new Cursor(entry.payload, 'BitLocker metadata', entry.offset);
  const found: RelocatedHeaderEntry = { offset: payload.u64Number(FIELD.offset), size: payload.u64Number(FIELD.size) };
  if (payload.length < FIELD.build + 4) return found;
  found.flags = payload.u32(FIELD.flags);
  const sectorSize = payload.u32(FIELD.sectorSize);
  if (sectorSize === 512 || sectorSize === 4096) found.sectorSize = sectorSize;
  const version = [FIELD.major, FIELD.minor, FIELD.build].map((at) => payload.u32(at));
  // Anything below Vista or with an absurd number is not a version.
  if (version[0] >= 6 && version.every((part) => part < 1_000_000)) found.windowsVersion = version.join('.');
  return found;
}
