import { type Bytes, Cursor, concatBytes, hasAscii, isDeadboxError } from '@deadbox/core';
import { type LdmRecord, parseLdmRecord } from './ldm-record.js';

/*
 * Head of the LDM database (linux-ntfs "LDM documentation"; libldm), one sector, big-endian:
 *   0x00 "VMDB"   0x04 u32 blocks   0x08 u32 bytes a block   0x0C u32 offset of the first block
 *   0x85 u32 committed volumes, 0x89 components, 0x8D parts, 0x91 disks
 */

/** The head of the database. */
export interface LdmDatabaseHead {
  /** Blocks in the database, used or not. */
  readonly blocks: number;
  /** Bytes of a block: 128 to 512. */
  readonly blockSize: number;
  /** Bytes from the head to the first block. */
  readonly firstBlock: number;
  /** Committed records: volumes, components, parts and disks together. */
  readonly records: number;
}

/** Parses the database's head; `undefined` when it is none or makes no sense. */
export function parseLdmDatabaseHead(sector: Bytes): LdmDatabaseHead | undefined {
  if (sector.length < 512 || !hasAscii(sector, 0, 'VMDB')) return undefined;
  const cursor = new Cursor(sector, 'LDM database');
  const blockSize = cursor.u32Be(0x08);
  const firstBlock = cursor.u32Be(0x0c);
  if (blockSize < 64 || blockSize > 512 || firstBlock < 0x9f || firstBlock > 4096) return undefined;
  const records = [0x85, 0x89, 0x8d, 0x91].reduce((sum, at) => sum + cursor.u32Be(at), 0);
  return { blocks: cursor.u32Be(0x04), blockSize, firstBlock, records };
}

/** A record and where its first block stands in the bytes that were parsed. */
export type PlacedRecord = LdmRecord & { readonly at: number };

const BLOCK_HEAD = 16;
/** Pieces that one record may have: a record is far below 4 KiB. */
const MAX_PIECES = 32;

/** Joins blocks to records and parses them, block by block as they come. */
export class LdmRecordReader {
  /** What was found so far. */
  readonly records: PlacedRecord[] = [];
  /** Blocks that could not be understood, by their offset. */
  readonly damaged: number[] = [];
  readonly #pending = new Map<number, { at: number; pieces: (Bytes | undefined)[]; missing: number }>();

  /** Takes one block that stands at offset `at`. */
  take(block: Bytes, at: number): void {
    if (!hasAscii(block, 0, 'VBLK')) return;
    const cursor = new Cursor(block, 'LDM block');
    const group = cursor.u32Be(0x08);
    const piece = cursor.u16Be(0x0c);
    const count = cursor.u16Be(0x0e);
    // Unused blocks have no piece.
    if (count === 0) return;
    if (count > MAX_PIECES || piece >= count) {
      this.damaged.push(at);
      return;
    }
    const content = block.subarray(BLOCK_HEAD);
    if (count === 1) return this.#parse(content, at);
    const known = this.#pending.get(group) ?? {
      at,
      pieces: Array.from<Bytes | undefined>({ length: count }),
      missing: count,
    };
    this.#pending.set(group, known);
    if (known.pieces.length !== count || known.pieces[piece] !== undefined) {
      this.damaged.push(at);
      return;
    }
    known.pieces[piece] = content;
    known.missing -= 1;
    if (known.missing > 0) return;
    this.#pending.delete(group);
    this.#parse(concatBytes(known.pieces.filter((part) => part !== undefined)), known.at);
  }

  #parse(content: Bytes, at: number): void {
    try {
      const record = parseLdmRecord(content);
      if (record !== undefined) this.records.push({ ...record, at });
    } catch (error) {
      if (!isDeadboxError(error, 'CURSOR_OUT_OF_RANGE')) throw error;
      this.damaged.push(at);
    }
  }
}
