import { asciiText, type Bytes, Cursor, hasAscii, untilNul } from '@deadbox/core';

/*
 * LDM private header (linux-ntfs "LDM documentation"; libldm), one sector, big-endian like everything of LDM: in sector 6 of an MBR disk, in the last
 * sector of the LDM metadata partition of a GPT disk.
 *   0x000 "PRIVHEAD"   0x00C u16 major, u16 minor (2.11 or 2.12)   0x030 text[64] disk GUID   0x0B0 text[64] disk group GUID
 *   0x0F0 text[32] disk group name   0x11B u64 first sector for volumes   0x123 u64 sectors for volumes
 *   0x12B u64 first sector of the configuration   0x133 u64 its sectors (1 MiB)
 */

/** What the private header of a dynamic disk says. */
export interface LdmPrivateHeader {
  /** GUID of this disk, upper case. */
  readonly diskId: string;
  /** GUID of the disk group, upper case. */
  readonly groupId: string;
  /** Name of the disk group, e.g. `SERVER-Dg0`. */
  readonly groupName: string;
  /** Sector that the volumes' sectors count from. */
  readonly dataSector: number;
  /** First sector of the configuration area. */
  readonly configSector: number;
  /** Sectors of the configuration area. */
  readonly configSectors: number;
}

/** Parses a private header; `undefined` without its signature. */
export function parseLdmPrivateHeader(sector: Bytes): LdmPrivateHeader | undefined {
  if (sector.length < 512 || !hasAscii(sector, 0, 'PRIVHEAD')) return undefined;
  const cursor = new Cursor(sector, 'LDM private header');
  const text = (at: number, length: number): string => untilNul(String.fromCharCode(...cursor.slice(at, length)));
  return {
    diskId: text(0x30, 64).toUpperCase(),
    groupId: text(0xb0, 64).toUpperCase(),
    groupName: text(0xf0, 32),
    dataSector: cursor.u64NumberBe(0x11b),
    configSector: cursor.u64NumberBe(0x12b),
    configSectors: cursor.u64NumberBe(0x133),
  };
}

/**
 * Where the database begins inside the configuration area, in sectors: the `config` region of a table of contents block.
 *   0x00 "TOCBLOCK"   0x24 and 0x46: text[8] name, u16 flags, u64 first sector, u64 sectors
 */
export function parseLdmContents(sector: Bytes): number | undefined {
  if (sector.length < 0x68 || !hasAscii(sector, 0, 'TOCBLOCK')) return undefined;
  const cursor = new Cursor(sector, 'LDM table of contents');
  for (const at of [0x24, 0x46])
    if (untilNul(asciiText(sector, at, 8).replace(/\.+$/, '')) === 'config') return cursor.u64NumberBe(at + 10);
  return undefined;
}
