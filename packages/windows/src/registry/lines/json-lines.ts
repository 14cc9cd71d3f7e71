import type { Bytes, Json } from '@deadbox/core';
import { HIVE_WORK, MAX_KEY_DEPTH, MAX_VALUE_BYTES, MAX_VALUES_PER_KEY, MAX_WHOLE_HIVE_BYTES } from '../../limits.js';
import { readValueData } from '../big-data.js';
import { CELL_WORK, NO_CELL } from '../hive-cells.js';
import { type HiveContext, isExhausted } from '../hive-context.js';
import {
  NO_SUBKEYS,
  PATH_WORK,
  type RegistryRow,
  readChild,
  uniqueSubkeys,
  type WalkOptions,
  walkKeys,
} from '../hive-walk.js';
import { KEY_NAME_LATIN1, KEY_NODE, type KeyNode } from '../key-node.js';
import { ELEMENT_WORK, readValueRecords, tryKeyNode } from '../key-reader.js';
import { INLINE, KEY_VALUE, type KeyValue, parseKeyValue, VALUE_NAME_LATIN1 } from '../key-value.js';
import type { RegistryKey } from '../registry-key.js';
import { KeyPath } from './key-path.js';
import { LineText, type StoredName } from './line-text.js';
import { CELL_HEAD, NOT_PLAIN, PlainCells } from './plain-cells.js';

const KEY = KEY_NODE.fields;
const VALUE = KEY_VALUE.fields;
const LIST_HEAD = 4;
/** Bytes of an element of a list of subkeys, by the signature of the list; lists of lists are left to their reader. */
const ELEMENT_BYTES: ReadonlyMap<number, number> = new Map([
  [0x696c, 4],
  [0x666c, 8],
  [0x686c, 8],
]);

/** Options of `jsonLines`. */
export interface RegistryLinesOptions extends Pick<WalkOptions, 'from'> {
  /** Hash the data; without it lines have no `sha256`. Default true. */
  readonly hashes?: boolean;
  /** Makes JSON of text that is not plain ASCII. Default `JSON.stringify`. */
  readonly toJson?: (value: Json) => string;
}

/** A key on the way from the first one to the one whose lines are written. */
interface Frame {
  readonly cell: number;
  readonly depth: number;
  readonly parent: Frame | undefined;
  /** Bytes of its path as JSON. */
  readonly pathEnd: number;
  /** Characters of its path. */
  readonly pathLength: number;
  /** Where its list of values lies, how many are in it, and which comes next; the count is absent until it is checked. */
  valueList: number;
  values: number | undefined;
  nextValue: number;
  /** Cells of its subkeys, each once, and which comes next. */
  subkeys: Uint32Array | undefined;
  nextSubkey: number;
}

/** Why {@link LineWalk.fill} came back: the buffer is full, all is written, or a record is not as it should be. */
type Halt = 'full' | 'done' | 'values' | 'value' | 'subkeys' | 'subkey';

/**
 * Every key and value below `from` as lines of JSON, in the order and with the fields of the walk's rows. A hive of
 * usual size is read at once and its records are written from where they lie, without objects or promises for each;
 * what is damaged goes through the readers of single records, which note it. Two buffers are filled by turns: a chunk
 * stays as it is while the next one is made.
 */
export async function* jsonLines(
  opened: HiveContext,
  from: RegistryKey,
  rootCell: number,
  options: RegistryLinesOptions,
): AsyncGenerator<Bytes> {
  const { toJson = JSON.stringify, hashes = true } = options;
  const text = new LineText({ hashes, toJson });
  // A key deep inside is not worth reading all of the hive.
  const whole = from.path.lastIndexOf('\\') > 0 ? undefined : await opened.cells.whole(MAX_WHOLE_HIVE_BYTES);
  if (whole === undefined) yield* rowLines(opened, from, rootCell, text);
  else yield* new LineWalk(opened, new PlainCells(whole), text).run(from, rootCell);
}

