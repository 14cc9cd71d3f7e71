import { type Bytes, concatBytes, hasAscii, isDamage } from '@deadbox/core';
import { type LdmRecord, parseLdmRecord } from './ldm-record.js';
import { LDM_BLOCK, LDM_DATABASE } from './ldm-structures.js';

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
  const { blocks, blockSize, firstBlock, volumes, components, parts, disks } = LDM_DATABASE.read(sector);
  if (blockSize < 64 || blockSize > 512 || firstBlock < 0x9f || firstBlock > 4096) return undefined;
  return { blocks, blockSize, firstBlock, records: volumes + components + parts + disks };
}

/** A record and where its first block stands in the bytes that were parsed. */
export type PlacedRecord = LdmRecord & { readonly at: number };

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
    const { group, piece, pieces: count } = LDM_BLOCK.read(block);
    // Unused blocks have no piece.
    if (count === 0) return;
    if (count > MAX_PIECES || piece >= count) {
      this.damaged.push(at);
      return;
    }
    const content = block.subarray(LDM_BLOCK.size);
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
      if (!isDamage(error)) throw error;
      this.damaged.push(at);
    }
  }
}
