import { type Bytes, Cursor, equalBytes, hasAscii } from '@deadbox/core';
import { expandLznt1Into } from '../compression/lznt1.js';
import { expandXpressLz77Into } from '../compression/xpress-lz77.js';
import { ntfsError } from '../errors.js';
import type { DedupPart } from './dedup-point.js';

/** Bytes of a chunk's head in a data container, and in a stream container. */
export const DATA_HEAD_BYTES = 0x58;
export const STREAM_HEAD_BYTES = 0x68;
/** Largest chunk that is taken, stored or expanded, bytes: Windows makes at most 128 KiB. */
export const MAX_CHUNK_BYTES: number = 1 << 20;

/** One chunk of a file, as its stream map lists it. */
export interface DedupChunk {
  readonly sequence: number;
  /** Name of the data container: `Data\XXXXXXXX.XXXXXXXX.ccc`. */
  readonly containerId: number;
  readonly generation: number;
  /** Byte offset of the chunk's head in it. */
  readonly offset: number;
  /** Byte range of the file. */
  readonly begin: number;
  readonly end: number;
  readonly storedSize: number;
  readonly digest: Bytes;
}

const MAP_RECORD_BYTES = 64;
const TYPE_DATA = 1;
const TYPE_STREAM = 2;
const COMPRESSION_LZNT1 = 1;
const COMPRESSION_XPRESS = 2;

/** CRC-64 of Windows' storage services: polynomial AD93D23594C93659, reflected. */
const POLYNOMIAL = 0x9a6c_9329_ac4b_c9b5n;
let table: BigUint64Array | undefined;

function crc64(bytes: Uint8Array, start: bigint): bigint {
  table ??= BigUint64Array.from({ length: 256 }, (_, index) => {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1n) === 0n ? value >> 1n : (value >> 1n) ^ POLYNOMIAL;
    return value;
  });
  let crc = start;
  for (const byte of bytes) crc = (crc >> 8n) ^ table[Number(crc & 0xffn) ^ byte];
  return crc ^ 0xffff_ffff_ffff_ffffn;
}

/**
 * Whether the last 8 bytes of a head are the CRC-64 of the others. Descriptions differ in the start value: either is
 * taken.
 */
function hasValidCrc(head: Bytes): boolean {
  const stored = new Cursor(head).u64(head.length - 8);
  const covered = head.subarray(0, head.length - 8);
  return crc64(covered, 0n) === stored || crc64(covered, 0xffff_ffff_ffff_ffffn) === stored;
}

/**
 * Checks the head of a stream map's chunk (ntfs-3g dedup plug-ins): 0x00 `Ckhr`, 0x08 u32 sequence, 0x0C u32 data
 * bytes, 0x10 u16 type 2, 0x38 digest of 16 bytes, 0x60 u64 CRC-64.
 * @returns what does not fit, or `undefined`
 */
export function checkStreamHead(head: Bytes, part: DedupPart): string | undefined {
  if (!hasAscii(head, 0, 'Ckhr')) return 'no signature Ckhr';
  const cursor = new Cursor(head);
  if (cursor.u16(0x10) !== TYPE_STREAM) return `type ${cursor.u16(0x10)}`;
  if (cursor.u32(0x08) !== part.sequence) return `sequence ${cursor.u32(0x08)}, expected ${part.sequence}`;
  if (cursor.u32(0x0c) !== part.mapSize) return `${cursor.u32(0x0c)} bytes, expected ${part.mapSize}`;
  if (!equalBytes(head.subarray(0x38, 0x48), part.digest)) return 'another digest than the reparse point';
  return hasValidCrc(head) ? undefined : 'a CRC-64 that does not fit';
}

/**
 * Parses a stream map: `Smap`, 4 bytes version, then records of 64 bytes: 0x00 u32 sequence, 0x04 u32 container, 0x08
 * u32 offset, 0x0C u32 generation, 0x10 u64 end in the file, 0x18 digest of 32 bytes, 0x38 u32 stored bytes.
 * @throws DeadboxError `NTFS_DEDUP_INVALID` when the chunks do not cover the part
 */
