import { type Bytes, Cursor, equalBytes, hasAscii, type Issue, parseGuid } from '@deadbox/core';
import type { BitLockerVariant } from '../../finding/finding.js';

/** The volume header (first sector) of a BitLocker volume. */
export interface BitLockerVolumeHeader {
  readonly variant: BitLockerVariant;
  /** The header's GUID says that a conversion by encrypt-on-write is in progress, was interrupted, or ended with the volume decrypted. */
  readonly encryptOnWrite: boolean;
  /** The first sector is lost; this was rebuilt from a metadata copy found by searching. */
  readonly carved?: true;
  /** Bytes a sector: unit of encryption. */
  readonly sectorSize: number;
  /** Cluster size in bytes; tells the size of Vista's metadata regions. */
  readonly clusterSize: number;
  /** Volume offset of the GUID, or of `-FVE-FS-` where there is none (Vista). */
  readonly signatureOffset: number;
  /** Length of the signature in bytes. */
  readonly signatureLength: number;
  /** Volume offsets of the metadata copies as stored: three, or only the first (Vista). */
  readonly metadataOffsets: number[];
  /** Volume offsets of the two copies of the encrypt-on-write information; empty for other volumes. */
  readonly eowOffsets: number[];
}

/** Identifies a normal header; three metadata offsets follow. */
const NORMAL = parseGuid('4967D63B-2E29-4AD8-8399-F6A339E3D001');
/** Identifies an encrypt-on-write header; three metadata offsets and two offsets of encrypt-on-write information follow. */
const ENCRYPT_ON_WRITE = parseGuid('92A84D3B-DD80-4D0E-9E4E-B1E3284EAED8');
const SECTOR = 512;

/** Boot sector fields (NTFS / FAT BPB) that BitLocker leaves in place. */
const OFFSET = { oem: 3, bytesPerSector: 11, sectorsPerCluster: 13, vistaMetadataCluster: 56 } as const;

/**
 * Reads the volume header from the first bytes of a volume. The GUID decides, wherever it stands in the sector: OEM name and jump bytes are not
 * enough (To Go media say `MSWIN4.1`) and not needed. Without a GUID only the OEM name `-FVE-FS-` of Windows Vista counts.
 * Source: libbde "BitLocker Drive Encryption (BDE) format", section 3; dissect.fve for the search.
 * @param head - at least the first 512 bytes
 * @param issues - takes a note on fields that were not usable
 * @returns `undefined` when this is not a BitLocker volume
 */
export function parseVolumeHeader(head: Bytes, issues: (issue: Issue) => void): BitLockerVolumeHeader | undefined {
  if (head.length < SECTOR) return undefined;
  const cursor = new Cursor(head.subarray(0, SECTOR), 'BitLocker volume header');
  for (let at = 0; at + 40 <= SECTOR; at += 1) {
    if (head[at] !== 0x3b) continue;
    const guid = head.subarray(at, at + 16);
    const encryptOnWrite = equalBytes(guid, ENCRYPT_ON_WRITE);
    if (!encryptOnWrite && !equalBytes(guid, NORMAL)) continue;
    const count = encryptOnWrite && at + 56 <= SECTOR ? 5 : 3;
    const offsets = Array.from({ length: count }, (_, i) => cursor.u64Number(at + 16 + i * 8));
    return {
      variant: hasAscii(head, OFFSET.oem, '-FVE-FS-') ? 'windows7' : 'to-go',
      encryptOnWrite,
      ...geometry(cursor, issues),
      signatureOffset: at,
      signatureLength: 16,
      metadataOffsets: offsets.slice(0, 3),
      eowOffsets: offsets.slice(3),
    };
  }
  if (!hasAscii(head, OFFSET.oem, '-FVE-FS-')) return undefined;
  const shape = geometry(cursor, issues);
  return {
    variant: 'vista',
    encryptOnWrite: false,
    ...shape,
    signatureOffset: OFFSET.oem,
    signatureLength: 8,
    metadataOffsets: [cursor.u64Number(OFFSET.vistaMetadataCluster) * shape.clusterSize],
    eowOffsets: [],
  };
}

function geometry(cursor: Cursor, issues: (issue: Issue) => void): { sectorSize: number; clusterSize: number } {
  const stored = cursor.u16(OFFSET.bytesPerSector);
  const valid = stored === 512 || stored === 1024 || stored === 2048 || stored === 4096;
  // 0 is known from volumes that were exFAT; everything else is damage. 512 is right for both in practice.
  if (!valid && stored !== 0) {
    issues({
      code: 'bitlocker.sector-size',
      severity: 'warning',
      at: cursor.at(OFFSET.bytesPerSector),
      data: { found: stored, assumed: 512 },
    });
  }
  const sectorSize = valid ? stored : 512;
  const perCluster = cursor.u8(OFFSET.sectorsPerCluster);
  // Above 0x80 the NTFS field is a negative power of two.
  const sectors = perCluster > 0x80 ? 2 ** Math.min(256 - perCluster, 16) : Math.max(perCluster, 1);
  return { sectorSize, clusterSize: sectors * sectorSize };
}
