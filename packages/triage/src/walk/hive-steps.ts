import { type ByteSource, type Bytes, Cursor, type FileNode, type Structure, toHex } from '@deadbox/core';
import { Hive, type RegistryKey, type RegistryValue, registryTypeName } from '@deadbox/windows';
import {
  BASE_BLOCK,
  BASE_BLOCK_BYTES,
  BCD_DEVICE,
  HIVE_CELL,
  KEY_NODE,
  KEY_VALUE,
  LOG_ENTRY,
  SUBKEY_LIST,
} from '@deadbox/windows/internals';
import { MAX_WALK_CONTENT, MAX_WALK_LOG_BYTES } from '../limits.js';
import { pointer, type StepInput, type Trail, term } from './trail.js';
import type { WalkPointer } from './walk-types.js';

/** A hive and its logs, as files. */
export interface HiveFiles {
  readonly file: FileNode;
  readonly log: (ending: string) => Promise<FileNode | undefined>;
}

const CELL_HEAD = 4;
const MAX_CELL = 512;
const LOG_START = 512;
const LIST_HEAD = 4;

/** The steps from a hive's first byte to a key or value; each place counts in the hive file, and on the disk. */
export async function hiveSteps(
  trail: Trail,
  files: HiveFiles,
  keyPath: string,
  valueName: string | undefined,
): Promise<{ readonly missing: string } | undefined> {
  const steps = await HiveSteps.open(trail, files);
  return steps.walk(keyPath, valueName);
}

class HiveSteps {
  readonly #trail: Trail;
  readonly #hive: Hive;
  /** The file as it is stored: where the bytes lie. */
  readonly #stored: ByteSource;
  readonly #files: HiveFiles;

  private constructor(trail: Trail, hive: Hive, stored: ByteSource, files: HiveFiles) {
    this.#trail = trail;
    this.#hive = hive.bounded();
    this.#stored = stored;
    this.#files = files;
  }

  static async open(trail: Trail, files: HiveFiles): Promise<HiveSteps> {
    const { options } = trail;
    const stored = await files.file.stream(undefined, options);
    const open = async (ending: string): Promise<ByteSource | undefined> => {
      const file = await files.log(ending);
      return file?.type === 'file' && file.size > 0 ? file.stream(undefined, options) : undefined;
    };
    const openLogs = async (): Promise<Parameters<typeof Hive.open>[1] & object> => ({
      log1: await open('.LOG1'),
      log2: await open('.LOG2'),
      log: await open('.LOG'),
    });
    return new HiveSteps(trail, await Hive.open(stored, { ...options, openLogs }), stored, files);
  }

  async walk(keyPath: string, valueName: string | undefined): Promise<{ readonly missing: string } | undefined> {
    const { root } = this.#hive;
    await this.#baseBlock(toCell(root.fileOffset));
    let key = root;
    for (const name of keyPath.split(/[\\/]/).filter((part) => part !== '')) {
      const child = await key.key(name);
      await this.#subkey(key, name, child);
      if (child === undefined) return { missing: name };
      key = child;
    }
    if (valueName === undefined) {
      await this.#keyNode(key, {}, [], undefined);
      return undefined;
    }
    const value = await key.value(valueName);
    await this.#value(key, valueName, value);
    return value === undefined ? { missing: valueName } : undefined;
  }

