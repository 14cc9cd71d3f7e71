import type { Evidence, Issue, Json } from '@deadbox/core';
import type {
  Confidence,
  EncryptionProduct,
  EncryptionState,
  EncryptionVerdict,
  KeyProtectorInfo,
  UnlockNeed,
} from '@deadbox/encryption';
import type { VolumeCheck } from '@deadbox/ntfs';

/** The image file, as `info --json` and `scan --json` show it. */
export interface ImageInfo {
  /** Path or name of the image, as it was given. */
  readonly path: string;
  /** Container format: `raw`, `vhd`, `vhdx`, `vmdk`, `qcow2`… */
  format: string;
  /** Kind within the format, e.g. `dynamic`; `flat` or `split` for raw. */
  readonly variant: string;
  /** Bytes of the virtual disk. */
  readonly virtualSize: number;
  /** The chain of parents, nearest first. */
  readonly parents: Record<string, Json>[];
  /** What else the container says; the fields depend on the format. */
  readonly details: Record<string, Json>;
  /** Stored hashes (E01) against the content; only when it was asked for. */
  readonly hashCheck?: {
    /** `match` when every stored hash fits. */
    verdict: 'match' | 'mismatch' | 'none-stored';
    /** A line for each stored hash, lower-case hexadecimal. */
    hashes: { algorithm: string; stored: string; computed: string; match: boolean }[];
  };
  /** What opening and reading the container survived. */
  issues: Issue[];
}

/** The partition table. */
export interface DiskInfo {
  /** Kind of table; `none` for a disk that is one volume, or has no volume. */
  readonly partitionTable: 'gpt' | 'mbr' | 'none';
  /** Logical sector size in bytes that the table was read with. */
  readonly sectorSize: number;
  /** GPT disk GUID or MBR signature; `null` when there is none. */
  readonly diskId: string | null;
  /** What encrypts the disk as a whole, or its container. */
  readonly encryption: EncryptionInfo[];
  /** What reading the table survived. */
  issues: Issue[];
}

/** The encryption of a volume. */
export interface EncryptionInfo {
  readonly verdict: EncryptionVerdict;
  /** `null` when there is none or it is unknown. */
  readonly product: EncryptionProduct | null;
  readonly confidence: Confidence;
  /** Cipher and mode, e.g. `XTS-AES-128`; `null` when unknown. */
  readonly method: string | null;
  /** `null` when unknown. */
  readonly state: EncryptionState | null;
  /** What can unlock it, with the ids that key stores list. */
  readonly keyProtectors: readonly KeyProtectorInfo[];
  /** What a user must supply to open it. */
  readonly needs: readonly UnlockNeed[];
  /** The bytes that prove it. */
  readonly evidence: readonly Evidence[];
  /** What else the product says; the fields depend on it. */
  readonly details: Record<string, Json>;
}

/** What an NTFS volume says about itself. */
export interface NtfsInfo {
  /** Version, e.g. `3.1`. */
  readonly version: string;
  /** Bytes in a cluster. */
  readonly clusterSize: number;
  /** Bytes in a file record. */
  readonly recordSize: number;
  /** Bytes in a sector, as the boot sector says. */
  readonly bytesPerSector: number;
  /** The volume flag that asks for a check at the next start. */
  readonly dirty: boolean;
  /** State of `$LogFile`: `clean`, `dirty` or `unreadable`. */
  readonly log: string;
  /** Version of `$LogFile`, e.g. `1.1`; `null` when it is empty or unreadable. */
  readonly logVersion: string | null;
  /** What `hiberfil.sys` says. */
  readonly hibernation: string;
  /** `primary`, or `backup` when the first one was damaged. */
  readonly bootSector: string;
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
  /** What the volume is for: `efi-system`, `windows`, `recovery`… */
  readonly role: string;
  /** File system by its signature; `unknown` when none is recognised or the volume is locked. */
  fileSystem: string;
  /** Volume label; `null` when there is none. */
  label: string | null;
  /** Volume serial number as hexadecimal text; `null` when there is none. */
  serial: string | null;
  /** What encrypts it. */
  readonly encryption: EncryptionInfo;
  /** Only for readable NTFS volumes. */
  ntfs?: NtfsInfo;
  /** Health of its structures; only when it was asked for. */
  check?: Pick<VolumeCheck, 'sound' | 'boot' | 'mirror' | 'records' | 'indexes'>;
  /** Why the volume could not be read, when it could not. */
  error?: { code: string; message: string };
  /** What reading it survived. */
  issues: Issue[];
}
