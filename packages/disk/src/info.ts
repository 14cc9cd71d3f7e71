import type { Evidence, Issue, Json } from '@deadbox/core';
import type {
  BitLockerFacts,
  Confidence,
  EncryptionProduct,
  EncryptionState,
  EncryptionVerdict,
  KeyProtectorInfo,
  SamplingSummary,
  UnlockNeed,
} from '@deadbox/encryption';
import type { ParentInfo } from '@deadbox/image';
import type { HibernationState, LogCondition, NtfsVolume, VolumeCheck } from '@deadbox/ntfs';
import type { DynamicVolume, FileSystemName, PartitionRole, PartitionTable } from '@deadbox/partitions';

/** The image file, as `info --json` and `scan --json` show it. */
export interface ImageInfo {
  /** Path or name of the image, as it was given. */
  readonly path: string;
  /** Container format: `raw`, `vhd`, `vhdx`, `vmdk`, `qcow2`… */
  readonly format: string;
  /** Kind within the format, e.g. `dynamic`; `flat` or `split` for raw. */
  readonly variant: string;
  /** Bytes of the virtual disk. */
  readonly virtualSize: number;
  /** Nearest first. */
  readonly parents: readonly ParentInfo[];
  /** What else the container says; the fields depend on the format. */
  readonly details: Readonly<Record<string, Json>>;
  /** Stored hashes (E01) against the content; only when it was asked for. */
  readonly hashCheck?: HashCheck;
  /** What opening and reading the container survived. */
  readonly issues: readonly Issue[];
}

/** What the hashes that an image stores say of its content. */
export interface HashCheck {
  /** `match` when every stored hash fits. */
  readonly verdict: 'match' | 'mismatch' | 'none-stored';
  /** One for each stored hash, lower-case hexadecimal. */
  readonly hashes: readonly { algorithm: string; stored: string; computed: string; match: boolean }[];
}

/** The partition table. */
export interface DiskInfo {
  /** `none` for a disk that is one volume, or has no volume. */
  readonly partitionTable: PartitionTable['kind'];
  /** Logical sector size in bytes that the table was read with. */
  readonly sectorSize: number;
  /** GPT disk GUID or MBR signature; `null` when there is none. */
  readonly diskId: string | null;
  /** What encrypts the disk as a whole, or its container. */
  readonly encryption: readonly EncryptionInfo[];
  /** What reading the table survived. */
  readonly issues: readonly Issue[];
}

/** The encryption of a volume. */
export interface EncryptionInfo {
  readonly verdict: EncryptionVerdict;
  /** `null` when there is none or it is unknown. */
  readonly product: EncryptionProduct | null;
  readonly confidence: Confidence;
  /** Cipher and mode, e.g. `XTS-AES-128`; `null` when unknown. */
  readonly method: string | null;
  /** `null` when unknown, or without encryption. */
  readonly state: EncryptionState | null;
  /** What can unlock it, with the ids that key stores list. */
  readonly keyProtectors: readonly KeyProtectorInfo[];
  /** What a user must supply to open it, best first. */
  readonly needs: readonly UnlockNeed[];
  /** The bytes that prove it. */
  readonly evidence: readonly Evidence[];
  readonly details: EncryptionDetails;
}

/** What else a product says of itself: texts of its own, beside what is known of BitLocker and of the statistics. */
export interface EncryptionDetails {
  readonly bitlocker?: BitLockerFacts;
  readonly sampling?: SamplingSummary;
  readonly [text: string]: string | BitLockerFacts | SamplingSummary | undefined;
}

/** What an NTFS volume says about itself. */
export interface NtfsInfo {
  /** E.g. `3.1`; `unknown` when `$Volume` is damaged. */
  readonly version: string;
  /** Bytes in a cluster. */
  readonly clusterSize: number;
  /** Bytes in a file record. */
  readonly recordSize: number;
  /** As the boot sector says. */
  readonly bytesPerSector: number;
  /** The volume flag that asks for a check at the next start. */
  readonly dirty: boolean;
  /** State of `$LogFile`. */
  readonly log: LogCondition;
  /** Version of `$LogFile`, e.g. `1.1`; `null` when it is empty or unreadable. */
  readonly logVersion: string | null;
  /** What `hiberfil.sys` says. */
  readonly hibernation: HibernationState;
  /** Where the boot sector in use stands; not `primary` when that is damaged. */
  readonly bootSector: NtfsVolume['bootSectorFrom'];
}

/** One volume. */
export interface VolumeInfo {
  /** 1-based. */
  readonly number: number;
  /** First byte on the virtual disk. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
  /** GPT type GUID or MBR type byte; `null` without a table. */
  readonly partitionType: string | null;
  /** GPT partition GUID, or the id that Windows derives for MBR; `null` without a table. */
  readonly partitionId: string | null;
  /** Name in the GPT entry; empty where there is none. */
  readonly name: string;
  readonly role: PartitionRole;
  /** How a volume of a dynamic disk lies on the disks of its group, and what the group calls the other ones. */
  readonly dynamic?: { readonly layout: DynamicVolume['layout']; readonly otherDisks: readonly string[] };
  /** By its signature; `unknown` when none is recognised or the volume is locked. */
  readonly fileSystem: FileSystemName | 'unknown';
  /** `null` when there is none. */
  readonly label: string | null;
  /** Volume serial number as hexadecimal text; `null` when there is none. */
  readonly serial: string | null;
  readonly encryption: EncryptionInfo;
  /** Only for readable NTFS volumes. */
  readonly ntfs?: NtfsInfo;
  /** Health of its structures; only when it was asked for. */
  check?: Pick<VolumeCheck, 'sound' | 'boot' | 'mirror' | 'records' | 'indexes'>;
  /** Why the volume could not be read, when it could not. */
  readonly error?: { readonly code: string; readonly message: string };
  /** What reading it survived. */
  readonly issues: readonly Issue[];
}
