import { type Bytes, type Structure, structure } from '@deadbox/core';

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

export const VOLUME_INFORMATION_FIELDS = {
  major: [0x08, 'u8', 'Major version of NTFS'],
  minor: [0x09, 'u8', 'Minor version'],
  flags: [
    0x0a,
    'u16',
    'Flags',
    {
      flags: {
        0x0001: 'dirty',
        0x0002: 'resize log file',
        0x0004: 'upgrade on mount',
        0x0008: 'mounted on NT 4',
        0x0010: 'delete USN under way',
        0x0020: 'repair object ids',
        0x0040: 'bug check on corruption',
        0x0080: 'persistent state',
        0x0100: 'chkdsk wanted',
        0x0200: 'proactive scan wanted',
        0x4000: 'chkdsk under way',
        0x8000: 'modified by chkdsk',
      },
    },
  ],
} as const;
/** The value of `$VOLUME_INFORMATION`. */
export const VOLUME_INFORMATION: Structure<typeof VOLUME_INFORMATION_FIELDS> = structure(
  'volume-information',
  'dfir_ntfs; libfsntfs',
  VOLUME_INFORMATION_FIELDS,
);

/**
 * Parses `$VOLUME_INFORMATION`, see {@link VOLUME_INFORMATION}.
 * @returns `undefined` when the value is shorter than 12 bytes
 */
export function parseVolumeInformation(value: Bytes): VolumeInformation | undefined {
  if (value.length < VOLUME_INFORMATION.size) return undefined;
  const { major, minor, flags } = VOLUME_INFORMATION.read(value);
  return { version: `${major}.${minor}`, flags, dirty: (flags & VolumeFlag.dirty) !== 0 };
}