/** The lines of a hive whose records are read one by one. */
async function* rowLines(
  context: HiveContext,
  from: RegistryKey,
  rootCell: number,
  text: LineText,
): AsyncGenerator<Bytes> {
  for await (const batch of walkKeys(context, from, rootCell, {}))
    for (const row of batch) {
      writeRow(text, row);
      const chunk = text.lines.isFull ? text.lines.take() : undefined;
      if (chunk !== undefined) yield chunk;
    }
  const last = text.lines.take();
  if (last !== undefined) yield last;
}

function writeRow(text: LineText, { key, name, type, size, bytes, lastWritten = 0n }: RegistryRow): void {
  const path = text.quoted(key);
  if (type === -1) {
    text.key(path, path.length, Number(lastWritten & 0xffff_ffffn), Number(lastWritten >> 32n));
    return;
  }
  text.named(path, path.length, name, type, size);
  if (bytes === undefined) text.noData();
  else text.data(type, bytes, 0, bytes.length, size);
}

/** A walk through a hive in memory. */
class LineWalk {
  readonly #context: HiveContext;
  readonly #cells: PlainCells;
  readonly #text: LineText;
  /** That of the current key. */
  readonly #path: KeyPath;
  #frame: Frame | undefined;

  constructor(opened: HiveContext, cells: PlainCells, text: LineText) {
    this.#context = { ...opened, cells: opened.cells.bounded(HIVE_WORK) };
    this.#cells = cells;
    this.#text = text;
    this.#path = new KeyPath(text);
  }

  async *run(from: RegistryKey, rootCell: number): AsyncGenerator<Bytes> {
    const { lines } = this.#text;
    const start = await tryKeyNode(this.#context, from.cell);
    if (start === undefined) return;
    const pathEnd = this.#path.add(0, from.path);
    this.#enter(start.offset, undefined, pathEnd, from.path.length);
    if (start.offset !== rootCell) this.#keyLine(pathEnd, start);
    for (let frame = this.#frame; frame !== undefined; frame = this.#frame) {
      this.#context.signal?.throwIfAborted();
      const halt = this.#fill(frame);
      // What #fill left is the key that it stopped at.
      const at = this.#frame ?? frame;
      if (halt === 'values') yield* this.#readValues(at);
      else if (halt === 'value') await this.#readValue(at);
      else if (halt === 'subkeys') at.subkeys = await this.#readSubkeys(at);
      else if (halt === 'subkey') await this.#readSubkey(at);
      const chunk = lines.isFull || halt === 'done' ? lines.take() : undefined;
      if (chunk !== undefined) yield chunk;
    }
  }

  /** Writes lines until there is a reason to stop. No generator: the engine keeps a plain loop optimised. */
  #fill(from: Frame): Halt {
    const { lines } = this.#text;
    for (let frame: Frame | undefined = from; frame !== undefined; frame = this.#frame) {
      if (lines.isFull) return 'full';
      if (isExhausted(this.#context, frame.cell)) break;
      if (frame.values === undefined) {
        if (!this.#checkValues(frame)) return 'values';
      } else if (frame.nextValue < frame.values) {
        if (!this.#valueLine(frame)) return 'value';
        frame.nextValue += 1;
      } else if (frame.subkeys === undefined) {
        frame.subkeys = this.#subkeys(frame);
        if (frame.subkeys === undefined) return 'subkeys';
      } else if (frame.nextSubkey < frame.subkeys.length) {
        if (!this.#enterSubkey(frame, frame.subkeys[frame.nextSubkey])) return 'subkey';
        frame.nextSubkey += 1;
      } else this.#frame = frame.parent;
    }
    this.#frame = undefined;
    return 'done';
  }

  #spend(bytes: number): void {
    this.#context.cells.work?.spend(bytes);
  }

  /** Makes a key the current one. */
  #enter(cell: number, parent: Frame | undefined, pathEnd: number, pathLength: number): void {
    this.#spend(pathLength * PATH_WORK);
    this.#frame = {
      cell,
      depth: parent === undefined ? 0 : parent.depth + 1,
      parent,
      pathEnd,
      pathLength,
      valueList: 0,
      values: undefined,
      nextValue: 0,
      subkeys: undefined,
      nextSubkey: 0,
    };
  }

  #keyLine(pathEnd: number, { lastWritten }: KeyNode): void {
    const low = Number(BigInt.asUintN(32, lastWritten));
    this.#text.key(this.#path.bytes, pathEnd, low, Number(lastWritten >> 32n));
  }

  /** Whether all value records of a key are as they should be; then they can be written from where they lie. */
  #checkValues(frame: Frame): boolean {
    const cells = this.#cells;
    const count = cells.u32(frame.cell, KEY.valueCount.offset);
    const list = cells.u32(frame.cell, KEY.valueList.offset);
    if (count === 0 || list === NO_CELL) {
      frame.values = 0;
      return true;
    }
    const size = cells.size(list);
    const at = list + CELL_HEAD;
    if (count > MAX_VALUES_PER_KEY || count * 4 > size || !cells.areUnique(at, count, 4)) return false;
    let work = CELL_WORK + CELL_HEAD + size;
    for (let i = 0; i < count; i += 1) {
      const record = cells.valueSize(cells.view.getUint32(at + i * 4, true));
      if (record === NOT_PLAIN) return false;
      work += CELL_WORK + CELL_HEAD + record;
    }
    this.#spend(work);
    frame.valueList = at;
    frame.values = count;
    return true;
  }

