import { align8 } from './attribute.js';
import { writeU64 } from './file-name.js';
import { protect } from './file-record.js';

/** An entry of an index without its child: head of 16 bytes and key (and data, for views), padded to 8. */
export type IndexEntry = Uint8Array;

/** A finished index: the value of $INDEX_ROOT, and the blocks of $INDEX_ALLOCATION. */
export interface Index {
  root: Uint8Array;
  blocks: Uint8Array[];
}

/** What kind of index it is. */
export interface IndexKind {
  /** Indexed attribute type, 0x30 for names and 0 for views. */
  type: number;
  collation: number;
  clusterSize: number;
  /** Bytes that $INDEX_ROOT's entries may take, the end entry aside. */
  rootRoom: number;
  /** How full blocks are made, 0 to 1. Default 0.8. */
  fill?: number;
}

interface Node {
  items: { entry: IndexEntry; child: number }[];
  /** Child of the end entry, -1 in a leaf. */
  last: number;
}

const BLOCK = 4096;
const FIRST_ENTRY = 0x40;
const END_LEAF = 16;
const END_INNER = 24;

/** Builds the B-tree of `entries`, which are in collation order, from the leaves up. */
export function buildIndex(entries: readonly IndexEntry[], kind: IndexKind): Index {
  const nodes: Node[] = [];
  let level: Node = { items: entries.map((entry) => ({ entry, child: -1 })), last: -1 };
  while (sizeOf(level.items) > kind.rootRoom) level = splitLevel(level, nodes, kind.fill ?? 0.8);
  // Blocks are addressed in clusters, or in 512-byte units where a cluster is larger than a block.
  const unit = kind.clusterSize <= BLOCK ? BLOCK / kind.clusterSize : BLOCK / 512;
  const blocks = nodes.map((node, index) => blockOf(node, index, unit));
  return { root: rootOf(level, kind, unit), blocks };
}

function sizeOf(items: Node['items']): number {
  return items.reduce((sum, item) => sum + item.entry.length + (item.child < 0 ? 0 : 8), 0);
}

/** Cuts a level into nodes; the entries between them make the next level. No node is left empty. */
function splitLevel(level: Node, nodes: Node[], fill: number): Node {
  const inner = level.last >= 0;
  const room = Math.floor((BLOCK - FIRST_ENTRY - (inner ? END_INNER : END_LEAF)) * fill);
  const above: Node['items'] = [];
  let current: Node['items'] = [];
  let size = 0;
  const close = (separator: Node['items'][number]): void => {
    nodes.push({ items: current, last: separator.child });
    above.push({ entry: separator.entry, child: nodes.length - 1 });
    current = [];
    size = 0;
  };
  for (const [index, item] of level.items.entries()) {
    const length = item.entry.length + (inner ? 8 : 0);
    if (size + length > room && current.length > 0) {
      if (index === level.items.length - 1) close(current.pop() as Node['items'][number]);
      else {
        close(item);
        continue;
      }
    }
    current.push(item);
    size += length;
  }
  nodes.push({ items: current, last: level.last });
  return { items: above, last: nodes.length - 1 };
}

/** Entries of a node one after another, the end entry included. */
function writeEntries(node: Node, target: Uint8Array, at: number, unit: number): number {
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  let end = at;
  for (const { entry, child } of [...node.items, { entry: endEntry(), child: node.last }]) {
    target.set(entry, end);
    const length = entry.length + (child < 0 ? 0 : 8);
    if (child >= 0) {
      view.setUint16(end + 0x08, length, true);
      view.setUint16(end + 0x0c, view.getUint16(end + 0x0c, true) | 1, true);
      writeU64(view, end + length - 8, child * unit);
    }
    end += length;
  }
  return end;
}

function endEntry(): IndexEntry {
  const entry = new Uint8Array(16);
  const view = new DataView(entry.buffer);
  view.setUint16(0x08, 16, true);
  view.setUint16(0x0c, 2, true);
  return entry;
}

function blockOf(node: Node, index: number, unit: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const view = new DataView(block.buffer);
  view.setUint32(0, 0x58444e49, true);
  view.setUint16(0x04, 0x28, true);
  view.setUint16(0x06, BLOCK / 512 + 1, true);
  writeU64(view, 0x10, index * unit);
  view.setUint32(0x18, FIRST_ENTRY - 0x18, true);
  view.setUint32(0x1c, writeEntries(node, block, FIRST_ENTRY, unit) - 0x18, true);
  view.setUint32(0x20, BLOCK - 0x18, true);
  view.setUint32(0x24, node.last < 0 ? 0 : 1, true);
  protect(view, 0x28, BLOCK, 1 + (index % 0xfff0));
  return block;
}

function rootOf(node: Node, kind: IndexKind, unit: number): Uint8Array {
  const scratch = new Uint8Array(0x20 + sizeOf(node.items) + END_INNER);
  const view = new DataView(scratch.buffer);
  view.setUint32(0x00, kind.type, true);
  view.setUint32(0x04, kind.collation, true);
  view.setUint32(0x08, BLOCK, true);
  view.setUint8(0x0c, unit);
  const used = writeEntries(node, scratch, 0x20, unit) - 0x10;
  view.setUint32(0x10, 0x10, true);
  view.setUint32(0x14, used, true);
  view.setUint32(0x18, used, true);
  view.setUint32(0x1c, node.last < 0 ? 0 : 1, true);
  return scratch.slice(0, 0x10 + used);
}

/**
 * An entry head with its key: for directories the reference of the file, for views the place of the data behind the
 * key.
 */
export function indexEntry(keyLength: number, dataLength = 0): { bytes: Uint8Array; view: DataView } {
  const dataAt = dataLength === 0 ? 0 : 0x10 + keyLength;
  const bytes = new Uint8Array(align8(0x10 + keyLength + dataLength));
  const view = new DataView(bytes.buffer);
  if (dataLength > 0) {
    view.setUint16(0x00, dataAt, true);
    view.setUint16(0x02, dataLength, true);
  }
  view.setUint16(0x08, bytes.length, true);
  view.setUint16(0x0a, keyLength, true);
  return { bytes, view };
}
