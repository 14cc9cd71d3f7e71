import { asciiText, type Bytes, Cursor, isZero } from '@deadbox/core';
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
  /** What it is. */
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

/**
 * Parses the value of an `$INDEX_ROOT`. Sources: ntfs-3g layout.h, Linux ntfs3.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 / 0x04 | u32 | indexed attribute type / collation |
 * | 0x08 | u32 | block size in bytes |
 * | 0x10 | 16 | node header |
 *
 * @throws DeadboxError `NTFS_INDEX_INVALID`
 */
export function parseIndexRoot(value: Bytes, place: Place): IndexRoot {
  const root = new Cursor(value, place.layer ?? 'volume', place.offset);
  if (value.length < 0x20) throw invalid(place, 0, '$INDEX_ROOT length', 'at least 32 bytes', value.length);
  const blockSize = root.u32(8);
  if (blockSize < MIN_RECORD_SIZE || blockSize > MAX_RECORD_SIZE || blockSize % FIXUP_STRIDE !== 0) {
    throw invalid(place, 8, 'index block size', `a multiple of 512 up to ${MAX_RECORD_SIZE}`, blockSize);
  }
  const indexedType = root.u32(0);
  return { indexedType, collation: root.u32(4), blockSize, node: parseNode(root, 0x10, 0x20, indexedType !== 0) };
}

/**
 * Parses one `INDX` block. The given bytes stay as they are: fixups are put right in a copy.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 | 4 | `INDX` |
 * | 0x10 | u64 | own VCN |
 * | 0x18 | 16 | node header |
 *
 * @param vcn - the VCN that the parent asked for
 * @param keyed - whether entries hold file references (`$I30`) rather than view data
 * @throws DeadboxError `NTFS_INDEX_INVALID`, `NTFS_RECORD_TORN`
 */
export function parseIndexBlock(stored: Bytes, vcn: number, keyed: boolean, place: Place): IndexNode {
  const bytes = new Uint8Array(stored);
  const block = new Cursor(bytes, place.layer ?? 'volume', place.offset);
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
  if (torn !== FIXUP_OK) throw invalid(place, 4, 'update sequence array', 'inside the first 510 bytes', block.u16(4));
  const own = block.u64Number(0x10);
  if (own !== vcn) throw invalid(place, 0x10, 'own VCN', String(vcn), own);
  const afterFixups = Math.ceil((block.u16(4) + 2 * block.u16(6)) / 8) * 8;
  return parseNode(block, 0x18, afterFixups, keyed);
}

/**
 * Node header: u32 offset of the first entry, u32 used bytes, u32 allocated bytes (all from the header), u32 flags.
 *
 * | off | size | entry |
 * |---|---|---|
 * | 0x00 | ref | file (`$I30`); views: u16 data offset, u16 data length |
 * | 0x08 / 0x0A | u16 | entry length / key length |
 * | 0x0C | u16 | flags: 1 has child, 2 last |
 * | 0x10 | | key |
 * | length - 8 | u64 | child VCN |
 */
function parseNode(node: Cursor, header: number, expectedFirst: number, keyed: boolean): IndexNode {
  const entries: IndexEntry[] = [];
  const doubts: IndexNodeProblem[] = [];
  const end = header + node.u32(header + 4);
  const { bytes } = node;
  const stop = (offset: number, field: string, expected: string, found: number): IndexNode => ({
    bytes,
    entries,
    usedEnd: offset,
    problem: { kind: 'entry-invalid', offset, field, expected, found },
    doubts,
  });
  const doubt = (
    kind: IndexNodeProblem['kind'],
    offset: number,
    field: string,
    expected: number | string,
    found: number,
  ): void => void doubts.push({ kind, offset, field, expected: String(expected), found });
  if (end > bytes.length || end < header + 0x20)
    return stop(header + 4, 'used bytes', `32 to ${bytes.length - header}`, end - header);
  const first = header + node.u32(header);
  // Windows 2003 and 2008 format root indexes with 24 unused bytes in front; an entry that is skipped is not zero.
  if (first > expectedFirst && !isZero(bytes.subarray(expectedFirst, first)))
    doubt('entry-invalid', header, 'first entry', expectedFirst - header, first - header);
  const inner = (node.u32(header + 0x0c) & NODE_HAS_CHILDREN) !== 0;
  for (let at = first; ; ) {
    if (at < header + 0x10 || at + 0x10 > end) return stop(at, 'entry offset', `inside ${end} bytes`, at);
    const length = node.u16(at + 8);
    const keyLength = node.u16(at + 0x0a);
    const flags = node.u16(at + 0x0c);
    const isLast = (flags & IndexEntryFlag.last) !== 0;
    const hasChild = (flags & IndexEntryFlag.hasChild) !== 0;
    const room = length - (hasChild ? 8 : 0);
    if (length % 8 !== 0 || length < 0x10 || room < 0x10 || at + length > end)
      return stop(at, 'entry length', `a multiple of 8, 16 to ${end - at}`, length);
    if (!isLast && 0x10 + keyLength > room) return stop(at, 'key length', `at most ${room - 0x10}`, keyLength);
    if (hasChild !== inner) doubt('child-flag', at, 'entry flags', inner ? 'a child' : 'no child', flags);
    const exact = isLast ? 0x10 : Math.ceil((0x10 + keyLength) / 8) * 8;
    if (keyed && room !== exact) doubt('entry-invalid', at, 'entry length', exact + length - room, length);
    entries.push({
      offset: at,
      length,
      key: isLast ? bytes.subarray(at, at) : node.slice(at + 0x10, keyLength),
      reference: fileReferenceAt(node, at),
      data: keyed || isLast ? bytes.subarray(at, at) : viewData(node, at, length),
      ...(hasChild ? { childVcn: node.u64Number(at + length - 8) } : {}),
      isLast,
    });
    at += length;
    if (!isLast) continue;
    if (at !== end) doubt('entries-end', at - length, 'last entry', end, at);
    return { bytes, entries, usedEnd: at, doubts };
  }
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
