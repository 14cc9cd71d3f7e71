import { type Bytes, Cursor } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';

/**
 * Constant header of a space-efficient sparse extent, 512 bytes. VMware has not published the format; offsets and values are those that
 * QEMU's reader (block/vmdk.c, "ESXi seSparse") established and checks.
 */
const FIELD = {
  version: 8,
  capacity: 16,
  grainSize: 24,
  tableSize: 32,
  flags: 40,
  volatileHeader: 80,
  directory: 128,
  directorySize: 136,
  tables: 144,
  tablesSize: 152,
  grains: 192,
} as const;
/** Volatile header: magic, free table number, next transaction, and whether the journal must be replayed. */
const VOLATILE_REPLAY = 24;

const MAGIC = 0xcafebaben;
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

/** Whether `bytes` begin with the magic of a seSparse extent. */
export function isVmdkSeSparse(bytes: Bytes): boolean {
  return bytes.length >= 512 && new Cursor(bytes).u64(0) === MAGIC;
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
  const expect = (field: number, value: bigint, name: string): void => {
    const found = cursor.u64(field);
    if (found === value) return;
    const text = `${layer} has the seSparse ${name} 0x${found.toString(16)}; known is 0x${value.toString(16)}`;
    throw imageError('IMAGE_UNSUPPORTED', text, cursor.at(field));
  };
  expect(FIELD.version, VERSION, 'version');
  expect(FIELD.grainSize, 8n, 'grain size');
  expect(FIELD.tableSize, 64n, 'grain table size');
  expect(FIELD.flags, 0n, 'flags');
  const capacity = cursor.u64Number(FIELD.capacity);
  if (capacity * 512 > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims ${capacity} sectors`, cursor.at(FIELD.capacity));
  return {
    capacity,
    grainSectors: 8,
    volatileHeader: cursor.u64Number(FIELD.volatileHeader),
    directory: cursor.u64Number(FIELD.directory),
    directorySectors: cursor.u64Number(FIELD.directorySize),
    tables: cursor.u64Number(FIELD.tables),
    tablesSectors: cursor.u64Number(FIELD.tablesSize),
    grains: cursor.u64Number(FIELD.grains),
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
