import {
  type ByteSource,
  type Bytes,
  Cursor,
  type FileTime,
  formatGuid,
  type IssueLog,
  type ReadOptions,
} from '@deadbox/core';
import { addIssue, ntfsError } from '../errors.js';
import { MAX_SHADOW_COPIES } from '../limits.js';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';

/** Unit of shadow copies: catalog blocks, store blocks and copied data, bytes. */
export const SHADOW_BLOCK_SIZE = 0x4000;
/** Bytes of the head of a catalog or store block. */
export const SHADOW_BLOCK_HEAD = 128;
/** Identifies every structure of the Windows shadow copy provider. */
export const SHADOW_COPY_GUID = '3808876B-C176-4E48-B7AE-04046E6CC752';

const HEADER_OFFSET = 0x1e00;
const ENTRY_BYTES = 128;
const RECORD_VOLUME = 1;
const RECORD_CATALOG = 2;

/** Where the parts of a store lie; byte offsets on the volume. */
export interface ShadowStorePlaces {
  /** Byte offset on the volume of the block descriptors. */
  readonly blockList: number;
  /** Byte offset on the volume of the store's header. */
  readonly header: number;
  /** Byte offset on the volume of the list of ranges that the store occupies. */
  readonly rangeList: number;
  /** Byte offset on the volume of the bitmap. */
  readonly bitmap: number;
  /** 0 = none. */
  readonly previousBitmap: number;
  /** The file in `System Volume Information` that holds the store. */
  readonly file: FileReference;
}

/** A shadow copy as the catalog lists it. */
export interface ShadowCopy {
  /** 1 is the oldest, as `vshadowmount` numbers them. */
  readonly number: number;
  /** Names the store's file. */
  readonly storeId: string;
  /** When the copy was made. */
  readonly created: FileTime;
  /** Bytes of the volume when the copy was made. */
  readonly volumeSize: number;
  /** Absent when the data is kept on another volume: then it cannot be read from this one. */
  readonly places?: ShadowStorePlaces;
}

/** The shadow copy header of a volume, at byte 0x1E00. */
export interface ShadowVolumeHeader {
  /** 1: Vista and 7; 2: 8 and later. */
  readonly version: number;
  /** Byte offset on the volume; 0 = there are no shadow copies. */
  readonly catalogOffset: number;
  /** Bytes that the storage may take; 0 = no limit. */
  readonly maximumSize: number;
  /** The volume that the copies are of (GUID). */
  readonly volumeId: string;
  /** The volume on which the data is kept. */
  readonly storageVolumeId: string;
}

/** What a block's head says. */
export interface ShadowBlockHead {
  readonly recordType: number;
  /** Byte offset of the next block on the volume; 0 = none. */
  next: number;
  /** Only in store headers: bytes of the information that follows. */
  readonly informationSize: number;
}

/**
 * Reads the shadow copy header (libvshadow, "Volume Shadow Snapshot (VSS) format"): 0x00 GUID, 0x10 u32 version, 0x14 u32 type 1,
 * 0x30 u64 catalog offset, 0x38 u64 maximum size, 0x40 volume GUID, 0x50 storage volume GUID.
 * @returns `undefined` when the volume never had shadow copies
 */
export async function readShadowVolumeHeader(
  volume: ByteSource,
  options?: ReadOptions,
): Promise<ShadowVolumeHeader | undefined> {
  if (volume.size < HEADER_OFFSET + 512) return undefined;
  const bytes = await volume.read(HEADER_OFFSET, 512, options);
  const cursor = new Cursor(bytes, 'volume', HEADER_OFFSET);
  if (cursor.guid(0) !== SHADOW_COPY_GUID || cursor.u32(0x14) !== RECORD_VOLUME) return undefined;
  return {
    version: cursor.u32(0x10),
    catalogOffset: cursor.u64Number(0x30),
    maximumSize: cursor.u64Number(0x38),
    volumeId: cursor.guid(0x40),
    storageVolumeId: cursor.guid(0x50),
  };
}

/**
 * Parses the head of a catalog or store block: 0x00 GUID, 0x10 u32 version, 0x14 u32 record type, 0x28 u64 next block, 0x30 u64 size of
 * the store information.
 * @throws DeadboxError `NTFS_SHADOW_COPY_INVALID` when the GUID is not there
 */
