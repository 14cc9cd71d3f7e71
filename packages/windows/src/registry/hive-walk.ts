import { type Bytes, defined, type FileTime, fileTimeText, type Json, sha256Hex } from '@deadbox/core';
import { HIVE_WORK, MAX_KEY_DEPTH } from '../limits.js';
import { readValueData } from './big-data.js';
import { type HiveContext, isExhausted, noteDamage } from './hive-context.js';
import type { KeyNode } from './key-node.js';
import { readValueRecords, subkeyOffsets, tryKeyNode } from './key-reader.js';
import type { RegistryKey } from './registry-key.js';
import { decodeValue, registryDataToJson } from './value-data.js';

/** Rows that come in one batch. */
const BATCH = 1024;

/** Options of a recursive walk. */
export interface WalkOptions {
  /** Where to begin; the key itself has a row unless it is the root of the hive. */
  readonly from?: RegistryKey;
  /** Read the values' data. Default true; without it rows have no `bytes`. */
  readonly data?: boolean;
}

/** One key (`type` -1, empty name) or one value of a walk. */
export interface RegistryRow {
  /** Path of the key from the root, `\` before each name; empty for the root. */
  readonly key: string;
  /** Value name; empty for the default value and for a key. */
  readonly name: string;
  /** Type number of the value, or -1 for a key. */
  readonly type: number;
  /** Bytes of data; 0 for a key. */
  readonly size: number;
  /** The data; absent for a key, without `data`, and where it cannot be read. */
  readonly bytes?: Bytes;
  /** Last change of the key; only on a key's row. */
  readonly lastWritten?: FileTime;
}

interface Frame {
  readonly node: KeyNode;
  readonly path: string;
  readonly depth: number;
  readonly parent: Frame | undefined;
  /**
   * Cells of the subkeys, each once; absent until the key's own rows are out. Nodes are read when their turn comes:
   * lists may be shared.
   */
  subkeys?: Uint32Array;
  /** Which of them comes next. */
  next: number;
}

/** Whether the key at `offset` is `frame`'s key or one above it: following it would run in a circle. */
function isAncestor(frame: Frame, offset: number): boolean {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) if (at.node.offset === offset) return true;
  return false;
}

/**
 * Every key and value below `from`, depth first: a key, its values, its subkeys, all in stored order. A key is never
 * visited below itself, and the whole walk is bounded by the bytes of the hive, so that damaged and forged hives end.
 */
export async function* walkKeys(
  opened: HiveContext,
  from: RegistryKey,
  rootCell: number,
  options: WalkOptions,
): AsyncGenerator<readonly RegistryRow[]> {
  const context: HiveContext = { ...opened, cells: opened.cells.bounded(HIVE_WORK) };
  const start = await tryKeyNode(context, from.cell);
  if (start === undefined) return;
  const stack: Frame[] = [{ node: start, path: from.path, depth: 0, parent: undefined, next: 0 }];
  let rows: RegistryRow[] = [];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (isExhausted(context, frame.node.offset)) break;
    if (frame.subkeys === undefined) {
      context.signal?.throwIfAborted();
      await addOwnRows(context, frame, rootCell, options.data !== false, rows);
      if (rows.length >= BATCH) {
        yield rows;
        rows = [];
      }
      frame.subkeys = frame.node.subkeyCount === 0 ? NO_SUBKEYS : await uniqueSubkeys(context, frame);
    }
    const child = frame.next < frame.subkeys.length ? await nextChild(context, frame, frame.subkeys) : undefined;
    if (child === undefined) stack.pop();
    else stack.push(child);
  }
  if (rows.length > 0) yield rows;
}

export const NO_SUBKEYS: Uint32Array = new Uint32Array(0);
/** Each row carries the path of its key; a hive holds it once. */
export const PATH_WORK: number = 1 / 4;

