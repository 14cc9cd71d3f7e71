import { type Bytes, hasAscii, isZero, SECTOR } from '@deadbox/core';
import { hasFatParameterBlock } from '../mbr/boot-sector-kind.js';

/**
 * What the code of a master boot record is. `windows`: Vista and later (it measures itself for a TPM, so `TCPA` stands
 * in it); `windows-nt5`: 2000 to 2003, which starts newer Windows too; `empty`: nothing but zeros.
 */
export type MasterBootCode =
  | 'windows'
  | 'windows-nt5'
  | 'empty'
  | 'grub'
  | 'syslinux'
  | 'lilo'
  | 'testdisk'
  | 'ipxe'
  | 'other';

/** Bytes of code in a master boot record, before the disk signature. */
export const MASTER_BOOT_CODE_BYTES = 440;

/** Texts that loaders carry, and the code that Windows 2000 to 2003 begin with whatever their language. */
const LOADERS: readonly (readonly [text: string, code: MasterBootCode])[] = [
  ['GRUB', 'grub'],
  ['SYSLINUX', 'syslinux'],
  ['isolinux', 'syslinux'],
  ['LILO', 'lilo'],
  ['TestDisk', 'testdisk'],
  ['iPXE', 'ipxe'],
];
const NT5_START: readonly number[] = [0x33, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c, 0xfb, 0x50, 0x07, 0x50, 0x1f];
const WINDOWS_MESSAGES: readonly string[] = [
  'Invalid partition table',
  'Error loading operating system',
  'Missing operating system',
];

/**
 * Tells whose code a master boot record has, by the texts in it. @param sector - at least 440 bytes from the start of
 * the disk
 */
export function masterBootCode(sector: Bytes): MasterBootCode {
  const code = sector.subarray(0, MASTER_BOOT_CODE_BYTES);
  if (isZero(code)) return 'empty';
  const loader = LOADERS.find(([text]) => findAscii(code, text) >= 0);
  if (loader !== undefined) return loader[1];
  const messages = WINDOWS_MESSAGES.filter((text) => findAscii(code, text) >= 0).length;
  if (findAscii(code, 'TCPA') >= 0) return 'windows';
  const nt5 = messages === WINDOWS_MESSAGES.length || NT5_START.every((value, i) => code[i] === value);
  return nt5 ? 'windows-nt5' : 'other';
}

/** One of the four boot indicators of a master boot record. */
export interface BootIndicator {
  /** 0–3. */
  readonly index: number;
  /** Byte offset in the sector. */
  readonly at: number;
  /** 0x80 active, 0x00 not; anything else is invalid. */
  readonly value: number;
  /** Type byte of its entry; 0 = unused. */
  readonly type: number;
}

const TABLE_AT = 0x1be;
const ENTRY_BYTES = 16;

/** The boot indicators of all four entries, used or not: boot code looks at each. */
export function bootIndicators(sector: Bytes): BootIndicator[] {
  return [0, 1, 2, 3].map((index) => {
    const at = TABLE_AT + index * ENTRY_BYTES;
    return { index, at, value: sector[at], type: sector[at + 4] };
  });
}

/** What a volume's boot code loads: `bootmgr` of Vista and later, `ntldr` of 2000 to 2003, or something else. */
export type VolumeBootCode = 'bootmgr' | 'ntldr' | 'empty' | 'other';

/** The boot area of a volume. */
export interface VolumeBoot {
  /** Bytes 510 and 511 are 55 AA. */
  readonly signature: boolean;
  readonly code: VolumeBootCode;
  /** u32 at 0x1C: sectors before the volume, as the boot code takes them. */
  readonly hiddenSectors: number;
  /** u16 at 0x1A: heads of the geometry that old boot code counts with. */
  readonly heads: number;
}

/** Bytes that Windows' boot code takes at the start of an NTFS volume. */
export const VOLUME_BOOT_BYTES: number = 16 * 512;

/**
 * Looks at the boot area of an NTFS or FAT volume. @param head - {@link VOLUME_BOOT_BYTES} from its start, less on a
 * smaller volume, at least 512
 */
export function volumeBoot(head: Bytes): VolumeBoot {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return {
    signature: head[510] === 0x55 && head[511] === 0xaa,
    code: volumeBootCode(head),
    hiddenSectors: view.getUint32(0x1c, true),
    heads: view.getUint16(0x1a, true),
  };
}

/** Where the code of an NTFS boot sector begins; before it stand the jump to it, the name and the parameters. */
const NTFS_CODE_AT = 0x54;
/** Bytes of the jump at the start of a boot sector, which is code as well. */
const JUMP_BYTES = 3;

/**
 * Whether the copy of an NTFS boot sector holds the code or the signature that the sector itself has lost, and would
 * start what lies behind it: the copy loads the boot manager, all else in the two is equal, and the sectors that follow,
 * of which there is no copy, are of the same code. What is no code of Windows is nobody's loss.
 * @param head - as {@link volumeBoot} takes it
 * @param copy - the sector at the end of the volume
 */
export function bootCodeFromCopy(head: Bytes, copy: Bytes): boolean {
  if (!hasAscii(head, 3, 'NTFS    ') || head.length < VOLUME_BOOT_BYTES) return false;
  const { signature, code } = volumeBoot(head);
  const lost = code === 'empty' || (code === 'bootmgr' && !signature);
  const first = volumeBoot(copy);
  if (!lost || !first.signature || first.code !== 'bootmgr') return false;
  const equal = head.subarray(JUMP_BYTES, NTFS_CODE_AT).every((value, i) => value === copy[JUMP_BYTES + i]);
  return equal && names(head.subarray(SECTOR), 'BOOTMGR');
}

/** Where code begins: behind the parameter block of NTFS, FAT32, FAT12 and FAT16. */
function codeStart(sector: Bytes): number {
  if (hasAscii(sector, 3, 'NTFS    ')) return NTFS_CODE_AT;
  return hasFatParameterBlock(sector) && (sector[0x16] | sector[0x17]) === 0 ? 0x5a : 0x3e;
}

function volumeBootCode(head: Bytes): VolumeBootCode {
  if (isZero(head.subarray(codeStart(head), 510))) return 'empty';
  // The messages are ASCII; the name that NTFS code looks up in the root is UTF-16.
  if (names(head, 'BOOTMGR')) return 'bootmgr';
  return names(head, 'NTLDR') ? 'ntldr' : 'other';
}

function names(head: Bytes, text: string): boolean {
  return findAscii(head, text) >= 0 || findAscii(head, text.split('').join('\0')) >= 0;
}

/** Where `text` stands; -1 when it does not. */
function findAscii(bytes: Bytes, text: string): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if (hasAscii(bytes, at, text)) return at;
  return -1;
}