export function parseShadowBlockHead(bytes: Bytes, offset: number): ShadowBlockHead {
  const found = bytes.length < SHADOW_BLOCK_HEAD ? `${bytes.length} bytes` : formatGuid(bytes.subarray(0, 16));
  if (found !== SHADOW_COPY_GUID) {
    throw ntfsError(
      'NTFS_SHADOW_COPY_INVALID',
      `Shadow copy block at ${offset} of the volume begins with ${found}, expected ${SHADOW_COPY_GUID}`,
      { offset },
      { found },
    );
  }
  const cursor = new Cursor(bytes, 'volume', offset);
  return { recordType: cursor.u32(0x14), next: cursor.u64Number(0x28), informationSize: cursor.u64Number(0x30) };
}

/**
 * Reads the blocks of a chain, one at a time.
 * @param type - record type that each block must have
 * @throws DeadboxError `NTFS_SHADOW_COPY_INVALID` for a block outside the volume, of another type, or met a second time
 */
export async function* readShadowBlocks(
  volume: ByteSource,
  first: number,
  type: number,
  options?: ReadOptions,
): AsyncGenerator<{ bytes: Bytes; offset: number; head: ShadowBlockHead }> {
  const visited = new Set<number>();
  for (let offset = first; offset !== 0; ) {
    options?.signal?.throwIfAborted();
    if (visited.has(offset))
      throw ntfsError('NTFS_SHADOW_COPY_INVALID', `Shadow copy blocks lead in a circle at ${offset} of the volume`, {
        offset,
      });
    visited.add(offset);
    if (!(offset + SHADOW_BLOCK_SIZE <= volume.size)) {
      throw ntfsError(
        'NTFS_SHADOW_COPY_INVALID',
        `Shadow copy block at ${offset} lies outside the volume of ${volume.size} bytes`,
        { offset: first },
        { offset },
      );
    }
    const bytes = await volume.read(offset, SHADOW_BLOCK_SIZE, options);
    const head = parseShadowBlockHead(bytes, offset);
    if (head.recordType !== type) {
      throw ntfsError(
        'NTFS_SHADOW_COPY_INVALID',
        `Shadow copy block at ${offset} of the volume has type ${head.recordType}, expected ${type}`,
        { offset: offset + 0x14 },
        { found: head.recordType, expected: type },
      );
    }
    yield { bytes, offset, head };
    offset = head.next;
  }
}

/**
 * Reads the catalog: entries of 128 bytes. Type 2: 0x08 u64 volume size, 0x10 store GUID, 0x30 FILETIME. Type 3: 0x08 u64 block list,
 * 0x10 store GUID, 0x20 u64 store header, 0x28 u64 range list, 0x30 u64 bitmap, 0x38 file reference, 0x48 u64 previous bitmap.
 * @param issues - gets one `ntfs.shadow-copy` for a chain that breaks; what was read before counts
 * @returns oldest first
 */
export async function readShadowCatalog(
  volume: ByteSource,
  catalogOffset: number,
  issues: IssueLog | undefined,
  options?: ReadOptions,
): Promise<ShadowCopy[]> {
  const copies = new Map<string, { created: FileTime; volumeSize: number }>();
  const places = new Map<string, ShadowStorePlaces>();
  try {
    for await (const { bytes, offset } of readShadowBlocks(volume, catalogOffset, RECORD_CATALOG, options)) {
      const cursor = new Cursor(bytes, 'volume', offset);
      for (let at = SHADOW_BLOCK_HEAD; at < SHADOW_BLOCK_SIZE && copies.size < MAX_SHADOW_COPIES; at += ENTRY_BYTES) {
        const type = cursor.u64Number(at);
        if (type === 2)
          copies.set(cursor.guid(at + 0x10), {
            created: cursor.u64(at + 0x30),
            volumeSize: cursor.u64Number(at + 0x08),
          });
        else if (type === 3) places.set(cursor.guid(at + 0x10), placesAt(cursor, at));
      }
    }
  } catch (error) {
    options?.signal?.throwIfAborted();
    addIssue(
      issues,
      'ntfs.shadow-copy',
      { offset: catalogOffset },
      { part: 'catalog', reason: (error as Error).message },
    );
  }
  const sorted = [...copies].sort(([, left], [, right]) =>
    left.created < right.created ? -1 : left.created > right.created ? 1 : 0,
  );
  return sorted.map(([storeId, copy], i) => {
    const found = places.get(storeId);
    return { number: i + 1, storeId, ...copy, ...(found === undefined ? {} : { places: found }) };
  });
}

function placesAt(cursor: Cursor, at: number): ShadowStorePlaces {
  return {
    blockList: cursor.u64Number(at + 0x08),
    header: cursor.u64Number(at + 0x20),
    rangeList: cursor.u64Number(at + 0x28),
    bitmap: cursor.u64Number(at + 0x30),
    file: fileReferenceAt(cursor, at + 0x38),
    previousBitmap: cursor.u64Number(at + 0x48),
  };
}
