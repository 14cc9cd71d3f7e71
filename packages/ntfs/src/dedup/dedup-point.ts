import { type Bytes, Cursor, crc32, defined, type FileTime } from '@deadbox/core';
import { parseFilterBlock } from '../attributes/filter-block.js';
import { ntfsError } from '../errors.js';

/** One part of a deduplicated file: a stream map in a stream container. */
export interface DedupPart {
  /** Number of the stream map's chunk; finds it again after its container was compacted. */
  readonly sequence: number;
  /** The stream container: `Stream\XXXXXXXX.*.ccc`. */
  readonly streamId: number;
  /** Byte offset of the chunk's head in that container. */
  readonly offset: number;
  /** Bytes of the stream map. */
  readonly mapSize: number;
  /** First 16 bytes of the map's digest, as its head repeats it. */
  readonly digest: Bytes;
  /** Byte range of the file. */
  readonly begin: number;
  /** Byte offset after the part. */
  readonly end: number;
}

/** What the reparse point of a deduplicated file says. */
export interface DedupPoint {
  /** The chunk store: `System Volume Information\Dedup\ChunkStore\{…}.ddp`. */
  readonly storeId: string;
  /** When the file was optimized. */
  readonly optimized?: FileTime;
  /** Bytes of content. */
  readonly size?: number;
  /** Where the content is, in the order of the file. */
  readonly parts: readonly DedupPart[];
}

const LAYER = 'dedup reparse data';
const HEAD_BYTES = 4;
const PART_BYTES = 64;
const INDEX_STORE = 2;
const INDEX_TIME = 3;
const INDEX_SIZE = 4;
const INDEX_DEDUP = 8;
const INDEX_PARTS = 2;

/**
 * Parses the reparse data of a deduplicated file (tag 80000013). Layout as the ntfs-3g dedup plug-ins record it: 0x00
 * u8 major, u8 minor, u16 length; a block `FeRp` whose elements are 2 store GUID, 3 time, 4 size, 8 a block `DdRp` with
 * element 2: parts of 64 bytes (0x00 u32 sequence, 0x04 u32 stream id, 0x08 u32 offset, 0x18 u32 map bytes, 0x20
 * digest, 0x30 u64 end, 0x38 u64 begin); the last 4 bytes are the CRC-32 of all before them.
 * @throws DeadboxError `NTFS_DEDUP_INVALID` when a checksum does not fit or a part is missing,
 * `NTFS_STREAM_UNSUPPORTED` for the short form
 *   of Windows Server 2012, `NTFS_REPARSE_POINT_INVALID`, `CURSOR_OUT_OF_RANGE`
 */
export function parseDedupPoint(data: Bytes): DedupPoint {
  const cursor = new Cursor(data, LAYER);
  if (data.length < HEAD_BYTES + 24) throw invalid(0, `has ${data.length} bytes`);
  const major = cursor.u8(0);
  if (major < 2) {
    const what = `Deduplication format ${major}.${cursor.u8(1)} is not read, only 2.x and 3.x`;
    throw ntfsError('NTFS_STREAM_UNSUPPORTED', what, { layer: LAYER, offset: 0 }, { major });
  }
  if (crc32(data.subarray(0, data.length - 4)) !== cursor.u32(data.length - 4))
    throw invalid(data.length - 4, 'does not fit its CRC-32');
  const file = parseFilterBlock(cursor.slice(HEAD_BYTES, data.length - HEAD_BYTES - 4), 'FeRp', LAYER, HEAD_BYTES);
  const element = (index: number, least: number): Bytes | undefined =>
    file.elements.find((candidate) => candidate.index === index && candidate.value.length >= least)?.value;
  const store = element(INDEX_STORE, 16);
  const dedup = element(INDEX_DEDUP, 16);
  if (store === undefined || dedup === undefined) throw invalid(HEAD_BYTES, 'names no chunk store or no parts');
  const list = parseFilterBlock(dedup, 'DdRp', LAYER, HEAD_BYTES).elements.find(
    (candidate) => candidate.index === INDEX_PARTS,
  )?.value;
  if (list === undefined || list.length < PART_BYTES) throw invalid(HEAD_BYTES, 'names no parts');
  const time = element(INDEX_TIME, 8);
  const size = element(INDEX_SIZE, 8);
  return {
    storeId: new Cursor(store, LAYER).guid(0),
    ...defined({
      optimized: time && new Cursor(time, LAYER).u64(0),
      size: size && new Cursor(size, LAYER).u64Number(0),
    }),
    parts: partsOf(list),
  };
}

function partsOf(list: Bytes): DedupPart[] {
  const cursor = new Cursor(list, LAYER);
  const parts: DedupPart[] = [];
  let expected = 0;
  for (let at = 0; at + PART_BYTES <= list.length; at += PART_BYTES) {
    const begin = cursor.u64Number(at + 0x38);
    const end = cursor.u64Number(at + 0x30);
    if (begin !== expected || !Number.isSafeInteger(end) || end <= begin)
      throw invalid(at, `has a part from ${begin} to ${end}, expected one from ${expected}`);
    parts.push({
      sequence: cursor.u32(at),
      streamId: cursor.u32(at + 0x04),
      offset: cursor.u32(at + 0x08),
      mapSize: cursor.u32(at + 0x18),
      digest: cursor.slice(at + 0x20, 16),
      begin,
      end,
    });
    expected = end;
  }
  return parts;
}

function invalid(offset: number, what: string): Error {
  const message = `Reparse data of a deduplicated file ${what} (byte ${offset})`;
  return ntfsError('NTFS_DEDUP_INVALID', message, { layer: LAYER, offset });
}
