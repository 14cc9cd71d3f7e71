import { type Bytes, type FileTime, formatFileTime, type Json, sha256Hex } from '@deadbox/core';
import { MAX_KEY_DEPTH } from '../limits.js';
import { readValueData } from './big-data.js';
import { type HiveContext, noteDamage } from './hive-context.js';
import type { KeyNode } from './key-node.js';
import { mostKeys, readValueRecords, subkeyOffsets, tryKeyNode } from './key-reader.js';
import type { KeyValue } from './key-value.js';
import type { RegistryKey } from './registry-key.js';
import { decodeValue, registryDataToJson } from './value-data.js';

/** A value takes at least this many bytes of a hive: size field and fixed part. */
const SMALLEST_VALUE_BYTES = 0x18;
/** Rows that come in one batch. */
const BATCH = 1024;

/** Options of a recursive walk. */
export interface WalkOptions {
  /** Where to begin; the key itself has a row unless it is the root of the hive. */
  readonly from?: RegistryKey;
  /** Read the values' data. Default true; without it rows have no `bytes`. */
  data?: boolean;
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
  bytes?: Bytes;
  /** Last change of the key; only on a key's row. */
  readonly lastWritten?: FileTime;
}

interface Frame {
  readonly node: KeyNode;
  readonly path: string;
  readonly depth: number;
  readonly parent: Frame | undefined;
}

/** Whether the key at `offset` is `frame`'s key or one above it: following it would run in a circle. */
function isAncestor(frame: Frame, offset: number): boolean {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) if (at.node.offset === offset) return true;
  return false;
}

/**
 * Every key and value below `from`, depth first: a key, its values, its subkeys, all in stored order. A key is never
 * visited below itself, and the whole walk is bounded by what a hive of this size can hold, so that damaged and forged hives end.
 */
export async function* walkKeys(
  context: HiveContext,
  from: RegistryKey,
  rootCell: number,
  options: WalkOptions,
): AsyncGenerator<readonly RegistryRow[]> {
  const start = await tryKeyNode(context, from.cell);
  if (start === undefined) return;
  const stack: Frame[] = [{ node: start, path: from.path, depth: 0, parent: undefined }];
  const budget = new WalkBudget(context);
  let rows: RegistryRow[] = [];
  for (let frame = stack.pop(); frame !== undefined; frame = stack.pop()) {
    context.signal?.throwIfAborted();
    const { node, path, depth } = frame;
    if (node.offset !== rootCell) rows.push({ key: path, name: '', type: -1, size: 0, lastWritten: node.lastWritten });
    const records = budget.takesValues(node) ? await readValueRecords(context, node) : [];
    for (const record of records) {
      rows.push(await valueRow(context, path, record, options.data !== false, budget));
      if (rows.length >= BATCH) {
        yield rows;
        rows = [];
      }
    }
    if (depth >= MAX_KEY_DEPTH) {
      if (node.subkeyCount > 0) noteDamage(context, 'hive.key-depth', node.offset);
      continue;
    }
    const offsets = budget.takesKeys(node) ? await subkeyOffsets(context, node) : [];
    const children: Frame[] = [];
    const siblings = new Set<number>();
    for (const offset of offsets) {
      if (siblings.has(offset) || isAncestor(frame, offset)) {
        noteDamage(context, 'hive.key-loop', offset);
        continue;
      }
      siblings.add(offset);
      const child = await tryKeyNode(context, offset);
      if (child === undefined) continue;
      if (child.parent !== node.offset)
        noteDamage(context, 'hive.key-parent', offset, { parent: child.parent, found: node.offset });
      children.push({ node: child, path: `${path}\\${child.name}`, depth: depth + 1, parent: frame });
    }
    for (const child of children.reverse()) stack.push(child);
    if (rows.length >= BATCH) {
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

/**
 * Bounds the work of a walk by what a hive of this size can hold, times two: forged hives let many keys share one list, or many values one
 * data cell, and would otherwise take hours.
 */
class WalkBudget {
  readonly #context: HiveContext;
  #keys: number;
  #values: number;
  #bytes: number;

  constructor(context: HiveContext) {
    this.#context = context;
    this.#keys = mostKeys(context) * 2;
    this.#values = Math.floor(context.cells.binsSize / SMALLEST_VALUE_BYTES) * 2;
    this.#bytes = context.cells.binsSize * 2;
  }

  takesKeys(node: KeyNode): boolean {
    this.#keys -= Math.min(node.subkeyCount, mostKeys(this.#context));
    if (this.#keys < 0 && node.subkeyCount > 0)
      noteDamage(this.#context, 'hive.subkey-list-damaged', node.offset, { what: 'more-keys-than-the-hive-holds' });
    return this.#keys >= 0;
  }

  takesValues(node: KeyNode): boolean {
    this.#values -= node.valueCount;
    if (this.#values < 0 && node.valueCount > 0)
      noteDamage(this.#context, 'hive.value-list-damaged', node.offset, { what: 'more-values-than-the-hive-holds' });
    return this.#values >= 0;
  }

  takesData(record: KeyValue): boolean {
    this.#bytes -= record.size;
    if (this.#bytes < 0) noteDamage(this.#context, 'hive.value-data-shared', record.offset, { size: record.size });
    return this.#bytes >= 0;
  }
}

async function valueRow(
  context: HiveContext,
  key: string,
  record: KeyValue,
  wanted: boolean,
  budget: WalkBudget,
): Promise<RegistryRow> {
  const row: RegistryRow = { key, name: record.name, type: record.type, size: record.size };
  if (!wanted) return row;
  if (record.inline !== undefined) {
    row.bytes = record.inline;
    return row;
  }
  if (!budget.takesData(record)) return row;
  const bytes = await readValueData(context, record);
  if (bytes !== undefined) row.bytes = bytes;
  return row;
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
  sha256: string;
  /** The decoded data; absent for a key and for data that cannot be read. */
  data?: Json;
  /** Key rows: ISO-8601 UTC. */
  readonly lastWritten?: string;
  /** Value rows: bytes that could be read, where they are fewer than `size`. */
  readonly readable?: number;
}

/** A row of a walk as JSON: texts, numbers, hexadecimal text for bytes, decimal text for 64-bit numbers. */
export function registryLine(row: RegistryRow): RegistryLine {
  const line: RegistryLine = { key: row.key, name: row.name, type: row.type, size: row.size, sha256: '' };
  if (row.type === -1) {
    const time = row.lastWritten === undefined ? undefined : formatFileTime(row.lastWritten);
    return time === undefined ? line : { ...line, lastWritten: time };
  }
  if (row.bytes === undefined) return { ...line, readable: 0 };
  line.sha256 = sha256Hex(row.bytes);
  line.data = registryDataToJson(decodeValue(row.type, row.bytes));
  return row.bytes.length === row.size ? line : { ...line, readable: row.bytes.length };
}