  /** A range of the hive: as Windows reads it, and where it is stored. */
  async #at(
    offset: number,
    length: number,
  ): Promise<Pick<StepInput, 'source' | 'offset' | 'length' | 'view' | 'reading'>> {
    const view = await this.#hive.source.read(offset, length, this.#trail.options);
    const fromLog = this.#hive.isFromLog(offset, length);
    const isStored = offset + length <= this.#stored.size;
    return {
      source: isStored ? this.#stored : this.#hive.source,
      offset,
      length,
      view,
      ...(fromLog ? { reading: 'log' as const } : {}),
    };
  }

  async #baseBlock(next: WalkPointer): Promise<void> {
    const { state } = this.#hive;
    const shown = Math.min(MAX_CELL, this.#stored.size);
    await this.#trail.add({
      id: 'hive-base-block',
      data: { path: this.#files.file.path, dirty: state.dirty, recovery: state.recovery, at: 0 },
      source: this.#stored,
      offset: 0,
      length: shown,
      tables: [{ table: BASE_BLOCK, at: 0 }],
      keys: ['primarySequence', 'secondarySequence', 'rootOffset'],
    });
    if (state.recovery === 'replayed') await this.#logSteps();
    this.#trail.pointLast(next);
  }

  /** The first entry of the log that was laid over the hive. */
  async #logSteps(): Promise<void> {
    const { options } = this.#trail;
    const used = this.#hive.state.logs.filter(({ entries, format }) => entries > 0 && format === 'new');
    for (const { name } of used) {
      const log = await (await this.#files.log(`.${name}`))?.stream(undefined, options);
      if (log === undefined || log.size < LOG_START + LOG_ENTRY.size || log.size > MAX_WALK_LOG_BYTES) continue;
      await this.#trail.add({
        id: 'hive-log',
        data: { name, entries: this.#hive.state.entriesApplied, at: LOG_START },
        source: log,
        offset: LOG_START,
        length: LOG_ENTRY.size,
        tables: [{ table: LOG_ENTRY, at: 0 }],
        keys: ['sequence', 'pageCount'],
      });
    }
  }

  async #cell(
    cellOffset: number,
    table: Structure,
    input: Omit<StepInput, 'source' | 'offset' | 'length' | 'tables'>,
  ): Promise<void> {
    const at = BASE_BLOCK_BYTES + cellOffset;
    // An element far behind in a long list is shown all the same.
    const needed = (input.own ?? []).reduce((end, field) => Math.max(end, field.offset + field.length), MAX_CELL);
    const length = Math.min(await this.#cellSize(cellOffset), needed);
    await this.#trail.add({
      ...input,
      data: { ...input.data, at },
      ...(await this.#at(at, length)),
      tables: [
        { table: HIVE_CELL, at: 0 },
        { table, at: CELL_HEAD },
      ],
    });
  }

  /** Bytes of a cell, which may be forged: never beyond the hive. */
  async #cellSize(cellOffset: number): Promise<number> {
    const at = BASE_BLOCK_BYTES + cellOffset;
    const room = this.#hive.source.size - at;
    const size = -HIVE_CELL.read(await this.#hive.source.read(at, CELL_HEAD, this.#trail.options)).size;
    return Math.max(CELL_HEAD, Math.min(size, room));
  }

  async #data(cellOffset: number): Promise<Bytes> {
    const size = await this.#cellSize(cellOffset);
    return this.#hive.source.read(BASE_BLOCK_BYTES + cellOffset + CELL_HEAD, size - CELL_HEAD, this.#trail.options);
  }

  async #keyNode(
    key: RegistryKey,
    data: NonNullable<StepInput['data']>,
    keys: readonly string[],
    next: WalkPointer | undefined,
  ): Promise<void> {
    await this.#cell(key.cell, KEY_NODE, {
      id: 'key-node',
      data: { name: key.name, path: key.path, ...data },
      keys: ['name', ...keys],
      ...(next === undefined ? {} : { next }),
    });
  }

  /** From a key to the subkey called `name`: its node, its list of subkeys, the lists of that list. */
  async #subkey(key: RegistryKey, name: string, child: RegistryKey | undefined): Promise<void> {
    const node = KEY_NODE.read(await this.#data(key.cell));
    const facts = { sought: name, found: child !== undefined };
    const hasList = node.subkeyCount > 0 && node.subkeyList !== NO_CELL;
    await this.#keyNode(
      key,
      { ...facts, what: 'subkey' },
      ['subkeyList'],
      hasList ? toList(node.subkeyList) : undefined,
    );
    if (!hasList) return;
    const wanted = child?.cell;
    let list = node.subkeyList;
    let elements = elementsOf(await this.#data(list));
    if (elements.kind === 'ri') {
      const inner = await this.#listWith(elements.cells, wanted);
      await this.#list(list, facts, elements, inner);
      if (inner === undefined) return;
      list = inner;
      elements = elementsOf(await this.#data(list));
    }
    await this.#list(list, facts, elements, wanted);
  }

  async #listWith(cells: readonly number[], wanted: number | undefined): Promise<number | undefined> {
    for (const cell of cells)
      if (wanted !== undefined && elementsOf(await this.#data(cell)).cells.includes(wanted)) return cell;
    return undefined;
  }

  async #list(
    cell: number,
    facts: NonNullable<StepInput['data']>,
    { cells, step, kind }: Elements,
    wanted: number | undefined,
  ): Promise<void> {
    const index = wanted === undefined ? -1 : cells.indexOf(wanted);
    await this.#cell(cell, SUBKEY_LIST, {
      id: 'subkey-list',
      data: { ...facts, kind, count: cells.length },
      own: index < 0 ? [] : [element('subkey-list', CELL_HEAD + LIST_HEAD + index * step, cells[index])],
      keys: ['element'],
      ...(wanted === undefined || index < 0 ? {} : { next: toList(wanted) }),
    });
  }

  async #value(key: RegistryKey, name: string, value: RegistryValue | undefined): Promise<void> {
    const node = KEY_NODE.read(await this.#data(key.cell));
    const facts = { sought: name, found: value !== undefined };
    const hasList = node.valueCount > 0 && node.valueList !== NO_CELL;
    await this.#keyNode(key, { ...facts, what: 'value' }, ['valueList'], hasList ? toList(node.valueList) : undefined);
    if (!hasList) return;
    const record = value === undefined ? undefined : value.fileOffset - BASE_BLOCK_BYTES;
    const cursor = new Cursor(await this.#data(node.valueList), 'hive');
    const count = Math.min(node.valueCount, cursor.length >> 2);
    let index = -1;
    for (let i = 0; i < count && index < 0; i += 1) if (cursor.u32(i * 4) === record) index = i;
    await this.#cell(node.valueList, HIVE_CELL, {
      id: 'value-list',
      data: { ...facts, count },
      own: index < 0 || record === undefined ? [] : [element('value-list', CELL_HEAD + index * 4, record)],
      keys: ['element'],
      ...(record === undefined ? {} : { next: toList(record) }),
    });
    if (value !== undefined && record !== undefined) await this.#record(value, record);
  }

  async #record(value: RegistryValue, record: number): Promise<void> {
    const inline = value.dataFileOffset === value.fileOffset + CELL_HEAD + KEY_VALUE.fields.dataOffset.offset;
    const type = registryTypeName(value.type);
    const data = { name: value.name, type, size: value.size, inline };
    const cell = value.dataFileOffset - CELL_HEAD - BASE_BLOCK_BYTES;
    await this.#cell(record, KEY_VALUE, {
      id: 'key-value',
      data: { ...data, text: await shownData(value) },
      keys: ['dataSize', 'dataOffset', 'type'],
      ...(inline || value.size === 0 ? {} : { next: toList(cell) }),
    });
    if (inline || value.size === 0) return;
    const length = Math.min(CELL_HEAD + value.size, MAX_WALK_CONTENT, this.#hive.source.size - BASE_BLOCK_BYTES - cell);
    const isDevice = /\\Elements\\[1-5]1/i.test(this.#lastKey()) && value.type === BINARY;
    await this.#trail.add({
      id: 'value-data',
      data: { ...data, at: BASE_BLOCK_BYTES + cell, text: await shownData(value) },
      ...(await this.#at(BASE_BLOCK_BYTES + cell, length)),
      tables: [{ table: HIVE_CELL, at: 0 }, ...(isDevice ? [{ table: BCD_DEVICE, at: CELL_HEAD }] : [])],
      keys: ['size', 'type'],
    });
  }

  #lastKey(): string {
    const step = this.#trail.steps.findLast(({ id }) => id === 'key-node');
    return typeof step?.data.path === 'string' ? step.data.path : '';
  }
}