export function parseStreamMap(map: Bytes, part: DedupPart): DedupChunk[] {
  const layer = 'dedup stream map';
  const invalid = (what: string, offset: number): Error =>
    ntfsError('NTFS_DEDUP_INVALID', `Stream map ${what}`, { layer, offset });
  if (!hasAscii(map, 0, 'Smap')) throw invalid('has no signature Smap', 0);
  const cursor = new Cursor(map, layer);
  const chunks: DedupChunk[] = [];
  let begin = part.begin;
  for (let at = 8; at + MAP_RECORD_BYTES <= map.length && begin < part.end; at += MAP_RECORD_BYTES) {
    const end = cursor.u64Number(at + 0x10);
    const storedSize = cursor.u32(at + 0x38);
    const fits = end > begin && end - begin <= MAX_CHUNK_BYTES && end <= part.end;
    if (!fits || storedSize === 0 || storedSize > MAX_CHUNK_BYTES)
      throw invalid(`has a chunk from ${begin} to ${end} in ${storedSize} bytes (byte ${at})`, at);
    chunks.push({
      sequence: cursor.u32(at),
      containerId: cursor.u32(at + 0x04),
      offset: cursor.u32(at + 0x08),
      generation: cursor.u32(at + 0x0c),
      begin,
      end,
      storedSize,
      digest: cursor.slice(at + 0x18, 32),
    });
    begin = end;
  }
  if (begin !== part.end) throw invalid(`ends at byte ${begin} of the file, expected ${part.end}`, 0);
  return chunks;
}

/**
 * Expands a chunk after checking its head: 0x00 `Ckhr`, 0x0C u32 stored bytes, 0x10 u16 type 1, 0x20 u32 compression (0
 * none, 1 LZNT1, 2 plain XPRESS, 3 XPRESS Huffman), 0x28 digest of 32 bytes, 0x50 u64 CRC-64.
 * @param stored - head and data
 * @throws DeadboxError `NTFS_DEDUP_INVALID`, `NTFS_STREAM_UNSUPPORTED`
 */
export function expandDedupChunk(stored: Bytes, chunk: DedupChunk, container: string): Bytes {
  const place = { layer: container, offset: chunk.offset };
  const data = { chunk: chunk.sequence };
  const refuse = (what: string): Error =>
    ntfsError('NTFS_DEDUP_INVALID', `Chunk at byte ${chunk.offset} of ${container} has ${what}`, place, data);
  const head = stored.subarray(0, DATA_HEAD_BYTES);
  if (!hasAscii(head, 0, 'Ckhr')) throw refuse('no signature Ckhr');
  const cursor = new Cursor(head, container, chunk.offset);
  if (cursor.u16(0x10) !== TYPE_DATA) throw refuse(`type ${cursor.u16(0x10)}`);
  if (cursor.u32(0x0c) !== chunk.storedSize) throw refuse(`${cursor.u32(0x0c)} bytes, expected ${chunk.storedSize}`);
  if (!equalBytes(head.subarray(0x28, 0x48), chunk.digest)) throw refuse('another digest than the stream map');
  if (!hasValidCrc(head)) throw refuse('a CRC-64 that does not fit');
  const length = chunk.end - chunk.begin;
  if (chunk.storedSize === length) return stored.subarray(DATA_HEAD_BYTES, DATA_HEAD_BYTES + length);
  const method = cursor.u32(0x20);
  const expand =
    method === COMPRESSION_LZNT1 ? expandLznt1Into : method === COMPRESSION_XPRESS ? expandXpressLz77Into : undefined;
  if (expand === undefined) {
    const what = `uses compression ${method}, expected LZNT1 or XPRESS`;
    const message = `Chunk at byte ${chunk.offset} of ${container} ${what}`;
    throw ntfsError('NTFS_STREAM_UNSUPPORTED', message, place, { method });
  }
  const output = new Uint8Array(length);
  const result = expand(stored, DATA_HEAD_BYTES, DATA_HEAD_BYTES + chunk.storedSize, output, 0, length);
  if (result !== length) throw refuse(`compressed data that gives ${result} bytes, expected ${length}`);
  return output;
}
