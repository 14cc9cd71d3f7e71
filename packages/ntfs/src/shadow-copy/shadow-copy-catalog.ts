import {
  type ByteSource,
  type Bytes,
  Cursor,
  defined,
  type FileTime,
  formatGuid,
  type IssueLog,
  isDamage,
  type ReadOptions,
  type Structure,
  structure,
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

const SOURCE = 'libvshadow, Volume Shadow Snapshot (VSS) format';

export const SHADOW_VOLUME_HEADER_FIELDS = {
  identifier: [0x00, 'guid', '3808876B-C176-4E48-B7AE-04046E6CC752'],
  version: [0x10, 'u32', '1: Vista and 7; 2: 8 and later'],
  recordType: [0x14, 'u32', '1'],
  catalogOffset: [0x30, 'u64', 'Byte of the volume where the catalog begins; 0 = there are no copies'],
  maximumSize: [0x38, 'u64', 'Bytes that the storage may take; 0 = no limit'],
  volumeId: [0x40, 'guid', 'The volume that the copies are of'],
  storageVolumeId: [0x50, 'guid', 'The volume on which the data is kept'],
} as const;
/** At byte 0x1E00 of the volume. */
export const SHADOW_VOLUME_HEADER: Structure<typeof SHADOW_VOLUME_HEADER_FIELDS> = structure(
  'shadow-volume-header',
  SOURCE,
  SHADOW_VOLUME_HEADER_FIELDS,
);

export const SHADOW_BLOCK_FIELDS = {
  identifier: [0x00, 'guid', '3808876B-C176-4E48-B7AE-04046E6CC752'],
  version: [0x10, 'u32', 'Version'],
  recordType: [
    0x14,
    'u32',
    'Kind',
    { values: { 2: 'catalog', 3: 'block list', 4: 'store header', 5: 'ranges', 6: 'bitmap' } },
  ],
  next: [0x28, 'u64', 'Byte of the volume where the next block begins; 0 = none'],
  informationSize: [0x30, 'u64', 'Bytes of information behind the head of a store header'],
} as const;
/** Head of a block of catalog or store. */
export const SHADOW_BLOCK: Structure<typeof SHADOW_BLOCK_FIELDS> = structure(
  'shadow-block',
  SOURCE,
  SHADOW_BLOCK_FIELDS,
);

export const SHADOW_COPY_ENTRY_FIELDS = {
  type: [0x00, 'u64big', '2'],
  volumeSize: [0x08, 'u64', 'Bytes of the volume when the copy was made'],
  storeId: [0x10, 'guid', 'Names the file of the store'],
  created: [0x30, 'filetime', 'When the copy was made'],
} as const;
/** Catalog entry that says which copy a store is. */
export const SHADOW_COPY_ENTRY: Structure<typeof SHADOW_COPY_ENTRY_FIELDS> = structure(
  'shadow-copy-entry',
  SOURCE,
  SHADOW_COPY_ENTRY_FIELDS,
);

export const SHADOW_STORE_ENTRY_FIELDS = {
  type: [0x00, 'u64big', '3'],
  blockList: [0x08, 'u64', 'Byte of the volume where the block list begins'],
  storeId: [0x10, 'guid', 'Names the file of the store'],
  header: [0x20, 'u64', 'Byte of the volume of the store header'],
  rangeList: [0x28, 'u64', 'Byte of the volume of the list of ranges of the store'],
  bitmap: [0x30, 'u64', 'Byte of the volume of the bitmap of unused blocks'],
  file: [0x38, 'u64big', 'File record and sequence number of the file of the store'],
  previousBitmap: [0x48, 'u64', 'Byte of the volume of the bitmap of the copy before; 0 = none'],
} as const;
/** Catalog entry that says where the parts of a store lie. */
export const SHADOW_STORE_ENTRY: Structure<typeof SHADOW_STORE_ENTRY_FIELDS> = structure(
  'shadow-store-entry',
  SOURCE,
  SHADOW_STORE_ENTRY_FIELDS,
);

const HEADER_OFFSET = 0x1e00;
const ENTRY_BYTES = 128;
const RECORD_VOLUME = 1;
const RECORD_CATALOG = 2;
const ENTRY_COPY = 2n;
const ENTRY_STORE = 3n;

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
  readonly next: number;
  /** Only in store headers: bytes of the information that follows. */
  readonly informationSize: number;
}

