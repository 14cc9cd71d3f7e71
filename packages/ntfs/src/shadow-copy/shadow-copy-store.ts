import { type ByteSource, type Bytes, Cursor, concatBytes, partitionPoint, type ReadOptions } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { MAX_SHADOW_BLOCKS } from '../limits.js';
import {
  parseShadowBlockHead,
  readShadowBlocks,
  SHADOW_BLOCK_HEAD,
  SHADOW_BLOCK_SIZE,
  type ShadowReadOptions,
  type ShadowStorePlaces,
} from './shadow-copy-catalog.js';

/** What the store header says about a shadow copy. */
export interface ShadowCopyInformation {
  /** Id of the copy (GUID): what `vssadmin` lists. */
  readonly copyId: string;
  /** Id of the set that the copy belongs to (GUID). */
  readonly copySetId: string;
  /** `VSS_CTX_…`. */
  readonly context: number;
  /** Bits of `VSS_VOLSNAP_ATTR_…`. */
  readonly attributes: number;
  /** Name of the machine that asked for the copy. */
  readonly operatingMachine: string;
  /** Name of the machine that made it. */
  readonly serviceMachine: string;
}

const RECORD_BLOCK_LIST = 3;
const RECORD_STORE_HEADER = 4;
const RECORD_BITMAP = 6;
const DESCRIPTOR_BYTES = 32;
const FLAG_FORWARDER = 1;
const FLAG_OVERLAY = 2;
const FLAG_UNUSED = 4;
const NONE = -1;

/**
 * Where a store says that bytes are: `absent` = it does not have them, `next` = the next newer store has them at
 * `offset`.
 */
export interface ShadowPlace {
  readonly kind: 'volume' | 'next' | 'absent';
  /** Byte offset; of `absent` as asked. */
  readonly offset: number;
  /** How many bytes from there on the answer holds for. */
  readonly length: number;
}

/**
 * The block list and bitmaps of one shadow copy, in columns. Rules for successive descriptors of one block are those
 * that libvshadow worked out ("Successive block descriptors" in its format document).
 */
export class ShadowStore {
  #count = 0;
  #original = new Float64Array(1024);
  #relative = new Float64Array(1024);
  #offset = new Float64Array(1024);
  #flags = new Uint8Array(1024);
  #bitmap = new Uint32Array(1024);
  /** Index of the descriptor that covers parts of the block, or {@link NONE}. */
  #overlay = new Int32Array(1024);
  /** By number of the original block. */
  readonly #forward = new Map<number, number>();
  /** Forwarders by number of the block that they lead to. */
  readonly #reverse = new Map<number, number>();
  /** Numbers of the original blocks, sorted. */
  #blocks: Float64Array = new Float64Array(0);
  #current: Bytes | undefined;
  #previous: Bytes | undefined;

  /**
   * Reads block list and bitmaps.
   * @throws DeadboxError `NTFS_SHADOW_COPY_INVALID` when a chain of blocks is broken
   */
  static async read(
    volume: ByteSource,
    places: ShadowStorePlaces,
    volumeSize: number,
    options: ShadowReadOptions = {},
  ): Promise<ShadowStore> {
    const store = new ShadowStore();
    for await (const { bytes, offset } of readShadowBlocks(volume, places.blockList, RECORD_BLOCK_LIST, options))
      store.#addBlock(bytes, offset);
    if (places.bitmap !== 0) store.#current = await readBitmap(volume, places.bitmap, volumeSize, options);
    if (places.previousBitmap !== 0)
      store.#previous = await readBitmap(volume, places.previousBitmap, volumeSize, options);
    store.#blocks = Float64Array.from(store.#forward.keys()).sort();
    return store;
  }

  /** Number of blocks that the store has an entry for. */
  get blockCount(): number {
    return this.#forward.size;
  }

