import type { Evidence, Issue, Json } from '@deadbox/core';
import type { KeyProtectorInfo } from '@deadbox/encryption';

/** The image file, as `info --json` and `scan --json` show it. */
export interface ImageInfo {
  path: string;
  format: string;
  variant: string;
  /** Bytes of the virtual disk. */
  virtualSize: number;
  parents: Record<string, Json>[];
  details: Record<string, Json>;
  issues: Issue[];
}

/** The partition table. */
export interface DiskInfo {
  partitionTable: 'gpt' | 'mbr' | 'none';
  sectorSize: number;
  /** GPT disk GUID or MBR signature; `null` when there is none. */
  diskId: string | null;
  issues: Issue[];
}

/** The encryption of a volume. */
export interface EncryptionInfo {
  verdict: string;
  product: string | null;
  confidence: string;
  method: string | null;
  state: string | null;
  keyProtectors: KeyProtectorInfo[];
  needs: string[];
  evidence: Evidence[];
  details: Record<string, Json>;
}

/** What an NTFS volume says about itself. */
export interface NtfsInfo {
  version: string;
  clusterSize: number;
  recordSize: number;
  bytesPerSector: number;
  dirty: boolean;
  log: string;
  logVersion: string | null;
  hibernation: string;
  bootSector: string;
}

/** One volume. */
export interface VolumeInfo {
  /** 1-based. */
  number: number;
  /** First byte on the virtual disk. */
  offset: number;
  length: number;
  partitionType: string | null;
  partitionId: string | null;
  name: string;
  role: string;
  fileSystem: string;
  label: string | null;
  serial: string | null;
  encryption: EncryptionInfo;
  ntfs?: NtfsInfo;
  /** Why the volume could not be read, when it could not. */
  error?: { code: string; message: string };
  issues: Issue[];
}
