import { type ByteSource, type Bytes, Cursor, defined, extentsOf, isDamage, type ReadOptions } from '@deadbox/core';
import { type FileName, parseFileName } from '../attributes/file-name.js';
import { AttributeType } from '../record/attribute.js';
import type { AttributeSet } from '../record/attribute-set.js';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';
import { parseIndexBlock } from './index-node.js';
import type { IndexTree } from './index-tree.js';

/** Bytes of a `$FILE_NAME` before its name. */
const FILE_NAME_HEAD = 0x42;
/** Bytes of an index entry before its key. */
const ENTRY_HEAD = 0x10;
/** Largest `$BITMAP` of a directory that is taken: enough for 2^27 blocks. */
const MAX_BITMAP = 1 << 24;
/** 1980-01-01 and 2100-01-01: a FILETIME outside is no trace of a file. */
const EARLIEST = 119_600_064_000_000_000n;
const LATEST = 157_469_184_000_000_000n;

/** A name found in the unused part of an index node: what was there before it was removed or moved. */
export interface SlackEntry {
  /** Byte offset of the `$FILE_NAME` in the node's bytes. */
  readonly offset: number;
  /** The name that was removed or moved. */
  readonly fileName: FileName;
  /** The file, when the head of the entry is still whole. */
  readonly reference?: FileReference;
}

/** Slack of one node of a directory's index. */
export interface SlackNode {
  /** The block's number in the index's own unit; absent for the root. */
  readonly vcn?: number;
  /** Byte offset of the node's bytes on the volume. */
  readonly offset: number;
  /** Whether the index still uses the block. Of a block that it does not use, all entries are old. */
  readonly inUse: boolean;
  /** What is left in the slack. */
  readonly entries: readonly SlackEntry[];
}

/**
 * Looks for old `$I30` entries in `bytes[from, to)`: a `$FILE_NAME` at a multiple of 8 with this parent, a name of
 * allowed characters, and four plausible times. When the 16 bytes before it are the head of an entry that fits, they
 * give the file reference.
 * @param parent - record number of the directory: names of other parents are chance
 */
export function parseIndexSlack(bytes: Bytes, from: number, to: number, parent: number): SlackEntry[] {
  const found: SlackEntry[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = Math.min(to, bytes.length);
  for (let at = Math.ceil(from / 8) * 8; at + FILE_NAME_HEAD + 2 <= end; ) {
    const length = FILE_NAME_HEAD + view.getUint8(at + 0x40) * 2;
    const matches =
      view.getUint32(at, true) === parent % 0x1_0000_0000 &&
      view.getUint16(at + 4, true) === Math.floor(parent / 0x1_0000_0000);
    const fileName = matches && at + length <= end ? parseFileName(bytes.subarray(at, at + length)) : undefined;
    if (fileName === undefined || !isPlausible(fileName)) {
      at += 8;
      continue;
    }
    // The head may lie before `from`, where the end entry of the live part has overwritten it.
    const head = at - ENTRY_HEAD;
    const whole =
      head >= from &&
      view.getUint16(head + 0x0a, true) === length &&
      view.getUint16(head + 8, true) >= ENTRY_HEAD + length &&
      view.getUint16(head + 8, true) % 8 === 0;
    const reference = whole ? fileReferenceAt(new Cursor(bytes), head) : undefined;
    found.push({ offset: at, fileName, ...defined({ reference }) });
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}

function isPlausible(name: FileName): boolean {
  for (const time of [name.created, name.modified, name.changed, name.accessed])
    if (time < EARLIEST || time > LATEST) return false;
  for (let i = 0; i < name.name.length; i += 1) {
    const unit = name.name.charCodeAt(i);
    // NUL and the slash are in no name space's names.
    if (unit === 0 || unit === 0x2f) return false;
  }
  return Number.isSafeInteger(name.size) && Number.isSafeInteger(name.allocatedSize);
}

/**
 * The slack of every block of a directory's index, and the whole of blocks that `$BITMAP` says are free. Blocks that
 * cannot be read or are torn are passed over: listing the directory reports them.
 * @param tree - the directory's `$I30`
 * @param attributes - of the directory
 */
export async function* readIndexSlack(
  tree: IndexTree,
  attributes: AttributeSet,
  options?: ReadOptions,
): AsyncGenerator<SlackNode> {
  const parent = attributes.base.number;
  const { node } = tree.root;
  const root = await attributes.find(AttributeType.indexRoot, '$I30', options);
  const inRoot = parseIndexSlack(node.bytes, node.usedEnd, node.bytes.length, parent);
  if (inRoot.length > 0 && root?.attribute.resident === true) {
    yield { offset: root.holder.place.offset + root.attribute.valueOffset, inUse: true, entries: inRoot };
  }
  const { blocks } = tree;
  if (blocks === undefined) return;
  const { blockSize } = tree.root;
  const used = await bitmapOf(attributes, options);
  for await (const { number, offset } of storedBlocks(blocks, blockSize, options)) {
    const inUse = used === undefined || ((used[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
    const vcn = (number * blockSize) / tree.unit;
    try {
      const bytes = await blocks.read(number * blockSize, blockSize, options);
      const block = parseIndexBlock(bytes, vcn, true, { offset, record: parent });
      const entries = parseIndexSlack(block.bytes, inUse ? block.usedEnd : 0x28, blockSize, parent);
      if (entries.length > 0) yield { vcn, offset, inUse, entries };
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
    }
  }
}

/** The blocks of an index that lie on the volume, by its runs: the size that the attribute states may be any number. */
async function* storedBlocks(
  blocks: ByteSource,
  blockSize: number,
  options?: ReadOptions,
): AsyncGenerator<{ number: number; offset: number }> {
  let next = 0;
  for await (const batch of extentsOf(blocks, 0, blocks.size, options)) {
    for (const { offset: at, length, origin } of batch) {
      if (origin === undefined) continue;
      for (next = Math.max(next, Math.floor(at / blockSize)); next * blockSize < at + length; next += 1) {
        options?.signal?.throwIfAborted();
        if ((next + 1) * blockSize > blocks.size) return;
        yield { number: next, offset: origin.offset + Math.max(0, next * blockSize - at) };
      }
    }
  }
}

async function bitmapOf(attributes: AttributeSet, options?: ReadOptions): Promise<Bytes | undefined> {
  const held = await attributes.find(AttributeType.bitmap, '$I30', options);
  return held === undefined ? undefined : attributes.value(held, MAX_BITMAP, options);
}