/** The row of a key and those of its values. */
async function addOwnRows(
  context: HiveContext,
  { node, path }: Frame,
  rootCell: number,
  data: boolean,
  rows: RegistryRow[],
): Promise<void> {
  const { work } = context.cells;
  work?.spend(path.length * PATH_WORK);
  if (node.offset !== rootCell) rows.push({ key: path, name: '', type: -1, size: 0, lastWritten: node.lastWritten });
  for (const record of await readValueRecords(context, node)) {
    if (work?.spend(path.length * PATH_WORK) === false) return;
    const bytes = data ? await readValueData(context, record) : undefined;
    const { name, type, size } = record;
    rows.push(bytes === undefined ? { key: path, name, type, size } : { key: path, name, type, size, bytes });
  }
}

/** The cells of a key's subkeys in stored order, each once. */
export async function uniqueSubkeys(
  context: HiveContext,
  { node, depth }: Pick<Frame, 'node' | 'depth'>,
): Promise<Uint32Array> {
  if (depth >= MAX_KEY_DEPTH) {
    noteDamage(context, 'hive.key-depth', node.offset);
    return NO_SUBKEYS;
  }
  const offsets = await subkeyOffsets(context, node);
  const seen = new Set<number>();
  for (const offset of offsets) {
    if (seen.has(offset)) noteDamage(context, 'hive.key-loop', offset);
    seen.add(offset);
  }
  return Uint32Array.from(seen);
}

async function nextChild(context: HiveContext, frame: Frame, subkeys: Uint32Array): Promise<Frame | undefined> {
  const { node, path, depth } = frame;
  while (frame.next < subkeys.length) {
    const offset = subkeys[frame.next++];
    if (isExhausted(context, offset)) return undefined;
    const child = await readChild(context, offset, node.offset, isAncestor(frame, offset));
    if (child === undefined) continue;
    return { node: child, path: `${path}\\${child.name}`, depth: depth + 1, parent: frame, next: 0 };
  }
  return undefined;
}

/**
 * The key at `offset`, named by the list of the key at `parent`; `undefined` and an issue where it cannot be followed.
 * @param isAbove - it is that key, or one above it
 */
export async function readChild(
  context: HiveContext,
  offset: number,
  parent: number,
  isAbove: boolean,
): Promise<KeyNode | undefined> {
  if (isAbove) {
    noteDamage(context, 'hive.key-loop', offset);
    return undefined;
  }
  const child = await tryKeyNode(context, offset);
  if (child !== undefined && child.parent !== parent)
    noteDamage(context, 'hive.key-parent', offset, { parent: child.parent, found: parent });
  return child;
}

/** A row in the JSON line format of `deadbox reg -r`. */
export interface RegistryLine {
  /** Path of the key from the root. */
  readonly key: string;
  /** Value name; empty for the default value and for a key. */
  readonly name: string;
  /** Type number of the value, or -1 for a key. */
  readonly type: number;
  /** Bytes of data; 0 for a key. */
  readonly size: number;
  /** Lower-case SHA-256 of the data; empty for a key and for data that cannot be read. */
  readonly sha256: string;
  /** The decoded data; absent for a key and for data that cannot be read. */
  readonly data?: Json;
  /** Key rows: ISO-8601 UTC. */
  readonly lastWritten?: string;
  /** Value rows: bytes that could be read, where they are fewer than `size`. */
  readonly readable?: number;
}

/** A row of a walk as JSON: texts, numbers, hexadecimal text for bytes, decimal text for 64-bit numbers. */
export function registryLine(row: RegistryRow): RegistryLine {
  const { key, name, type, size, bytes } = row;
  const { data, lastWritten, readable } = unhashedRegistryLine(row);
  const sha256 = bytes === undefined ? '' : sha256Hex(bytes);
  return { key, name, type, size, sha256, ...defined({ data, lastWritten, readable }) };
}

/** As {@link registryLine}, without hashing the data. */
export function unhashedRegistryLine(row: RegistryRow): Omit<RegistryLine, 'sha256'> {
  const { key, name, type, size, bytes } = row;
  const line = { key, name, type, size };
  if (type === -1) return { ...line, ...defined({ lastWritten: fileTimeText(row.lastWritten) ?? undefined }) };
  if (bytes === undefined) return { ...line, readable: 0 };
  const data = registryDataToJson(decodeValue(type, bytes));
  return { ...line, data, ...defined({ readable: bytes.length === size ? undefined : bytes.length }) };
}