  /** Writes the next value; false, and nothing is written, where its data are not as they should be. */
  #valueLine(frame: Frame): boolean {
    const cells = this.#cells;
    const record = this.#nextValue(frame);
    const claimed = cells.u32(record, VALUE.dataSize.offset);
    const isInline = claimed >= INLINE;
    const size = isInline ? claimed - INLINE : claimed;
    const inline = record + CELL_HEAD + VALUE.dataOffset.offset;
    const at = isInline || size === 0 ? inline : cells.data(cells.u32(record, VALUE.dataOffset.offset), size);
    if (at === NOT_PLAIN || size > MAX_VALUE_BYTES) return false;
    this.#spend(frame.pathLength * PATH_WORK + (isInline ? 0 : CELL_WORK + size));
    const type = cells.u32(record, VALUE.type.offset);
    this.#text.value(this.#path.bytes, frame.pathEnd, this.#valueName(record), type, size);
    this.#text.data(type, cells.bytes, at, size, size);
    return true;
  }

  #nextValue(frame: Frame): number {
    return this.#cells.view.getUint32(frame.valueList + frame.nextValue * 4, true);
  }

  #valueName(record: number): StoredName {
    const cells = this.#cells;
    return {
      bytes: cells.bytes,
      at: record + CELL_HEAD + VALUE.name.offset,
      length: cells.u16(record, VALUE.nameLength.offset),
      latin1: (cells.u16(record, VALUE.flags.offset) & VALUE_NAME_LATIN1) !== 0,
    };
  }

  /** The cells of a key's subkeys; `undefined` where their list is not one plain list of different keys. */
  #subkeys({ cell, depth }: Frame): Uint32Array | undefined {
    const cells = this.#cells;
    const count = cells.u32(cell, KEY.subkeyCount.offset);
    if (count === 0) return NO_SUBKEYS;
    const list = cells.u32(cell, KEY.subkeyList.offset);
    const size = cells.size(list);
    if (size < LIST_HEAD || depth >= MAX_KEY_DEPTH) return undefined;
    const step = ELEMENT_BYTES.get(cells.u16(list, 0));
    if (step === undefined || cells.u16(list, 2) !== count || LIST_HEAD + count * step > size) return undefined;
    const first = list + CELL_HEAD + LIST_HEAD;
    if (!cells.areUnique(first, count, step)) return undefined;
    this.#spend(CELL_WORK + CELL_HEAD + size + count * ELEMENT_WORK);
    const offsets = new Uint32Array(count);
    for (let i = 0; i < count; i += 1) offsets[i] = cells.view.getUint32(first + i * step, true);
    return offsets;
  }

  /** Makes a subkey the current key and writes its line; false where it is not as it should be. */
  #enterSubkey(frame: Frame, cell: number): boolean {
    const cells = this.#cells;
    const size = cells.keySize(cell);
    if (size === NOT_PLAIN || cells.u32(cell, KEY.parent.offset) !== frame.cell || isAbove(frame, cell)) return false;
    this.#spend(CELL_WORK + CELL_HEAD + size);
    const name: StoredName = {
      bytes: cells.bytes,
      at: cell + CELL_HEAD + KEY.name.offset,
      length: cells.u16(cell, KEY.nameLength.offset),
      latin1: (cells.u16(cell, KEY.flags.offset) & KEY_NAME_LATIN1) !== 0,
    };
    const pathEnd = this.#path.name(frame.pathEnd, name);
    this.#enter(cell, frame, pathEnd, frame.pathLength + 1 + (name.latin1 ? name.length : name.length >> 1));
    const time = KEY.lastWritten.offset;
    this.#text.key(this.#path.bytes, pathEnd, cells.u32(cell, time), cells.u32(cell, time + 4));
    return true;
  }

  /** The values of a key whose records are not all as they should be. */
  async *#readValues(frame: Frame): AsyncGenerator<Bytes> {
    frame.values = 0;
    const node = await tryKeyNode(this.#context, frame.cell);
    if (node === undefined) return;
    for (const record of await readValueRecords(this.#context, node)) {
      if (isExhausted(this.#context, frame.cell)) return;
      await this.#recordLine(frame, record);
      const chunk = this.#text.lines.isFull ? this.#text.lines.take() : undefined;
      if (chunk !== undefined) yield chunk;
    }
  }

  /** The next value, whose data are not as they should be. */
  async #readValue(frame: Frame): Promise<void> {
    const cell = this.#nextValue(frame);
    frame.nextValue += 1;
    const at = cell + CELL_HEAD;
    await this.#recordLine(frame, parseKeyValue(this.#cells.bytes.subarray(at, at + this.#cells.size(cell)), cell));
  }

  async #recordLine(frame: Frame, record: KeyValue): Promise<void> {
    this.#spend(frame.pathLength * PATH_WORK);
    const { name, type, size } = record;
    const bytes = await readValueData(this.#context, record);
    this.#text.named(this.#path.bytes, frame.pathEnd, name, type, size);
    if (bytes === undefined) this.#text.noData();
    else this.#text.data(type, bytes, 0, bytes.length, size);
  }

  async #readSubkeys({ cell, depth }: Frame): Promise<Uint32Array> {
    const node = await tryKeyNode(this.#context, cell);
    return node === undefined ? NO_SUBKEYS : uniqueSubkeys(this.#context, { node, depth });
  }

  /** The next subkey, which is not as it should be. */
  async #readSubkey(frame: Frame): Promise<void> {
    const cell = frame.subkeys?.[frame.nextSubkey] ?? NO_CELL;
    frame.nextSubkey += 1;
    const node = await readChild(this.#context, cell, frame.cell, isAbove(frame, cell));
    if (node === undefined) return;
    const pathEnd = this.#path.add(frame.pathEnd, `\\${node.name}`);
    this.#enter(cell, frame, pathEnd, frame.pathLength + 1 + node.name.length);
    this.#keyLine(pathEnd, node);
  }
}

/** Whether the key at `cell` is the frame's key, or one above it. */
function isAbove(frame: Frame, cell: number): boolean {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) if (at.cell === cell) return true;
  return false;
}
