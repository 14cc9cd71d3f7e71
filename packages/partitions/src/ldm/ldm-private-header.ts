import { type Bytes, Cursor, hasAscii, unlessDamaged } from '@deadbox/core';
import { LDM_CONTENTS, LDM_PRIVATE_HEADER } from './ldm-structures.js';

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

/** Parses a private header; `undefined` without its signature, or when its numbers cannot be. */
export function parseLdmPrivateHeader(sector: Bytes): LdmPrivateHeader | undefined {
  if (sector.length < LDM_PRIVATE_HEADER.size || !hasAscii(sector, 0, 'PRIVHEAD')) return undefined;
  const values = unlessDamaged(() => LDM_PRIVATE_HEADER.read(sector), undefined);
  if (values === undefined) return undefined;
  const { diskId, groupId, groupName, dataSector, configSector, configSectors } = values;
  return {
    diskId: diskId.toUpperCase(),
    groupId: groupId.toUpperCase(),
    groupName,
    dataSector,
    configSector,
    configSectors,
  };
}

/** Where the database begins inside the configuration area, in sectors: the `config` region of a table of contents. */
export function parseLdmContents(sector: Bytes): number | undefined {
  if (sector.length < LDM_CONTENTS.size || !hasAscii(sector, 0, 'TOCBLOCK')) return undefined;
  const { firstName, firstStart, secondName, secondStart } = LDM_CONTENTS.fields;
  const cursor = new Cursor(sector, LDM_CONTENTS.kind);
  for (const [name, start] of [
    [firstName, firstStart],
    [secondName, secondStart],
  ] as const) {
    if (name.read(cursor) === 'config') return unlessDamaged(() => start.read(cursor), undefined);
  }
  return undefined;
}
