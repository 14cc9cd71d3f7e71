import { type Attribute, align8, nonResident, resident, TYPE } from './attribute.js';
import { type FileName, fileNameLength, NAME_SPACE, writeFileName, writeReference } from './file-name.js';
import { attributesAt } from './file-record.js';
import { buildIndex, type IndexEntry, indexEntry } from './index-tree.js';
import type { ClusterAllocator } from './layout.js';
import type { Sink } from './sink.js';
import type { FileEntry, Name } from './tree.js';
import { collationKey } from './up-case.js';

/** Bytes of clusters that a file's unnamed stream takes, as its names state it. */
export type AllocatedSize = (file: FileEntry) => number;

/** The values of the $FILE_NAME attributes that one name stands for: one, or a long and a short one. */
export function fileNames(file: FileEntry, name: Name, allocated: AllocatedSize): FileName[] {
  const common = {
    parentRecord: name.parent.record,
    parentSequence: name.parent.sequence,
    // Names keep the times of their making.
    times: {
      created: file.times.created,
      modified: file.times.created,
      changed: file.times.created,
      accessed: file.times.created,
    },
    allocated: file.directory ? 0 : allocated(file),
    size: file.directory ? 0 : file.size,
    attributes: file.attributes | (file.directory ? 0x1000_0000 : 0),
  };
  if (name.shortName === undefined) return [{ ...common, name: name.name, space: NAME_SPACE.both }];
  return [
    { ...common, name: name.name, space: NAME_SPACE.win32 },
    { ...common, name: name.shortName, space: NAME_SPACE.dos },
  ];
}

/** The $FILE_NAME attributes of a file, short ones first as Windows writes them. */
export function fileNameAttributes(file: FileEntry, allocated: AllocatedSize): Attribute[] {
  return file.names.flatMap((name) =>
    fileNames(file, name, allocated)
      .toReversed()
      .map((value) => {
        const bytes = new Uint8Array(fileNameLength(value.name));
        writeFileName(new DataView(bytes.buffer), 0, value);
        return resident(TYPE.fileName, bytes, { indexed: true });
      }),
  );
}

/** Entries of a folder's index in collation order. */
function sortedEntries(folder: FileEntry, allocated: AllocatedSize): IndexEntry[] {
  const keyed: { key: string; name: string; entry: IndexEntry }[] = [];
  for (const child of folder.children) {
    for (const value of fileNames(child.file, child.name, allocated)) {
      const { bytes, view } = indexEntry(fileNameLength(value.name));
      writeReference(view, 0, child.file.record, child.file.sequence);
      writeFileName(view, 0x10, value);
      keyed.push({ key: collationKey(value.name), name: value.name, entry: bytes });
    }
  }
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return keyed.map((item) => item.entry);
}

/** What a folder's index is written to. */
export interface IndexTarget {
  sink: Sink;
  allocator: ClusterAllocator;
  clusterSize: number;
  recordSize: number;
}

/** Builds and writes the $I30 index of a folder; `taken` bytes of its record are used by other attributes. */
export function folderIndex(
  folder: FileEntry,
  taken: number,
  target: IndexTarget,
  allocated: AllocatedSize,
): Attribute[] {
  const entries = sortedEntries(folder, allocated);
  const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
  // Head, name and fixed part of $INDEX_ROOT, with an end entry that may have a child; the end mark of the record.
  const free = target.recordSize - attributesAt(target.recordSize) - taken - 8 - (0x20 + 0x20 + 24);
  const options = { name: '$I30' };
  const kind = { type: TYPE.fileName, collation: 1, clusterSize: target.clusterSize };
  if (bytes <= free) return [resident(TYPE.indexRoot, buildIndex(entries, { ...kind, rootRoom: free }).root, options)];

  const likelyBlocks = Math.ceil(bytes / 2500);
  const bitmapInRecord = likelyBlocks <= 512;
  const allocationLength = align8(0x48 + 2 + folder.pieces * 8);
  const rootRoom = Math.min(
    400,
    free - allocationLength - (bitmapInRecord ? 0x20 + Math.ceil(likelyBlocks / 64) * 8 : 0x48 + 16),
  );
  const index = buildIndex(entries, { ...kind, rootRoom });
  const { sink, allocator, clusterSize } = target;
  const unit = Math.max(1, 4096 / clusterSize);
  const length = Math.ceil((index.blocks.length * 4096) / clusterSize);
  const runs = allocator.takePieces(length, folder.pieces, { first: unit, unit });
  const content = new Uint8Array(index.blocks.length * 4096);
  index.blocks.forEach((block, i) => content.set(block, i * 4096));
  let at = 0;
  for (const run of runs) {
    sink.write(run.lcn * clusterSize, content.subarray(at, at + run.length * clusterSize));
    at += run.length * clusterSize;
  }
  // One bit a block; bits of blocks that do not exist stay clear.
  const bitmap = new Uint8Array(Math.ceil(index.blocks.length / 64) * 8);
  for (let i = 0; i < index.blocks.length; i += 1) bitmap[i >> 3] |= 1 << (i & 7);
  const bitmapAttribute = bitmapInRecord
    ? resident(TYPE.bitmap, bitmap, options)
    : stored(TYPE.bitmap, bitmap, target, options);
  return [
    resident(TYPE.indexRoot, index.root, options),
    nonResident(TYPE.indexAllocation, runs, { size: content.length }, clusterSize, options),
    bitmapAttribute,
  ];
}

/** A non-resident attribute in one run, written at once. */
export function stored(
  type: number,
  content: Uint8Array,
  target: IndexTarget,
  options: { name?: string } = {},
): Attribute {
  const run = target.allocator.take(Math.max(1, Math.ceil(content.length / target.clusterSize)));
  target.sink.write(run.lcn * target.clusterSize, content);
  return nonResident(type, [run], { size: content.length }, target.clusterSize, options);
}
