import { asciiText, type Bytes, Cursor, isZero, type Structure, structure } from '@deadbox/core';
import { ntfsError, type Place } from '../errors.js';
import { MAX_RECORD_SIZE, MIN_RECORD_SIZE } from '../limits.js';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';
import { applyFixups, FIXUP_OK, FIXUP_STRIDE } from '../record/fixup.js';

/** Flags of an index entry. */
export const IndexEntryFlag = { hasChild: 1, last: 2 } as const;

/** Flag of a node header: its entries have children. */
const NODE_HAS_CHILDREN = 1;

/** One entry of an index node. */
export interface IndexEntry {
  /** Byte offset in the node's bytes. */
  readonly offset: number;
  /** Length of the entry in bytes. */
  length: number;
  /** The key; empty in the last entry of a node. `$I30`: a whole `$FILE_NAME`. */
  readonly key: Bytes;
  /** `$I30`: the file that the entry names. Meaningless in views. */
  readonly reference: FileReference;
  /** Views: the data that goes with the key; empty in `$I30`. */
  readonly data: Bytes;
  /** Where the keys before this one are, in the index's own VCN unit. */
  readonly childVcn?: number;
  /** The end of the node; has no key. */
  readonly isLast: boolean;
  /** `$I30`: the name in the key, once it was decoded. */
  name?: string | undefined;
}

/** Something in a node that cannot be, or does not fit the rest of it. */
export interface IndexNodeProblem {
  readonly kind: 'entry-invalid' | 'entries-end' | 'child-flag';
  /** Byte offset in the node's bytes. */
  readonly offset: number;
  /** Name of the wrong field. */
  readonly field: string;
  /** What it should be, in words. */
  readonly expected: string;
  readonly found: number;
}

/** The entries of one node, those before the first damage. */
export interface IndexNode {
  /** The node's bytes after fixup: the value of the `$INDEX_ROOT`, or an `INDX` block. */
  readonly bytes: Bytes;
  /** The entries before any damage. */
  readonly entries: readonly IndexEntry[];
  /** First byte of the slack after the entries. */
  readonly usedEnd: number;
  /** Why parsing ended early. */
  readonly problem?: IndexNodeProblem;
  /** What did not end the parsing, but cannot be in an intact node. */
  readonly doubts: readonly IndexNodeProblem[];
}

/** A parsed `$INDEX_ROOT`. */
export interface IndexRoot {
  /** Type of the indexed attribute: 0x30 for `$I30`, 0 for views. */
  readonly indexedType: number;
  /** Collation rule: 1 = file name. */
  readonly collation: number;
  /** Bytes in an `INDX` block: this counts, not the boot sector. */
  readonly blockSize: number;
  /** The root node. */
  readonly node: IndexNode;
}

export const INDEX_ROOT_FIELDS = {
  indexedType: [0x00, 'u32', 'Type of the indexed attribute: 0x30 for $I30, 0 for views'],
  collation: [
    0x04,
    'u32',
    'Order of the keys',
    { values: { 0: 'binary', 1: 'file name', 2: 'unicode', 16: 'u32', 17: 'SID', 18: 'security hash', 19: 'u32s' } },
  ],
  blockSize: [0x08, 'u32', 'Bytes of an index block'],
  blockClusters: [0x0c, 'u8', 'Block size in clusters, or in 512-byte units where a cluster is larger'],
} as const;
/** What the value of `$INDEX_ROOT` begins with; a node header follows at byte 0x10. */
export const INDEX_ROOT: Structure<typeof INDEX_ROOT_FIELDS> = structure(
  'index-root',
  'ntfs-3g layout.h; Linux ntfs3',
  INDEX_ROOT_FIELDS,
);

export const INDEX_BLOCK_FIELDS = {
  signature: [0x00, 'ascii[4]', '"INDX"'],
  fixupOffset: [0x04, 'u16', 'Offset of the update sequence array'],
  fixupCount: [0x06, 'u16', 'Words of the update sequence array: 1 and one for each 512 bytes'],
  lsn: [0x08, 'u64big', 'Log sequence number of the last logged change'],
  vcn: [0x10, 'u64', 'Own cluster number in the index'],
} as const;
/** What a block of `$INDEX_ALLOCATION` begins with; a node header follows at byte 0x18. */
export const INDEX_BLOCK: Structure<typeof INDEX_BLOCK_FIELDS> = structure(
  'index-block',
  'ntfs-3g layout.h; Linux ntfs3',
  INDEX_BLOCK_FIELDS,
);

