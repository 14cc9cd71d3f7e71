import type { Partition } from './partition-table.js';
import { GPT_TYPE } from './partition-types.js';

/** What a volume is for. */
export type PartitionRole =
  | 'efi-system'
  | 'microsoft-reserved'
  | 'system-reserved'
  | 'recovery'
  | 'windows'
  | 'data'
  | 'unknown';

/** What was found in a volume; everything is optional, and left out when it was not looked at. */
export interface VolumeContents {
  /** File system name, as {@link recogniseFileSystem} gives it. */
  readonly fileSystem?: string;
  /** A folder `Windows` or `WINNT` with `System32` in it stands in the root. */
  readonly holdsWindows?: boolean;
  /** `\bootmgr` or `\Boot\BCD` stands in the root: a BIOS boot volume. */
  readonly holdsBootManager?: boolean;
  /** `\EFI\Microsoft\Boot` or `\EFI\Boot` stands in the volume. */
  readonly holdsEfiBoot?: boolean;
  /** `\Recovery\WindowsRE` holds `Winre.wim`. */
  readonly holdsRecovery?: boolean;
}

const DATA_GPT: readonly string[] = [GPT_TYPE.basicData, GPT_TYPE.ldmData];
/** FAT, NTFS and exFAT types, plain and hidden, and LDM: what Windows gives a letter to. */
const DATA_MBR: readonly string[] = [
  '0x01',
  '0x04',
  '0x06',
  '0x07',
  '0x0B',
  '0x0C',
  '0x0E',
  '0x11',
  '0x14',
  '0x16',
  '0x17',
  '0x1B',
  '0x1C',
  '0x1E',
  '0x42',
];
const WINDOWS_FILE_SYSTEMS: readonly string[] = ['ntfs', 'refs', 'exfat', 'fat12', 'fat16', 'fat32'];

/**
 * The role of a partition by its type, refined by what its volume holds. The content is the better witness: a Windows
 * folder makes any volume `windows`, and a boot manager without Windows makes an MBR volume `system-reserved`.
 * @param partition - `undefined` for a disk that is one volume without a partition table
 */
export function classifyRole(
  partition: Pick<Partition, 'type' | 'bootable'> | undefined,
  contents: VolumeContents = {},
): PartitionRole {
  if (contents.holdsWindows === true) return 'windows';
  const type = partition?.type ?? '';
  if (type === GPT_TYPE.efiSystem || type === '0xEF') return 'efi-system';
  if (type === GPT_TYPE.microsoftReserved || type === GPT_TYPE.ldmMetadata) return 'microsoft-reserved';
  if (type === GPT_TYPE.recovery || type === '0x27') {
    // Windows 7 setup gave the System Reserved partition of some makers type 27; its boot manager tells.
    return contents.holdsBootManager === true && contents.holdsRecovery !== true ? 'system-reserved' : 'recovery';
  }
  if (contents.holdsBootManager === true) return 'system-reserved';
  if (contents.holdsRecovery === true) return 'recovery';
  if (contents.holdsEfiBoot === true && contents.fileSystem?.startsWith('fat') === true) return 'efi-system';
  if (DATA_GPT.includes(type) || DATA_MBR.includes(type)) return 'data';
  return partition === undefined && WINDOWS_FILE_SYSTEMS.includes(contents.fileSystem ?? '') ? 'data' : 'unknown';
}