  /**
   * Where `offset` of the snapshot lies.
   * @param active - whether this is the snapshot that is read: overlays count only then
   */
  locate(offset: number, active: boolean): ShadowPlace {
    const block = Math.floor(offset / SHADOW_BLOCK_SIZE);
    const inBlock = offset - block * SHADOW_BLOCK_SIZE;
    let length = SHADOW_BLOCK_SIZE - inBlock;
    const entry = this.#forward.get(block);
    if (entry === undefined)
      return { kind: 'absent', offset, length: this.#absentFrom(block) * SHADOW_BLOCK_SIZE - inBlock };
    const overlay = this.#overlayOf(entry);
    const isOverlay = overlay === entry;
    if (overlay !== NONE && active) {
      const covered = sectorRun(this.#bitmap[overlay], inBlock);
      if (covered.set) return { kind: 'volume', offset: this.#offset[overlay] + inBlock, length: covered.length };
      length = covered.length;
    }
    return isOverlay ? { kind: 'absent', offset, length } : this.#whole(entry, inBlock, length);
  }

  /** How many blocks from `block` on the store has no entry for, and says nothing else of. */
  #absentFrom(block: number): number {
    const bitmapEnd = (this.#current?.length ?? 0) * 8;
    if (block < bitmapEnd) return 1;
    const next = partitionPoint(this.#blocks.length, (index) => this.#blocks[index] < block);
    return Math.max(1, (this.#blocks[next] ?? Number.MAX_SAFE_INTEGER / SHADOW_BLOCK_SIZE) - block);
  }

  #whole(entry: number, inBlock: number, length: number): ShadowPlace {
    if ((this.#flags[entry] & FLAG_FORWARDER) !== 0)
      return { kind: 'next', offset: this.#relative[entry] + inBlock, length };
    return { kind: 'volume', offset: this.#offset[entry] + inBlock, length };
  }

  /**
   * Whether the block at `offset`, which no store has, was not in use: it reads as zeros. Only the newest copy knows.
   */
  isUnused(offset: number): boolean {
    const block = Math.floor(offset / SHADOW_BLOCK_SIZE);
    if (this.#reverse.has(block) || this.#current === undefined || !hasBit(this.#current, block)) return false;
    return this.#previous === undefined || hasBit(this.#previous, block);
  }

  /**
   * Descriptors of 32 bytes: 0x00 u64 original offset, 0x08 u64 relative offset, 0x10 u64 offset on the volume, 0x18
   * u32 flags (1 forwarder, 2 overlay, 4 unused), 0x1C u32 bitmap of 512-byte parts, lowest bit first.
   */
  #addBlock(bytes: Bytes, blockOffset: number): void {
    const cursor = new Cursor(bytes, 'volume', blockOffset);
    for (let at = SHADOW_BLOCK_HEAD; at + DESCRIPTOR_BYTES <= bytes.length; at += DESCRIPTOR_BYTES) {
      const original = cursor.u64Number(at);
      const relative = cursor.u64Number(at + 0x08);
      const offset = cursor.u64Number(at + 0x10);
      const flags = cursor.u32(at + 0x18);
      // The list's unused end is zero; a block at 0 that is kept at 0 says nothing either.
      if ((original === 0 && relative === 0 && offset === 0) || (flags & FLAG_UNUSED) !== 0) continue;
      if (
        original % SHADOW_BLOCK_SIZE !== 0 ||
        !Number.isSafeInteger(original) ||
        !Number.isSafeInteger(relative) ||
        !Number.isSafeInteger(offset)
      ) {
        const what = `is for byte ${original}, expected a multiple of ${SHADOW_BLOCK_SIZE}`;
        throw invalid(`Block descriptor at ${blockOffset + at} of the volume ${what}`, blockOffset + at);
      }
      this.#insert(original, relative, offset, flags, cursor.u32(at + 0x1c));
    }
  }

  #insert(original: number, relative: number, offset: number, flags: number, bitmap: number): void {
    let from = original;
    const isOverlay = (flags & FLAG_OVERLAY) !== 0;
    if (!isOverlay) {
      // A block that a forwarder led to has moved on: the forwarder's own block is meant.
      const reverse = this.#reverse.get(original / SHADOW_BLOCK_SIZE);
      if (reverse !== undefined) {
        from = this.#original[reverse];
        this.#reverse.delete(original / SHADOW_BLOCK_SIZE);
      }
    }
    const isForwarder = (flags & FLAG_FORWARDER) !== 0;
    if (isForwarder && from === relative) return;
    const key = from / SHADOW_BLOCK_SIZE;
    const existing = this.#forward.get(key);
    const overlay = existing === undefined ? NONE : this.#overlayOf(existing);
    if (existing !== undefined && isOverlay) {
      if (overlay !== NONE) this.#bitmap[overlay] = (this.#bitmap[overlay] | bitmap) >>> 0;
      else this.#overlay[existing] = this.#append(from, relative, offset, flags, bitmap, NONE);
      return;
    }
    const index = this.#append(from, relative, offset, flags, bitmap, overlay);
    this.#forward.set(key, index);
    if (isForwarder) this.#reverse.set(Math.floor(relative / SHADOW_BLOCK_SIZE), index);
  }

  #overlayOf(entry: number): number {
    return (this.#flags[entry] & FLAG_OVERLAY) !== 0 ? entry : this.#overlay[entry];
  }

  #append(original: number, relative: number, offset: number, flags: number, bitmap: number, overlay: number): number {
    const index = this.#count;
    if (index === MAX_SHADOW_BLOCKS) {
      throw ntfsError('NTFS_SHADOW_COPY_INVALID', `A shadow copy has more than ${MAX_SHADOW_BLOCKS} changed blocks`);
    }
    if (index === this.#flags.length) this.#grow();
    this.#original[index] = original;
    this.#relative[index] = relative;
    this.#offset[index] = offset;
    this.#flags[index] = flags & 0xff;
    this.#bitmap[index] = bitmap;
    this.#overlay[index] = overlay;
    this.#count = index + 1;
    return index;
  }

  #grow(): void {
    const length = this.#flags.length * 2;
    this.#original = copied(new Float64Array(length), this.#original);
    this.#relative = copied(new Float64Array(length), this.#relative);
    this.#offset = copied(new Float64Array(length), this.#offset);
    this.#flags = copied(new Uint8Array(length), this.#flags);
    this.#bitmap = copied(new Uint32Array(length), this.#bitmap);
    this.#overlay = copied(new Int32Array(length), this.#overlay);
  }
}

function copied<T extends { set(from: T): void }>(target: T, from: T): T {
  target.set(from);
  return target;
}

/** Whether the 512-byte part at `inBlock` is set in the bitmap, and for how many bytes the answer stays. */
function sectorRun(bitmap: number, inBlock: number): { set: boolean; length: number } {
  const first = Math.floor(inBlock / 512);
  const set = ((bitmap >>> first) & 1) !== 0;
  let end = first + 1;
  while (end < 32 && (((bitmap >>> end) & 1) !== 0) === set) end += 1;
  return { set, length: end * 512 - inBlock };
}

/** The bits of all blocks of the chain, as far as the volume goes: a chain that ends early says nothing of the rest. */
async function readBitmap(
  volume: ByteSource,
  first: number,
  volumeSize: number,
  options: ShadowReadOptions,
): Promise<Bytes> {
  const most = Math.ceil(volumeSize / SHADOW_BLOCK_SIZE / 8);
  const parts: Bytes[] = [];
  let length = 0;
  for await (const { bytes } of readShadowBlocks(volume, first, RECORD_BITMAP, options)) {
    const part = bytes.subarray(SHADOW_BLOCK_HEAD, SHADOW_BLOCK_HEAD + most - length);
    parts.push(part);
    length += part.length;
    if (length === most) break;
  }
  return concatBytes(parts);
}

function hasBit(bitmap: Bytes, number: number): boolean {
  return ((bitmap[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
}

/**
 * Reads the store header: after its 128 bytes 0x10 copy GUID, 0x20 copy set GUID, 0x30 u32 context, 0x38 u32
 * attributes, 0x40 u16 bytes and name of the operating machine, u16 bytes and name of the service machine.
 * @throws DeadboxError `NTFS_SHADOW_COPY_INVALID`, `CURSOR_OUT_OF_RANGE`
 */
export async function readShadowCopyInformation(
  volume: ByteSource,
  places: ShadowStorePlaces,
  options?: ReadOptions,
): Promise<ShadowCopyInformation> {
  const offset = places.header;
  if (!(offset > 0 && offset + SHADOW_BLOCK_SIZE <= volume.size)) {
    throw invalid(`Store header at ${offset} lies outside the volume of ${volume.size} bytes`, offset);
  }
  const bytes = await volume.read(offset, SHADOW_BLOCK_SIZE, options);
  const head = parseShadowBlockHead(bytes, offset);
  if (head.recordType !== RECORD_STORE_HEADER) {
    const what = `has type ${head.recordType}, expected ${RECORD_STORE_HEADER}`;
    throw invalid(`Store header at ${offset} of the volume ${what}`, offset + 0x14);
  }
  const cursor = new Cursor(bytes.subarray(SHADOW_BLOCK_HEAD), 'volume', offset + SHADOW_BLOCK_HEAD);
  const operating = cursor.u16(0x40);
  const service = cursor.u16(0x42 + operating);
  return {
    copyId: cursor.guid(0x10),
    copySetId: cursor.guid(0x20),
    context: cursor.u32(0x30),
    attributes: cursor.u32(0x38),
    operatingMachine: cursor.utf16(0x42, operating >> 1),
    serviceMachine: cursor.utf16(0x44 + operating, service >> 1),
  };
}

function invalid(what: string, offset: number): Error {
  return ntfsError('NTFS_SHADOW_COPY_INVALID', what, { offset });
}