/**
 * Reads the shadow copy header.
 * @returns `undefined` when the volume never had shadow copies
 */
export async function readShadowVolumeHeader(
  volume: ByteSource,
  options?: ReadOptions,
): Promise<ShadowVolumeHeader | undefined> {
  if (volume.size < HEADER_OFFSET + 512) return undefined;
  const cursor = new Cursor(await volume.read(HEADER_OFFSET, 512, options), 'volume', HEADER_OFFSET);
  const { identifier, recordType } = SHADOW_VOLUME_HEADER.fields;
  if (identifier.read(cursor) !== SHADOW_COPY_GUID || recordType.read(cursor) !== RECORD_VOLUME) return undefined;
  const { version, catalogOffset, maximumSize, volumeId, storageVolumeId } = SHADOW_VOLUME_HEADER.read(cursor);
  return { version, catalogOffset, maximumSize, volumeId, storageVolumeId };
}

/**
 * Parses the head of a catalog or store block.
 * @throws DeadboxError `NTFS_SHADOW_COPY_INVALID` when the GUID is not there, `NUMBER_TOO_LARGE`
 */
export function parseShadowBlockHead(bytes: Bytes, offset: number): ShadowBlockHead {
  const found = formatGuid(bytes.subarray(0, 16));
  if (found !== SHADOW_COPY_GUID) {
    throw ntfsError(
      'NTFS_SHADOW_COPY_INVALID',
      `Shadow copy block at ${offset} of the volume begins with ${found}, expected ${SHADOW_COPY_GUID}`,
      { offset },
      { found },
    );
  }
  const { recordType, next, informationSize } = SHADOW_BLOCK.read(new Cursor(bytes, 'volume', offset));
  return { recordType, next, informationSize };
}

/** Options of the reading of chains. */
export interface ShadowReadOptions extends ReadOptions {
  /** Gets the blocks that the chains lead to; no block is met twice. */
  readonly visited?: Set<number>;
  /** Blocks of other stores: none belongs to two, or the product of all chains would have no bound. */
  readonly taken?: ReadonlySet<number>;
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
  options: ShadowReadOptions = {},
): AsyncGenerator<{ bytes: Bytes; offset: number; head: ShadowBlockHead }> {
  const { visited = new Set<number>(), taken } = options;
  for (let offset = first; offset !== 0; ) {
    options.signal?.throwIfAborted();
    if (visited.has(offset) || taken?.has(offset) === true)
      throw ntfsError(
        'NTFS_SHADOW_COPY_INVALID',
        `Shadow copy blocks lead in a circle, or to those of another copy, at ${offset} of the volume`,
        {
          offset,
        },
      );
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
 * Reads the catalog.
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
      for (let at = SHADOW_BLOCK_HEAD; at < SHADOW_BLOCK_SIZE; at += ENTRY_BYTES) takeEntry(cursor, at, copies, places);
      if (Math.max(copies.size, places.size) < MAX_SHADOW_COPIES) continue;
      const reason = `the catalog goes on behind ${MAX_SHADOW_COPIES} copies`;
      addIssue(issues, 'ntfs.shadow-copy', { offset }, { part: 'catalog', reason });
      break;
    }
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    addIssue(issues, 'ntfs.shadow-copy', { offset: catalogOffset }, { part: 'catalog', reason: error.message });
  }
  const sorted = [...copies].sort(([, left], [, right]) =>
    left.created < right.created ? -1 : left.created > right.created ? 1 : 0,
  );
  return sorted.map(([storeId, copy], i) => defined({ number: i + 1, storeId, ...copy, places: places.get(storeId) }));
}

function takeEntry(
  cursor: Cursor,
  at: number,
  copies: Map<string, { created: FileTime; volumeSize: number }>,
  places: Map<string, ShadowStorePlaces>,
): void {
  const type = SHADOW_COPY_ENTRY.fields.type.read(cursor, at);
  if (type === ENTRY_COPY) {
    const { storeId, created, volumeSize } = SHADOW_COPY_ENTRY.read(cursor, at);
    copies.set(storeId, { created, volumeSize });
  } else if (type === ENTRY_STORE) {
    const { type: _, storeId, ...parts } = SHADOW_STORE_ENTRY.read(cursor, at);
    places.set(storeId, { ...parts, file: fileReferenceAt(cursor, at + SHADOW_STORE_ENTRY.fields.file.offset) });
  }
}
