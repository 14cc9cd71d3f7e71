import { type Bytes, Cursor } from '@deadbox/core';

/** Bits of `VolumeInformation.flags` (dfir_ntfs, libfsntfs). */
export const VolumeFlag = {
  dirty: 0x0001,
  resizeLogFile: 0x0002,
  upgradeOnMount: 0x0004,
  mountedOnNt4: 0x0008,
  deleteUsnUnderway: 0x0010,
  repairObjectIds: 0x0020,
  bugCheckOnCorruption: 0x0040,
  persistentState: 0x0080,
  chkdskWanted: 0x0100,
  proactiveScanWanted: 0x0200,
  chkdskUnderway: 0x4000,
  modifiedByChkdsk: 0x8000,
} as const;

/** `$VOLUME_INFORMATION`. */
export interface VolumeInformation {
  /** NTFS version, `3.1` since Windows XP. */
  readonly version: string;
  /** See {@link VolumeFlag}. */
  readonly flags: number;
  /** Metadata is believed corrupt, autochk runs at the next start. A crash alone does not set it. */
  readonly dirty: boolean;
}

/**
 * Parses `$VOLUME_INFORMATION`: 0x08 u8 major, 0x09 u8 minor, 0x0A u16 flags (12 bytes).
 * @returns `undefined` when the value is shorter
 */
export function parseVolumeInformation(value: Bytes): VolumeInformation | undefined {
  if (value.length < 12) return undefined;
  const cursor = new Cursor(value, '$VOLUME_INFORMATION');
  const flags = cursor.u16(0x0a);
  return { version: `${cursor.u8(8)}.${cursor.u8(9)}`, flags, dirty: (flags & VolumeFlag.dirty) !== 0 };
}
