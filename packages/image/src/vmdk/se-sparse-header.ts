import { type Bytes, Cursor, type Field, type Structure, structure } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';
import { isVmdkSeSparse } from './signature.js';

/**
 * Constant header of a space-efficient sparse extent, 512 bytes, little-endian; offsets and sizes in sectors. VMware
 * has not published the format; offsets and values are those that QEMU's reader established and checks.
 */
const VMDK_SE_SPARSE_HEADER_FIELDS = {
  magic: [0, 'u64big', '0xCAFEBABE'],
  version: [8, 'u64big', 'Version: 0x200000001'],
  capacity: [16, 'u64', 'Sectors of the extent'],
  grainSize: [24, 'u64big', 'Sectors of a grain: 8'],
  tableSize: [32, 'u64big', 'Sectors of a grain table: 64'],
  flags: [40, 'u64big', 'Flags: 0'],
  volatileHeader: [80, 'u64', 'Sector of the volatile header'],
  directory: [128, 'u64', 'Sector of the grain directory'],
  directorySize: [136, 'u64', 'Sectors of the grain directory'],
  tables: [144, 'u64', 'Sector of the grain tables, which lie one after another'],
  tablesSize: [152, 'u64', 'Sectors of the grain tables'],
  grains: [192, 'u64', 'Sector of the grains'],
} as const;
/** See {@link VMDK_SE_SPARSE_HEADER_FIELDS}. */
export const VMDK_SE_SPARSE_HEADER: Structure<typeof VMDK_SE_SPARSE_HEADER_FIELDS> = structure(
  'vmdk-se-sparse-header',
  'QEMU block/vmdk.c, VMDKSESparseConstHeader',
  VMDK_SE_SPARSE_HEADER_FIELDS,
);
const AT = VMDK_SE_SPARSE_HEADER.fields;
/** Volatile header: magic, free table number, next transaction, and whether the journal must be replayed. */
const VOLATILE_REPLAY = 24;

const VOLATILE_MAGIC = 0xcafecafen;
const VERSION = 0x0000_0002_0000_0001n;
/** Entries of a grain table: 64 sectors of 8-byte entries. */
export const SE_SPARSE_TABLE_ENTRIES = 4096;

/** Header of a seSparse extent, in sectors of 512 bytes. */
export interface VmdkSeSparseHeader {
  readonly capacity: number;
  readonly grainSectors: 8;
  readonly volatileHeader: number;
  readonly directory: number;
  readonly directorySectors: number;
  /** Start of the grain tables, which lie one after another. */
  readonly tables: number;
  readonly tablesSectors: number;
  /** Start of the grains. */
  readonly grains: number;
}

/**
 * Parses the constant header.
 * @param layer - name of the file for errors
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`, `IMAGE_LIMIT`
 */
export function parseVmdkSeSparseHeader(bytes: Bytes, layer: string): VmdkSeSparseHeader {
  const cursor = new Cursor(bytes, layer);
  if (!isVmdkSeSparse(bytes))
    throw imageError('IMAGE_DAMAGED', `${layer} does not begin with the seSparse magic`, cursor.at(0));
  const expect = (field: Field<bigint>, value: bigint, name: string): void => {
    const found = field.read(cursor);
    if (found === value) return;
    const text = `${layer} has the seSparse ${name} 0x${found.toString(16)}; known is 0x${value.toString(16)}`;
    throw imageError('IMAGE_UNSUPPORTED', text, cursor.at(field.offset));
  };
  expect(AT.version, VERSION, 'version');
  expect(AT.grainSize, 8n, 'grain size');
  expect(AT.tableSize, 64n, 'grain table size');
  expect(AT.flags, 0n, 'flags');
  const capacity = cursor.u64Number(AT.capacity.offset);
  if (capacity * 512 > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims ${capacity} sectors`, cursor.at(AT.capacity.offset));
  return {
    capacity,
    grainSectors: 8,
    volatileHeader: cursor.u64Number(AT.volatileHeader.offset),
    directory: cursor.u64Number(AT.directory.offset),
    directorySectors: cursor.u64Number(AT.directorySize.offset),
    tables: cursor.u64Number(AT.tables.offset),
    tablesSectors: cursor.u64Number(AT.tablesSize.offset),
    grains: cursor.u64Number(AT.grains.offset),
  };
}

/**
 * Checks the volatile header: a journal that waits for replay makes the tables stale, and its format is unknown.
 * @param offset - byte offset of the header in the file
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_UNSUPPORTED`
 */
export function checkVmdkSeSparseVolatileHeader(bytes: Bytes, layer: string, offset: number): void {
  const cursor = new Cursor(bytes, layer, offset);
  if (cursor.u64(0) !== VOLATILE_MAGIC)
    throw imageError('IMAGE_DAMAGED', `${layer} has a damaged seSparse volatile header`, cursor.at(0));
  if (cursor.u64(VOLATILE_REPLAY) === 0n) return;
  throw imageError(
    'IMAGE_UNSUPPORTED',
    `${layer} was not closed: its seSparse journal must be replayed by ESXi before the tables can be trusted`,
    cursor.at(VOLATILE_REPLAY),
  );
}
