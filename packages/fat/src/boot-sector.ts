import { type Bytes, type Structure, type StructureValues, structure, untilNul } from '@deadbox/core';
import { shortNameText } from './code-page.js';
import { ENTRY_BYTES } from './limits.js';

const SOURCE = 'Microsoft FAT specification 1.03, 3; ECMA-107';

export const FAT_BOOT_SECTOR_FIELDS = {
  jump: [0x00, 'bytes[3]', 'Jump to the boot code'],
  oemName: [0x03, 'ascii[8]', 'Who formatted the volume'],
  sectorSize: [0x0b, 'u16', 'Bytes of a sector'],
  sectorsPerCluster: [0x0d, 'u8', 'Sectors of a cluster, a power of two'],
  reservedSectors: [0x0e, 'u16', 'Sectors before the first allocation table'],
  tables: [0x10, 'u8', 'Number of allocation tables'],
  rootEntries: [0x11, 'u16', 'Entries of the root directory; 0 for FAT32'],
  sectors16: [0x13, 'u16', 'Sectors of the volume; 0 = see sectors32'],
  media: [0x15, 'u8', 'Media: 0xF8 for disks'],
  tableSectors16: [0x16, 'u16', 'Sectors of an allocation table; 0 for FAT32'],
  hiddenSectors: [0x1c, 'u32', 'Sectors before the volume'],
  sectors32: [0x20, 'u32', 'Sectors of the volume, when sectors16 is 0'],
} as const;
/** BIOS parameter block of every FAT volume. */
export const FAT_BOOT_SECTOR: Structure<typeof FAT_BOOT_SECTOR_FIELDS> = structure(
  'fat-boot-sector',
  SOURCE,
  FAT_BOOT_SECTOR_FIELDS,
);

export const FAT32_BOOT_SECTOR_FIELDS = {
  tableSectors: [0x24, 'u32', 'Sectors of an allocation table'],
  flags: [0x28, 'u16', 'Bit 7: only the table of bits 0 to 3 is kept up to date'],
  version: [0x2a, 'u16', 'Version: 0'],
  rootCluster: [0x2c, 'u32', 'First cluster of the root directory'],
  informationSector: [0x30, 'u16', 'Sector with the count of free clusters'],
  backupSector: [0x32, 'u16', 'Sector of the copy of this sector: 6'],
} as const;
/** What FAT32 has behind {@link FAT_BOOT_SECTOR}. */
export const FAT32_BOOT_SECTOR: Structure<typeof FAT32_BOOT_SECTOR_FIELDS> = structure(
  'fat32-boot-sector',
  SOURCE,
  FAT32_BOOT_SECTOR_FIELDS,
);

export const FAT_IDENTITY_FIELDS = {
  drive: [0x0, 'u8', 'Drive number for the BIOS'],
  signature: [0x2, 'u8', '0x29: serial number and label are there'],
  serial: [0x3, 'u32', 'Serial number'],
  label: [0x7, 'bytes[11]', 'Label, in the OEM code page; the one in the root directory is the true one'],
  typeName: [0x12, 'ascii[8]', 'FAT12, FAT16 or FAT32; decides nothing'],
} as const;
/** At 0x24 of the boot sector of FAT12 and FAT16, at 0x40 of FAT32. */
export const FAT_IDENTITY: Structure<typeof FAT_IDENTITY_FIELDS> = structure(
  'fat-identity',
  SOURCE,
  FAT_IDENTITY_FIELDS,
);

const HAS_IDENTITY = 0x29;
const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];

/** Where everything lies in a FAT volume. Offsets and lengths are bytes. */
export interface FatGeometry {
  /** Width of a table entry, by the count of clusters. */
  readonly type: 'fat12' | 'fat16' | 'fat32';
  /** Bytes in a sector. */
  readonly sectorSize: number;
  /** Bytes in a cluster. */
  readonly clusterSize: number;
  /** Clusters of the data area; they are numbered from 2 on. */
  readonly clusterCount: number;
  /** Start of each allocation table; the active one first. */
  readonly tables: readonly number[];
  /** Bytes of one allocation table. */
  readonly tableLength: number;
  /** The fixed root directory of FAT12 and FAT16; length 0 on FAT32. */
  readonly root: {
    /** Where it starts. */
    readonly offset: number;
    readonly length: number;
  };
  /** First cluster of the root directory; 0 on FAT12 and FAT16. */
  readonly rootCluster: number;
  /** Start of cluster 2. */
  readonly dataOffset: number;
  /** Length of the file system. */
  readonly length: number;
  /** As Windows shows it: `134C-D791`; `undefined` when the volume has none. */
  readonly serial: string | undefined;
  /** Label of the boot sector, without padding; the one in the root directory is the true one. */
  readonly label: string;
}

