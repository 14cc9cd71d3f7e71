import {
  type Bytes,
  Cursor,
  equalBytes,
  hasAscii,
  type IssueSink,
  parseGuid,
  SECTOR,
  type Structure,
  structure,
} from '@deadbox/core';
import type { EncryptionIssueCode } from '../../errors.js';
import type { BitLockerVariant } from '../../finding/finding.js';

/** The volume header (first sector) of a BitLocker volume. */
export interface BitLockerVolumeHeader {
  readonly variant: BitLockerVariant;
  /**
   * The header's GUID says that a conversion by encrypt-on-write is in progress, was interrupted, or ended with the
   * volume decrypted.
   */
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
/**
 * Identifies an encrypt-on-write header; three metadata offsets and two offsets of encrypt-on-write information follow.
 */
const ENCRYPT_ON_WRITE = parseGuid('92A84D3B-DD80-4D0E-9E4E-B1E3284EAED8');

const VOLUME_HEADER_FIELDS = {
  jump: [0, 'bytes[3]', 'Jump over the fields'],
  oem: [3, 'ascii[8]', '-FVE-FS- on fixed volumes, MSWIN4.1 on To Go media'],
  bytesPerSector: [11, 'u16', 'Bytes a sector: the unit of encryption'],
  sectorsPerCluster: [13, 'u8', 'Sectors a cluster; above 0x80 a negative power of two'],
  vistaMetadataCluster: [56, 'u64', 'Windows Vista: cluster of the first copy of the metadata'],
  bootSignature: [510, 'u16', '0xAA55 at the end of a boot sector'],
} as const;
/**
 * First sector of a BitLocker volume: the fields of a boot sector that BitLocker leaves in place.
 * {@link VOLUME_IDENTIFIER} stands in it, too.
 */
export const VOLUME_HEADER: Structure<typeof VOLUME_HEADER_FIELDS> = structure(
  'bitlocker-volume-header',
  'libbde format document, section 3 "Volume header"',
  VOLUME_HEADER_FIELDS,
);

const VOLUME_IDENTIFIER_FIELDS = {
  identifier: [
    0,
    'guid',
    'What kind of volume it is',
    {
      values: {
        '4967D63B-2E29-4AD8-8399-F6A339E3D001': 'BitLocker',
        '92A84D3B-DD80-4D0E-9E4E-B1E3284EAED8': 'BitLocker, encrypt-on-write',
      },
    },
  ],
  metadataOffset1: [16, 'u64', 'Volume offset of the first copy of the metadata'],
  metadataOffset2: [24, 'u64', 'Volume offset of the second copy'],
  metadataOffset3: [32, 'u64', 'Volume offset of the third copy'],
  eowOffset1: [40, 'u64', 'Encrypt-on-write only: volume offset of the first copy of its information'],
  eowOffset2: [48, 'u64', 'Encrypt-on-write only: volume offset of the second copy'],
} as const;
/** What identifies a volume of Windows 7 and later: at 160 of the first sector, at 424 on To Go media. */
export const VOLUME_IDENTIFIER: Structure<typeof VOLUME_IDENTIFIER_FIELDS> = structure(
  'bitlocker-volume-identifier',
  'libbde format document, section 3 "Volume header"; dissect.fve for encrypt-on-write',
  VOLUME_IDENTIFIER_FIELDS,
);
const HEADER = VOLUME_HEADER.fields;
const IDENTIFIER = VOLUME_IDENTIFIER.fields;

/**
 * Reads the volume header from the first bytes of a volume. The GUID decides, wherever it stands in the sector: OEM
 * name and jump bytes are not enough (To Go media say `MSWIN4.1`) and not needed. Without a GUID only the OEM name
 * `-FVE-FS-` of Windows Vista counts. Source: libbde "BitLocker Drive Encryption (BDE) format", section 3; dissect.fve
 * for the search.
 * @param head - at least the first 512 bytes
 * @param issues - takes a note on fields that were not usable
 * @returns `undefined` when this is not a BitLocker volume
 */
export function parseVolumeHeader(
  head: Bytes,
  issues: IssueSink<EncryptionIssueCode>,
): BitLockerVolumeHeader | undefined {
  if (head.length < SECTOR) return undefined;
  const cursor = new Cursor(head.subarray(0, SECTOR), 'BitLocker volume header');
  for (let at = 0; at + IDENTIFIER.eowOffset1.offset <= SECTOR; at += 1) {
    if (head[at] !== NORMAL[0]) continue;
    const guid = head.subarray(at, at + 16);
    const encryptOnWrite = equalBytes(guid, ENCRYPT_ON_WRITE);
    if (!encryptOnWrite && !equalBytes(guid, NORMAL)) continue;
    const offset = (field: { readonly offset: number }): number => cursor.u64Number(at + field.offset);
    return {
      variant: hasAscii(head, HEADER.oem.offset, '-FVE-FS-') ? 'windows7' : 'to-go',
      encryptOnWrite,
      ...geometry(cursor, issues),
      signatureOffset: at,
      signatureLength: 16,
      metadataOffsets: [IDENTIFIER.metadataOffset1, IDENTIFIER.metadataOffset2, IDENTIFIER.metadataOffset3].map(offset),
      eowOffsets:
        encryptOnWrite && at + VOLUME_IDENTIFIER.size <= SECTOR
          ? [IDENTIFIER.eowOffset1, IDENTIFIER.eowOffset2].map(offset)
          : [],
    };
  }
  if (!hasAscii(head, HEADER.oem.offset, '-FVE-FS-')) return undefined;
  const shape = geometry(cursor, issues);
  return {
    variant: 'vista',
    encryptOnWrite: false,
    ...shape,
    signatureOffset: HEADER.oem.offset,
    signatureLength: 8,
    metadataOffsets: [cursor.u64Number(HEADER.vistaMetadataCluster.offset) * shape.clusterSize],
    eowOffsets: [],
  };
}

function geometry(cursor: Cursor, issues: IssueSink<EncryptionIssueCode>): { sectorSize: number; clusterSize: number } {
  const stored = HEADER.bytesPerSector.read(cursor);
  const valid = stored === 512 || stored === 1024 || stored === 2048 || stored === 4096;
  // 0 is known from volumes that were exFAT; everything else is damage. 512 is right for both in practice.
  if (!valid && stored !== 0) {
    const data = { found: stored, assumed: 512 };
    const at = cursor.at(HEADER.bytesPerSector.offset);
    issues.add({ code: 'bitlocker.sector-size', severity: 'warning', at, data });
  }
  const sectorSize = valid ? stored : 512;
  const perCluster = HEADER.sectorsPerCluster.read(cursor);
  // Above 0x80 the NTFS field is a negative power of two.
  const sectors = perCluster > 0x80 ? 2 ** Math.min(256 - perCluster, 16) : Math.max(perCluster, 1);
  return { sectorSize, clusterSize: sectors * sectorSize };
}