const NO_CELL = 0xffff_ffff;
const BINARY = 3;
const MAX_TEXT = 200;

/** A value in a line: what it says, cut short. */
async function shownData(value: RegistryValue): Promise<string> {
  const data = await value.data();
  const text =
    data === undefined
      ? ''
      : data instanceof Uint8Array
        ? toHex(data.subarray(0, MAX_TEXT / 2))
        : Array.isArray(data)
          ? data.join(' · ')
          : String(data);
  return text.slice(0, MAX_TEXT);
}

const toCell = (fileOffset: number): WalkPointer => toList(fileOffset - BASE_BLOCK_BYTES);

/** A cell by its offset in the hive bins. */
function toList(cell: number): WalkPointer {
  return pointer('file', term('bins-start', BASE_BLOCK_BYTES), term('cell', cell));
}

interface Elements {
  readonly kind: string;
  readonly cells: readonly number[];
  readonly step: number;
}

/** Cells that a subkey list names. */
function elementsOf(bytes: Bytes): Elements {
  const { signature: kind, count } = SUBKEY_LIST.read(bytes);
  const step = kind === 'lf' || kind === 'lh' ? 8 : 4;
  const cursor = new Cursor(bytes, 'subkey list');
  const cells: number[] = [];
  for (let i = 0; i < count && LIST_HEAD + i * step + 4 <= bytes.length; i += 1)
    cells.push(cursor.u32(LIST_HEAD + i * step));
  return { kind, cells, step };
}

function element(structure: string, at: number, cell: number): NonNullable<StepInput['own']>[number] {
  const raw = new Uint8Array(4);
  new DataView(raw.buffer).setUint32(0, cell, true);
  return {
    structure,
    name: 'element',
    offset: at,
    length: 4,
    raw: toHex(raw),
    value: cell,
    meaning: 'Cell of the wanted key or value',
    source: 'msuhanov/regf, "Windows registry file format specification"',
  };
}