/** Why a sector is not a FAT boot sector. */
export type BootSectorFault = { readonly field: string; readonly found: number };

/** Parses a FAT boot sector. Every field is checked before another one is computed from it. */
export function parseBootSector(sector: Bytes): FatGeometry | BootSectorFault {
  const block = FAT_BOOT_SECTOR.read(sector);
  const fault = faultOf(block);
  if (fault !== undefined) return fault;
  const { sectorSize, sectorsPerCluster, reservedSectors, rootEntries } = block;
  const fat32 = block.tableSectors16 === 0 ? FAT32_BOOT_SECTOR.read(sector) : undefined;
  const tableSectors = fat32?.tableSectors ?? block.tableSectors16;
  if (tableSectors === 0) return { field: 'sectors a table', found: 0 };
  const rootSectors = Math.ceil((rootEntries * ENTRY_BYTES) / sectorSize);
  const sectors = block.sectors16 || block.sectors32;
  const dataSector = reservedSectors + block.tables * tableSectors + rootSectors;
  const clusterCount = Math.floor((sectors - dataSector) / sectorsPerCluster);
  if (clusterCount < 1) return { field: 'sectors', found: sectors };
  if (fat32 !== undefined && fat32.rootCluster < 2) return { field: 'root cluster', found: fat32.rootCluster };
  return {
    type: fat32 !== undefined ? 'fat32' : clusterCount < 4085 ? 'fat12' : 'fat16',
    sectorSize,
    clusterSize: sectorsPerCluster * sectorSize,
    clusterCount,
    tables: tableOrder(fat32?.flags ?? 0, block.tables).map(
      (index) => (reservedSectors + index * tableSectors) * sectorSize,
    ),
    tableLength: tableSectors * sectorSize,
    root: {
      offset: (dataSector - rootSectors) * sectorSize,
      length: fat32 === undefined ? rootEntries * ENTRY_BYTES : 0,
    },
    rootCluster: fat32?.rootCluster ?? 0,
    dataOffset: dataSector * sectorSize,
    length: sectors * sectorSize,
    ...identityOf(sector, fat32 !== undefined),
  };
}

/** The first field that no FAT volume has so. */
function faultOf(block: StructureValues<typeof FAT_BOOT_SECTOR_FIELDS>): BootSectorFault | undefined {
  const { sectorSize, sectorsPerCluster, reservedSectors, tables, media } = block;
  if (!SECTOR_SIZES.includes(sectorSize)) return { field: 'bytes a sector', found: sectorSize };
  if (sectorsPerCluster === 0 || (sectorsPerCluster & (sectorsPerCluster - 1)) !== 0)
    return { field: 'sectors a cluster', found: sectorsPerCluster };
  if (reservedSectors === 0) return { field: 'reserved sectors', found: reservedSectors };
  if (tables < 1 || tables > 4) return { field: 'allocation tables', found: tables };
  if (media !== 0xf0 && media < 0xf8) return { field: 'media', found: media };
  return undefined;
}

function identityOf(sector: Bytes, isFat32: boolean): Pick<FatGeometry, 'serial' | 'label'> {
  const { signature, serial, label } = FAT_IDENTITY.read(sector, isFat32 ? 0x40 : 0x24);
  if (signature !== HAS_IDENTITY) return { serial: undefined, label: '' };
  const digits = serial.toString(16).toUpperCase().padStart(8, '0');
  return {
    serial: `${digits.slice(0, 4)}-${digits.slice(4)}`,
    label: untilNul(shortNameText(label)).trimEnd(),
  };
}

/** FAT32 flags: bit 7 means that only table `flags & 15` is kept up to date. */
function tableOrder(flags: number, count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const active = flags & 0x0f;
  return (flags & 0x80) === 0 || active >= count ? all : [active, ...all.filter((index) => index !== active)];
}
