import { type Bytes, Cursor, untilNul } from '@deadbox/core';
import { shortNameText } from './code-page.js';

/*
 * BIOS parameter block (Microsoft FAT specification 1.03, section 3; ECMA-107):
 *   0x0B u16 bytes a sector   0x0D u8 sectors a cluster  0x0E u16 reserved sectors  0x10 u8 FATs
 *   0x11 u16 root entries     0x13 u16 sectors           0x15 u8 media              0x16 u16 sectors a FAT
 *   0x20 u32 sectors          and for FAT32: 0x24 u32 sectors a FAT, 0x28 u16 flags, 0x2C u32 root cluster, 0x32 u16 backup boot sector
 * Extended part at 0x24 (FAT12/16) or 0x40 (FAT32): +2 u8 0x29 when +3 u32 serial and +7 label[11] are there.
 */

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
    /** Its length. */
    readonly length: number;
  };
  /** First cluster of the root directory; 0 on FAT12 and FAT16. */
  readonly rootCluster: number;
  /** Start of cluster 2. */
  readonly dataOffset: number;
  /** Length of the file system. */
  readonly length: number;
  /** As Windows shows it: `134C-D791`; `undefined` when the volume has none. */
  serial: string | undefined;
  /** Label of the boot sector, without padding; the one in the root directory is the true one. */
  label: string;
}

/** Why a sector is not a FAT boot sector. */
export type BootSectorFault = { readonly field: string; readonly found: number };

/** Parses a FAT boot sector. Every field is checked before another one is computed from it. */
export function parseBootSector(sector: Bytes): FatGeometry | BootSectorFault {
  const cursor = new Cursor(sector, 'boot sector');
  const sectorSize = cursor.u16(0x0b);
  if (![512, 1024, 2048, 4096].includes(sectorSize)) return { field: 'bytes a sector', found: sectorSize };
  const perCluster = cursor.u8(0x0d);
  if (perCluster === 0 || (perCluster & (perCluster - 1)) !== 0)
    return { field: 'sectors a cluster', found: perCluster };
  const reserved = cursor.u16(0x0e);
  if (reserved === 0) return { field: 'reserved sectors', found: reserved };
  const tableCount = cursor.u8(0x10);
  if (tableCount < 1 || tableCount > 4) return { field: 'allocation tables', found: tableCount };
  const media = cursor.u8(0x15);
  if (media !== 0xf0 && media < 0xf8) return { field: 'media', found: media };
  const isFat32 = cursor.u16(0x16) === 0;
  const tableSectors = isFat32 ? cursor.u32(0x24) : cursor.u16(0x16);
  if (tableSectors === 0) return { field: 'sectors a table', found: 0 };
  const rootSectors = Math.ceil((cursor.u16(0x11) * 32) / sectorSize);
  const sectors = cursor.u16(0x13) || cursor.u32(0x20);
  const dataSector = reserved + tableCount * tableSectors + rootSectors;
  const clusterCount = Math.floor((sectors - dataSector) / perCluster);
  if (clusterCount < 1) return { field: 'sectors', found: sectors };
  if (isFat32 && cursor.u32(0x2c) < 2) return { field: 'root cluster', found: cursor.u32(0x2c) };
  const extended = isFat32 ? 0x40 : 0x24;
  const hasIdentity = cursor.u8(extended + 2) === 0x29;
  const serial = cursor
    .u32(extended + 3)
    .toString(16)
    .toUpperCase()
    .padStart(8, '0');
  return {
    type: isFat32 ? 'fat32' : clusterCount < 4085 ? 'fat12' : 'fat16',
    sectorSize,
    clusterSize: perCluster * sectorSize,
    clusterCount,
    tables: tableOrder(isFat32 ? cursor.u16(0x28) : 0, tableCount).map(
      (index) => (reserved + index * tableSectors) * sectorSize,
    ),
    tableLength: tableSectors * sectorSize,
    root: { offset: (dataSector - rootSectors) * sectorSize, length: isFat32 ? 0 : cursor.u16(0x11) * 32 },
    rootCluster: isFat32 ? cursor.u32(0x2c) : 0,
    dataOffset: dataSector * sectorSize,
    length: sectors * sectorSize,
    serial: hasIdentity ? `${serial.slice(0, 4)}-${serial.slice(4)}` : undefined,
    label: hasIdentity ? untilNul(shortNameText(cursor.slice(extended + 7, 11))).trimEnd() : '',
  };
}

/** FAT32 flags: bit 7 means that only table `flags & 15` is kept up to date. */
function tableOrder(flags: number, count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const active = flags & 0x0f;
  return (flags & 0x80) === 0 || active >= count ? all : [active, ...all.filter((index) => index !== active)];
}