export const INDEX_NODE_FIELDS = {
  firstEntry: [0x00, 'u32', 'Offset of the first entry from this header'],
  usedSize: [0x04, 'u32', 'Bytes in use from this header, end entry included'],
  allocatedSize: [0x08, 'u32', 'Bytes of the node from this header'],
  flags: [0x0c, 'u32', 'Flags', { flags: { 1: 'has children' } }],
} as const;
/** The header of a node: of the root, and of each block. */
export const INDEX_NODE: Structure<typeof INDEX_NODE_FIELDS> = structure(
  'index-node',
  'ntfs-3g layout.h; Linux ntfs3',
  INDEX_NODE_FIELDS,
);

export const INDEX_ENTRY_FIELDS = {
  record: [0x00, 'u48', '$I30: record of the file; views: u16 offset and u16 length of the data'],
  sequence: [0x06, 'u16', '$I30: sequence number of the file'],
  length: [0x08, 'u16', 'Bytes of the entry, a multiple of 8'],
  keyLength: [0x0a, 'u16', 'Bytes of the key'],
  flags: [0x0c, 'u16', 'Flags', { flags: { 1: 'has a child', 2: 'last' } }],
  key: [
    0x10,
    'bytes[keyLength]',
    'Key; none in the last entry. The child cluster number is in the last 8 bytes of the entry',
  ],
} as const;
/** An entry of an index node. */
export const INDEX_ENTRY: Structure<typeof INDEX_ENTRY_FIELDS> = structure(
  'index-entry',
  'ntfs-3g layout.h; Linux ntfs3',
  INDEX_ENTRY_FIELDS,
);
const { fields: ENTRY } = INDEX_ENTRY;
/** Bytes of an entry before its key, and of a child cluster number behind it. */
const ENTRY_HEAD: number = ENTRY.key.offset;
const CHILD_VCN = 8;
const NOTHING: Bytes = new Uint8Array(0);
/** Where the node header stands in a root, and in a block. */
const ROOT_NODE = 0x10;
const BLOCK_NODE = 0x18;

/**
 * Parses the value of an `$INDEX_ROOT`, see {@link INDEX_ROOT} and {@link INDEX_NODE}.
 * @throws DeadboxError `NTFS_INDEX_INVALID`
 */
export function parseIndexRoot(value: Bytes, place: Place): IndexRoot {
  const root = new Cursor(value, place.layer ?? 'volume', place.offset);
  if (value.length < 0x20) throw invalid(place, 0, '$INDEX_ROOT length', 'at least 32 bytes', value.length);
  const { indexedType, collation, blockSize } = INDEX_ROOT.read(root);
  if (blockSize < MIN_RECORD_SIZE || blockSize > MAX_RECORD_SIZE || blockSize % FIXUP_STRIDE !== 0) {
    const expected = `a multiple of 512 up to ${MAX_RECORD_SIZE}`;
    throw invalid(place, INDEX_ROOT.fields.blockSize.offset, 'index block size', expected, blockSize);
  }
  const node = parseNode(root, ROOT_NODE, ROOT_NODE + INDEX_NODE.size, indexedType !== 0);
  return { indexedType, collation, blockSize, node };
}

/**
 * Parses one `INDX` block, see {@link INDEX_BLOCK} and {@link INDEX_NODE}. The given bytes stay as they are: fixups are
 * put right in a copy.
 * @param vcn - the VCN that the parent asked for
 * @param keyed - whether entries hold file references (`$I30`) rather than view data
 * @throws DeadboxError `NTFS_INDEX_INVALID`, `NTFS_RECORD_TORN`
 */
export function parseIndexBlock(stored: Bytes, vcn: number, keyed: boolean, place: Place): IndexNode {
  const bytes = new Uint8Array(stored);
  const block = new Cursor(bytes, place.layer ?? 'volume', place.offset);
  const { fixupOffset, fixupCount, vcn: vcnField } = INDEX_BLOCK.fields;
  if (asciiText(bytes, 0, 4) !== 'INDX')
    throw invalid(place, 0, 'index block signature', '"INDX"', `"${asciiText(bytes, 0, 4)}"`);
  const torn = applyFixups(bytes, 0, bytes.length);
  if (torn >= 0) {
    const at = place.offset + torn * FIXUP_STRIDE + FIXUP_STRIDE - 2;
    throw ntfsError(
      'NTFS_RECORD_TORN',
      `Index block at ${place.offset} is torn: the end of its stride ${torn} (byte ${at}) does not carry the update sequence number`,
      { ...place, offset: at },
      { stride: torn },
    );
  }
  if (torn !== FIXUP_OK)
    throw invalid(place, 4, 'update sequence array', 'inside the first 510 bytes', fixupOffset.read(block));
  const own = block.u64Number(vcnField.offset);
  if (own !== vcn) throw invalid(place, vcnField.offset, 'own VCN', String(vcn), own);
  const afterFixups = Math.ceil((fixupOffset.read(block) + 2 * fixupCount.read(block)) / 8) * 8;
  return parseNode(block, BLOCK_NODE, afterFixups, keyed);
}

