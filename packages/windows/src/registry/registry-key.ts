import {
  andThen,
  type Bytes,
  Cursor,
  type FileTime,
  formatFileTime,
  type MaybePromise,
  type Structure,
  structure,
  utf16Text,
} from '@deadbox/core';
import { MAX_KEY_DEPTH } from '../limits.js';
import { BASE_BLOCK_BYTES, REGF } from './base-block.js';
import { NO_CELL } from './hive-cells.js';
import { forOperation, type HiveContext, isExhausted, noteDamage, surviveDamage } from './hive-context.js';
import { KEY_IS_LINK, type KeyNode } from './key-node.js';
import { findSubkey, readValueRecords, subkeyOffsets, tryKeyNode } from './key-reader.js';
import { sameRegistryName } from './name-hash.js';
import { RegistryValue } from './registry-value.js';
import { RegistryType } from './value-data.js';

export const SECURITY_FIELDS = {
  signature: [0x00, 'ascii[2]', 'sk'],
  next: [0x04, 'u32', 'Cell of the next security record'],
  previous: [0x08, 'u32', 'Cell of the one before'],
  references: [0x0c, 'u32', 'Keys that use it'],
  size: [0x10, 'u32', 'Bytes of the descriptor'],
  descriptor: [0x14, 'bytes[size]', 'Self-relative security descriptor', { source: 'MS-DTYP 2.4.6' }],
} as const;
/** A security record (`sk`); offsets count from the cell's data. */
export const SECURITY: Structure<typeof SECURITY_FIELDS> = structure('hive-security', REGF, SECURITY_FIELDS);

/** Answers that a key keeps, of each kind. */
const MOST_KNOWN = 1024;

/**
 * A key of a hive. Names are compared without case; damage becomes issues of the hive, and what is readable comes back.
 */
export class RegistryKey {
  /** Path from the hive's root with `\` before each name; the root's is empty. */
  readonly path: string;
  readonly #context: HiveContext;
  readonly #node: KeyNode;
  readonly #depth: number;
  /** Records are parsed once, however many values are asked for by name. */
  #values: Promise<readonly RegistryValue[]> | undefined;
  /** What was asked for below this key and answered without damage, by the path that was given. */
  #known: Map<string, RegistryKey | undefined> | undefined;
  /** Those of the keys right below this one that were met without damage, by their cells. */
  #children: Map<number, RegistryKey> | undefined;
  /** All of them, once they were listed without damage. */
  #subkeys: readonly RegistryKey[] | undefined;

  /** Keys come from {@link Hive}, not from here. */
  constructor(context: HiveContext, node: KeyNode, path: string, depth: number) {
    this.#context = context;
    this.#node = node;
    this.path = path;
    this.#depth = depth;
  }

  /** The key's own name as stored. */
  get name(): string {
    return this.#node.name;
  }

  /** When the key, its values or its list of subkeys last changed. */
  get lastWritten(): FileTime {
    return this.#node.lastWritten;
  }

