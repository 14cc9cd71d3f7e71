import { type Structure, structure } from '@deadbox/core';

/*
 * Structures of the logical disk manager (dynamic disks). All numbers are big-endian, all sectors have 512 bytes.
 */
const SOURCE = 'linux-ntfs, LDM documentation; libldm';

export const LDM_PRIVATE_HEADER_FIELDS = {
  signature: [0x000, 'ascii[8]', 'PRIVHEAD'],
  majorVersion: [0x00c, 'u16be', '2'],
  minorVersion: [0x00e, 'u16be', '11 or 12'],
  diskId: [0x030, 'latin1[64]', 'GUID of the disk, as text'],
  hostId: [0x070, 'latin1[64]', 'GUID of the host, as text'],
  groupId: [0x0b0, 'latin1[64]', 'GUID of the disk group, as text'],
  groupName: [0x0f0, 'latin1[32]', 'Name of the disk group'],
  dataSector: [0x11b, 'u64be', 'First sector for volumes'],
  dataSectors: [0x123, 'u64be', 'Sectors for volumes'],
  configSector: [0x12b, 'u64be', 'First sector of the configuration'],
  configSectors: [0x133, 'u64be', 'Sectors of the configuration'],
} as const;
/** In sector 6 of an MBR disk, in the last sector of the LDM metadata partition of a GPT disk. */
export const LDM_PRIVATE_HEADER: Structure<typeof LDM_PRIVATE_HEADER_FIELDS> = structure(
  'ldm-private-header',
  SOURCE,
  LDM_PRIVATE_HEADER_FIELDS,
);

export const LDM_CONTENTS_FIELDS = {
  signature: [0x00, 'ascii[8]', 'TOCBLOCK'],
  firstName: [0x24, 'ascii[8]', 'Name of the first region'],
  firstStart: [0x2e, 'u64be', 'Its first sector, in the configuration'],
  firstSectors: [0x36, 'u64be', 'Its sectors'],
  secondName: [0x46, 'ascii[8]', 'Name of the second region'],
  secondStart: [0x50, 'u64be', 'Its first sector, in the configuration'],
  secondSectors: [0x58, 'u64be', 'Its sectors'],
} as const;
/** Table of contents of the configuration. */
export const LDM_CONTENTS: Structure<typeof LDM_CONTENTS_FIELDS> = structure(
  'ldm-contents',
  SOURCE,
  LDM_CONTENTS_FIELDS,
);

export const LDM_DATABASE_FIELDS = {
  signature: [0x00, 'ascii[4]', 'VMDB'],
  blocks: [0x04, 'u32be', 'Blocks, used or not'],
  blockSize: [0x08, 'u32be', 'Bytes of a block'],
  firstBlock: [0x0c, 'u32be', 'Bytes from here to the first block'],
  volumes: [0x85, 'u32be', 'Committed volumes'],
  components: [0x89, 'u32be', 'Committed components'],
  parts: [0x8d, 'u32be', 'Committed parts'],
  disks: [0x91, 'u32be', 'Committed disks'],
} as const;
/** Head of the database. */
export const LDM_DATABASE: Structure<typeof LDM_DATABASE_FIELDS> = structure(
  'ldm-database',
  SOURCE,
  LDM_DATABASE_FIELDS,
);

export const LDM_BLOCK_FIELDS = {
  signature: [0x00, 'ascii[4]', 'VBLK'],
  sequence: [0x04, 'u32be', 'Number of the block'],
  group: [0x08, 'u32be', 'Joins the pieces of a record'],
  piece: [0x0c, 'u16be', 'Number of this piece'],
  pieces: [0x0e, 'u16be', 'Pieces of the record; 0 = unused block'],
} as const;
/** Head of a block; the rest of it is a record, or a piece of one. */
export const LDM_BLOCK: Structure<typeof LDM_BLOCK_FIELDS> = structure('ldm-block', SOURCE, LDM_BLOCK_FIELDS);
