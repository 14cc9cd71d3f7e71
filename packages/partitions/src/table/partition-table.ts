import type { Issue, Location } from '@deadbox/core';
import type { DynamicVolume, LdmDatabase } from './dynamic-disk.js';

/**
 * What a GPT entry's attribute bits ask for (UEFI 2.10 table 5.7; bits 60–63 as Microsoft defines them for its own
 * types).
 */
export type PartitionFlag =
  | 'required'
  | 'no-block-io'
  | 'legacy-boot'
  | 'read-only'
  | 'shadow-copy'
  | 'hidden'
  | 'no-drive-letter';

/** One partition, as its table describes it. */
export interface Partition {
  /** 1-based position among all partitions in the order of their offsets. */
  readonly number: number;
  /** 1-based place in the table: GPT entry, MBR slot 1–4, logical partitions from 5 on (as Linux numbers them). */
  readonly slot: number;
  /** First byte on the disk. */
  readonly offset: number;
  /** Length in bytes, as the table states it. */
  readonly length: number;
  /** How many of those bytes lie on the disk: less than `length` when the image was cut short. */
  readonly present: number;
  /** GPT type GUID in upper case, or MBR type as `0x07`. */
  readonly type: string;
  /** The type in words; `undefined` for types not in the list. */
  readonly typeName: string | undefined;
  /**
   * GPT unique partition GUID in upper case; for MBR {@link mbrPartitionId}; `undefined` on an MBR disk without
   * signature.
   */
  readonly id: string | undefined;
  /** GPT partition name; empty for MBR. */
  readonly name: string;
  /** GPT attribute bits as 16 hexadecimal digits; all zero for MBR. */
  readonly attributes: string;
  /** The attribute bits in words. */
  readonly flags: readonly PartitionFlag[];
  /** MBR active flag (0x80), or the GPT legacy BIOS bootable bit. */
  readonly bootable: boolean;
  /** Lies inside an MBR extended partition. */
  readonly logical: boolean;
  /**
   * Set for a volume of a dynamic disk that does not lie on this disk in one piece: then `offset` and `length` are
   * those of its first part here, whose bytes alone are no file system.
   */
  readonly dynamic?: DynamicVolume;
  /** Where the 16-byte MBR entry or the GPT entry stands on the disk, for evidence. */
  readonly entry: Location & { readonly length: number };
}

/** A volume manager of Windows that took the disk: its volumes are not simply its partitions. */
export interface VolumeManager {
  /** LDM (dynamic disks) or Storage Spaces. */
  readonly kind: 'ldm' | 'storage-spaces';
  /** Byte offset on the disk of what proves it: a table entry or the private header. */
  readonly offset: number;
  /** Length of the proof in bytes. */
  readonly length: number;
}

/** The partition table of a disk. */
export interface PartitionTable {
  /** `none`: no table; the disk may be one volume (a boot sector at offset 0), or empty, or not readable as a disk. */
  readonly kind: 'gpt' | 'mbr' | 'none';
  /** Logical sector size that the offsets were computed with. */
  readonly sectorSize: 512 | 4096;
  /** GPT disk GUID, or MBR signature as eight upper-case hexadecimal digits; `undefined` when there is none. */
  readonly diskId: string | undefined;
  /**
   * The disk GUID in the GPT's backup header, when that could be read: a tool that changed only the primary header left
   * the former one there.
   */
  readonly backupDiskId?: string;
  /** In the order of their offsets. */
  readonly partitions: readonly Partition[];
  /** Which GPT header the partitions come from; only for `gpt`. */
  readonly header?: 'primary' | 'backup';
  /** Set when LDM (dynamic disk) or Storage Spaces owns the disk. */
  readonly volumeManager?: VolumeManager;
  /** The group of a dynamic disk, when its database could be read. Its volumes on this disk are among `partitions`. */
  readonly ldm?: LdmDatabase;
  /** What was wrong and survived. */
  readonly issues: readonly Issue[];
}

/**
 * The id that Windows gives a partition of an MBR disk: disk signature and byte offset (as `\DosDevices` values hold
 * them), e.g. `B3EBA8F1-15F00000`.
 */
export function mbrPartitionId(signature: string, offset: number): string {
  return `${signature.toUpperCase()}-${offset.toString(16).toUpperCase().padStart(8, '0')}`;
}