/** Reads a node; what cannot be is told, and ends the reading only where nothing behind it can be trusted. */
function parseNode(node: Cursor, header: number, expectedFirst: number, keyed: boolean): IndexNode {
  const entries: IndexEntry[] = [];
  const doubts: IndexNodeProblem[] = [];
  const { firstEntry, usedSize, flags: nodeFlags } = INDEX_NODE.read(node, header);
  const end = header + usedSize;
  const { bytes } = node;
  const stop = (offset: number, field: string, expected: string, found: number): IndexNode => {
    const problem = { kind: 'entry-invalid', offset, field, expected, found } as const;
    return { bytes, entries, usedEnd: offset, problem, doubts };
  };
  if (end > bytes.length || end < header + INDEX_NODE.size + ENTRY_HEAD)
    return stop(header + INDEX_NODE.fields.usedSize.offset, 'used bytes', `32 to ${bytes.length - header}`, usedSize);
  const first = header + firstEntry;
  // Windows 2003 and 2008 format root indexes with 24 unused bytes in front; an entry that is skipped is not zero.
  if (first > expectedFirst && !isZero(node.bytes.subarray(expectedFirst, first)))
    doubts.push(doubt('entry-invalid', header, 'first entry', expectedFirst - header, firstEntry));
  for (let at = first; ; ) {
    if (at < header + INDEX_NODE.size || at + ENTRY_HEAD > end)
      return stop(at, 'entry offset', `inside ${end} bytes`, at);
    const length = node.u16(at + ENTRY.length.offset);
    const keyLength = node.u16(at + ENTRY.keyLength.offset);
    const flags = node.u16(at + ENTRY.flags.offset);
    const isLast = (flags & IndexEntryFlag.last) !== 0;
    const room = length - ENTRY_HEAD - ((flags & IndexEntryFlag.hasChild) === 0 ? 0 : CHILD_VCN);
    if (length % 8 !== 0 || room < 0 || at + length > end)
      return stop(at, 'entry length', `a multiple of 8, 16 to ${end - at}`, length);
    if (!isLast && keyLength > room) return stop(at, 'key length', `at most ${room}`, keyLength);
    addDoubts(doubts, { at, length, room, keyLength, flags, keyed, nodeFlags });
    entries.push(readEntry(node, at, { length, keyLength, flags, keyed }));
    at += length;
    if (!isLast) continue;
    if (at !== end) doubts.push(doubt('entries-end', at - length, 'last entry', end, at));
    return { bytes, entries, usedEnd: at, doubts };
  }
}

/** What does not fit in an entry that can be read. */
function addDoubts(
  doubts: IndexNodeProblem[],
  entry: {
    at: number;
    length: number;
    room: number;
    keyLength: number;
    flags: number;
    keyed: boolean;
    nodeFlags: number;
  },
): void {
  const { at, length, room, keyLength, flags, keyed, nodeFlags } = entry;
  const inner = (nodeFlags & NODE_HAS_CHILDREN) !== 0;
  if (((flags & IndexEntryFlag.hasChild) !== 0) !== inner)
    doubts.push(doubt('child-flag', at, 'entry flags', inner ? 'a child' : 'no child', flags));
  const exact = (flags & IndexEntryFlag.last) === 0 ? Math.ceil(keyLength / 8) * 8 : 0;
  if (keyed && room !== exact) doubts.push(doubt('entry-invalid', at, 'entry length', length - room + exact, length));
}

function readEntry(
  node: Cursor,
  at: number,
  { length, keyLength, flags, keyed }: { length: number; keyLength: number; flags: number; keyed: boolean },
): IndexEntry {
  const isLast = (flags & IndexEntryFlag.last) !== 0;
  return {
    offset: at,
    length,
    key: isLast ? NOTHING : node.slice(at + ENTRY_HEAD, keyLength),
    reference: fileReferenceAt(node, at),
    data: keyed || isLast ? NOTHING : viewData(node, at, length),
    ...((flags & IndexEntryFlag.hasChild) === 0 ? {} : { childVcn: node.u64Number(at + length - CHILD_VCN) }),
    isLast,
    name: undefined,
  };
}

function doubt(
  kind: IndexNodeProblem['kind'],
  offset: number,
  field: string,
  expected: number | string,
  found: number,
): IndexNodeProblem {
  return { kind, offset, field, expected: String(expected), found };
}

function viewData(node: Cursor, at: number, length: number): Bytes {
  const offset = node.u16(at);
  const size = node.u16(at + 2);
  return offset + size > length ? node.bytes.subarray(at, at) : node.slice(at + offset, size);
}

function invalid(place: Place, at: number, field: string, expected: string, found: string | number): Error {
  const offset = place.offset + at;
  return ntfsError(
    'NTFS_INDEX_INVALID',
    `${field} at ${offset} is ${found}, expected ${expected}`,
    { ...place, offset },
    { field, expected, found },
  );
}