  /** Whether the key is a symbolic link to the key that its value `SymbolicLinkValue` names. */
  get isLink(): boolean {
    return (this.#node.flags & KEY_IS_LINK) !== 0;
  }

  /** Byte offset of the key's record in the hive file. */
  get fileOffset(): number {
    return BASE_BLOCK_BYTES + this.#node.offset;
  }

  /** How many subkeys the key says that it has; where its lists hold others, that is an issue of the hive. */
  get subkeyCount(): number {
    return this.#node.subkeyCount;
  }

  /** Cell offset of the key, relative to the hive bins: tells two keys apart. */
  get cell(): number {
    return this.#node.offset;
  }

  /**
   * The subkeys in stored order.
   * @param limit - read at most so many; a forged key may claim a million
   */
  async subkeys(limit: number = Number.POSITIVE_INFINITY): Promise<RegistryKey[]> {
    const keys: RegistryKey[] = [];
    for await (const key of this.eachSubkey(limit)) keys.push(key);
    return keys;
  }

  /** The same one at a time, for lists of thousands: a key of which nothing is kept can go before the next one comes. */
  async *eachSubkey(limit: number = Number.POSITIVE_INFINITY): AsyncGenerator<RegistryKey> {
    if (this.#subkeys !== undefined) {
      yield* this.#subkeys.slice(0, limit);
      return;
    }
    if (this.#depth >= MAX_KEY_DEPTH) {
      noteDamage(this.#context, 'hive.key-depth', this.#node.offset);
      return;
    }
    const known: RegistryKey[] = [];
    let count = 0;
    const seen = new Set<number>();
    const before = this.#context.issues.total;
    const context = forOperation(this.#context);
    for (const offset of await subkeyOffsets(context, this.#node)) {
      if (isExhausted(context, offset)) break;
      if (count >= limit) return;
      if (seen.has(offset)) {
        noteDamage(this.#context, 'hive.key-loop', offset, { what: 'repeated' });
        continue;
      }
      seen.add(offset);
      const read = tryKeyNode(context, offset);
      const node = read instanceof Promise ? await read : read;
      if (node === undefined) continue;
      const key = this.#child(node);
      count += 1;
      if (count <= MOST_KNOWN) known.push(key);
      yield key;
    }
    if (count <= MOST_KNOWN && this.#isClean(before)) this.#subkeys = known;
  }

  /** The key at `path` below this one (`\` or `/` separated, any case); the key itself for an empty path. */
  async key(path: string): Promise<RegistryKey | undefined> {
    const known = this.#known?.get(path);
    if (known !== undefined || this.#known?.has(path) === true) return known;
    const names = path.split(/[\\/]/).filter((name) => name !== '');
    if (this.#depth + names.length > MAX_KEY_DEPTH) return undefined;
    const before = this.#context.issues.total;
    const found = await RegistryKey.#descend(this, names);
    // Made when needed: of a service's key nothing is ever asked for.
    this.#known ??= new Map();
    if (this.#known.size < MOST_KNOWN && this.#isClean(before)) this.#known.set(path, found);
    return found;
  }

  /** The values in stored order, without their data. */
  values(): Promise<readonly RegistryValue[]> {
    return this.#values ?? this.#readValues();
  }

  /** The value called `name` (any case; empty = the default value). */
  async value(name: string): Promise<RegistryValue | undefined> {
    this.#values ??= this.#readValues();
    for (const value of await this.#values) {
      if (!sameRegistryName(value.name, name)) continue;
      this.#context.onValue?.({
        key: this.path,
        name: value.name,
        fileOffset: value.fileOffset,
        dataFileOffset: value.dataFileOffset,
      });
      return value;
    }
    return undefined;
  }

  /** Text of a SZ, EXPAND_SZ or LINK value; `undefined` when there is none of that name and kind. */
  async text(name: string): Promise<string | undefined> {
    const data = await (await this.value(name))?.data();
    return typeof data === 'string' ? data : undefined;
  }

  /** Number of a DWORD value, or of a QWORD below 2^53; `undefined` when there is none of that name and kind. */
  async number(name: string): Promise<number | undefined> {
    const data = await (await this.value(name))?.data();
    if (typeof data === 'number') return data;
    return typeof data === 'bigint' && data <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(data) : undefined;
  }

  /** Strings of a MULTI_SZ value (one string for SZ); `undefined` when there is none of that name and kind. */
  async texts(name: string): Promise<readonly string[] | undefined> {
    const data = await (await this.value(name))?.data();
    if (typeof data === 'string') return data === '' ? [] : [data];
    return Array.isArray(data) ? (data as readonly string[]) : undefined;
  }

  /** Bytes of a value of any type. */
  async bytes(name: string): Promise<Bytes | undefined> {
    return (await this.value(name))?.bytes();
  }

  /**
   * ISO-8601 UTC text of a value that holds a FILETIME in eight bytes; `undefined` when there is none of that name or
   * form.
   */
  async time(name: string): Promise<string | undefined> {
    const bytes = await this.bytes(name);
    return bytes?.length === 8 ? formatFileTime(new Cursor(bytes, 'registry value').u64(0)) : undefined;
  }

  /** The key's class name, which few keys have; `undefined` without one. */
  async className(): Promise<string | undefined> {
    const { classOffset, classLength } = this.#node;
    if (classLength === 0 || classOffset === NO_CELL) return undefined;
    try {
      const data = await this.#context.cells.data(classOffset);
      if (data.length < classLength)
        noteDamage(this.#context, 'hive.cell-damaged', classOffset, { what: 'class-name', size: classLength });
      return utf16Text(data.subarray(0, Math.min(classLength, data.length)));
    } catch (error) {
      surviveDamage(this.#context, error, 'hive.cell-damaged', classOffset);
      return undefined;
    }
  }

  /**
   * The key's self-relative security descriptor (MS-DTYP 2.4.6), from its `sk` record; `undefined` when it cannot be
   * read.
   */
  async security(): Promise<Bytes | undefined> {
    const offset = this.#node.security;
    if (offset === NO_CELL) return undefined;
    try {
      const cursor = new Cursor(await this.#context.cells.data(offset), 'hive', BASE_BLOCK_BYTES + offset + 4);
      const record = SECURITY.read(cursor);
      if (record.signature !== 'sk') throw this.#context.cells.damage(offset, 'security-record');
      return record.descriptor;
    } catch (error) {
      surviveDamage(this.#context, error, 'hive.cell-damaged', offset);
      return undefined;
    }
  }

  /** Target of a symbolic link key, e.g. `\Registry\Machine\System\ControlSet001`. */
  async linkTarget(): Promise<string | undefined> {
    if (!this.isLink) return undefined;
    const value = await this.value('SymbolicLinkValue');
    const data = value?.type === RegistryType.link ? await value.bytes() : undefined;
    return data === undefined ? undefined : utf16Text(data);
  }

  async #readValues(): Promise<readonly RegistryValue[]> {
    const records = await readValueRecords(forOperation(this.#context), this.#node);
    return records.map((record) => new RegistryValue(this.#context, record));
  }

  static async #descend(from: RegistryKey, names: readonly string[]): Promise<RegistryKey | undefined> {
    let found: RegistryKey | undefined = from;
    for (const name of names) {
      const next: MaybePromise<RegistryKey | undefined> = found.#childCalled(name);
      found = next instanceof Promise ? await next : next;
      if (found === undefined) return undefined;
    }
    return found;
  }

  #childCalled(name: string): MaybePromise<RegistryKey | undefined> {
    return andThen(findSubkey(forOperation(this.#context), this.#node, name), (node) => node && this.#child(node));
  }

  #child(node: KeyNode): RegistryKey {
    const known = this.#children?.get(node.offset);
    if (known !== undefined) return known;
    const child = new RegistryKey(this.#context, node, `${this.path}\\${node.name}`, this.#depth + 1);
    if (node.parent !== this.#node.offset)
      noteDamage(this.#context, 'hive.key-parent', node.offset, { parent: node.parent, found: this.#node.offset });
    else {
      this.#children ??= new Map();
      if (this.#children.size < MOST_KNOWN) this.#children.set(node.offset, child);
    }
    return child;
  }

  /**
   * Whether nothing was said of the hive since it had `before` issues: what damage or a used-up budget had a part in is
   * looked for anew each time.
   */
  #isClean(before: number): boolean {
    const { issues } = this.#context;
    return issues.total === before && issues.count('hive.work-exhausted') === 0;
  }
}
