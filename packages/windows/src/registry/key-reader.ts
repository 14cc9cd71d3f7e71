import { andThen, Cursor, type MaybePromise } from '@deadbox/core';
import type { WindowsIssueCode } from '../errors.js';
import { MAX_SUBKEY_LISTS, MAX_VALUES_PER_KEY } from '../limits.js';
import { BASE_BLOCK_BYTES } from './base-block.js';
import { NO_CELL } from './hive-cells.js';
import { type HiveContext, isExhausted, noteDamage, surviveDamage } from './hive-context.js';
import { type KeyNode, parseKeyNode } from './key-node.js';
import { type KeyValue, parseKeyValue } from './key-value.js';
import { hintAllows, nameHash, sameRegistryName } from './name-hash.js';
import { parseSubkeyList, type SubkeyList } from './subkey-list.js';

/** A key takes at least this many bytes of a hive: size field, fixed part and one character, rounded to 8. */
const SMALLEST_KEY_BYTES = 0x50;

/** How many keys a hive of this size can hold at most; lists that claim more are forged. */
export function mostKeys(context: HiveContext): number {
  return Math.floor(context.cells.storedBytes / SMALLEST_KEY_BYTES) + 1;
}

/** What an element of a list costs, in bytes that would cost as much. */
export const ELEMENT_WORK = 12;

/**
 * Lists of at most this many keys are searched by name as well when no hint matches: wrong hints are cheap to survive
 * there.
 */
const SHORT_LIST = 32;

/**
 * The key node at `offset`.
 * @throws DeadboxError `HIVE_CELL_DAMAGED`
 */
export function readKeyNode(context: HiveContext, offset: number): MaybePromise<KeyNode> {
  return andThen(context.cells.data(offset), (data) => {
    const node = parseKeyNode(data, offset);
    if (node.nameCutOff) noteDamage(context, 'hive.key-damaged', offset, { what: 'name-length' });
    return node;
  });
}

/** The key node at `offset`, or `undefined` and an issue. */
export function tryKeyNode(context: HiveContext, offset: number): MaybePromise<KeyNode | undefined> {
  return orNote(context, 'hive.key-damaged', offset, () => readKeyNode(context, offset));
}

/** What `read` gives; where damage stops it, an issue of `code` at `offset`. */
function orNote<T>(
  context: HiveContext,
  code: WindowsIssueCode,
  offset: number,
  read: () => MaybePromise<T>,
): MaybePromise<T | undefined> {
  const note = (error: unknown): undefined => surviveDamage(context, error, code, offset);
  try {
    const value = read();
    return value instanceof Promise ? value.catch(note) : value;
  } catch (error) {
    return note(error);
  }
}

/** The subkey lists of a key, those of an index root one after the other. Damaged lists are issues and left out. */
function subkeyLists(context: HiveContext, node: KeyNode): MaybePromise<readonly SubkeyList[]> {
  if (node.subkeyCount === 0 || node.subkeyList === NO_CELL) return [];
  return andThen(tryList(context, node.subkeyList), (first) =>
    first === undefined ? [] : first.kind === 'ri' ? listsOfRoot(context, first) : [first],
  );
}

async function listsOfRoot(context: HiveContext, root: SubkeyList): Promise<SubkeyList[]> {
  const lists: SubkeyList[] = [];
  const seen = new Set<number>();
  let room = mostKeys(context);
  for (const offset of root.offsets.subarray(0, MAX_SUBKEY_LISTS)) {
    if (isExhausted(context, offset)) break;
    if (seen.has(offset)) {
      noteDamage(context, 'hive.subkey-list-damaged', offset, { what: 'repeated' });
      continue;
    }
    seen.add(offset);
    const read = tryList(context, offset);
    const list = read instanceof Promise ? await read : read;
    // An index root never points to another one; following it would let a damaged hive nest without end.
    if (list?.kind === 'ri') noteDamage(context, 'hive.subkey-list-damaged', offset, { what: 'nested-index-root' });
    else if (list !== undefined) lists.push(list);
    room -= list?.offsets.length ?? 1;
    if (room < 0) {
      noteDamage(context, 'hive.subkey-list-damaged', root.offsets[0], { what: 'more-keys-than-the-hive-holds' });
      break;
    }
  }
  return lists;
}

function tryList(context: HiveContext, offset: number): MaybePromise<SubkeyList | undefined> {
  return orNote(context, 'hive.subkey-list-damaged', offset, () =>
    andThen(context.cells.data(offset), (data) => {
      const list = parseSubkeyList(data);
      // Each element is looked at, whether or not its key is read.
      context.cells.work?.spend((list?.offsets.length ?? 0) * ELEMENT_WORK);
      if (list === undefined) noteDamage(context, 'hive.subkey-list-damaged', offset, { what: 'signature' });
      else if (list.cutOff > 0)
        noteDamage(context, 'hive.subkey-list-damaged', offset, { what: 'count', missing: list.cutOff });
      return list;
    }),
  );
}

/**
 * Cells of a key's subkeys in stored order. More elements than the key claims are read all the same: the lists are what
 * Windows follows.
 */
export async function subkeyOffsets(context: HiveContext, node: KeyNode): Promise<number[]> {
  const offsets: number[] = [];
  for (const list of await subkeyLists(context, node)) for (const offset of list.offsets) offsets.push(offset);
  if (offsets.length !== node.subkeyCount)
    noteDamage(context, 'hive.subkey-count', node.offset, { claimed: node.subkeyCount, found: offsets.length });
  return offsets;
}

/**
 * The subkey called `name`. Hints and hashes choose what is read, as Windows itself looks names up, so that one name of
 * a list of thousands costs one record. In a short list, and in a hive known to be damaged, every name is compared.
 */
export function findSubkey(context: HiveContext, node: KeyNode, name: string): MaybePromise<KeyNode | undefined> {
  return andThen(subkeyLists(context, node), (lists) =>
    firstCalled(context, name, candidates(context, node, lists, name)),
  );
}

/** Cells of the keys that may be called `name`, the likely ones first, until the work is used up. */
function* candidates(
  context: HiveContext,
  node: KeyNode,
  lists: readonly SubkeyList[],
  name: string,
): Generator<number> {
  const hash = nameHash(name);
  let total = 0;
  for (const { kind, offsets, hints } of lists) {
    total += offsets.length;
    for (let i = 0; i < offsets.length; i += 1) {
      if (isExhausted(context, node.offset)) return;
      const hint = hints?.[i];
      if (hint === undefined || (kind === 'lh' ? hint === hash : hintAllows(hint, name))) yield offsets[i];
    }
  }
  if (context.trustHints && total > SHORT_LIST) return;
  for (const { offsets, hints } of lists) {
    for (const offset of hints === undefined ? [] : offsets) {
      if (isExhausted(context, offset)) return;
      yield offset;
    }
  }
}

/** The first key of `cells` that is called `name`: at once, as long as their pages are cached. */
function firstCalled(context: HiveContext, name: string, cells: Iterator<number>): MaybePromise<KeyNode | undefined> {
  for (let cell = cells.next(); cell.done !== true; cell = cells.next()) {
    const node = tryKeyNode(context, cell.value);
    if (node instanceof Promise) return firstCalledLater(context, name, cells, node);
    if (isCalled(node, name)) return node;
  }
  return undefined;
}

async function firstCalledLater(
  context: HiveContext,
  name: string,
  cells: Iterator<number>,
  begun: Promise<KeyNode | undefined>,
): Promise<KeyNode | undefined> {
  for (let read: MaybePromise<KeyNode | undefined> = begun; ; ) {
    const node = read instanceof Promise ? await read : read;
    if (isCalled(node, name)) return node;
    const cell = cells.next();
    if (cell.done === true) return undefined;
    read = tryKeyNode(context, cell.value);
  }
}

function isCalled(node: KeyNode | undefined, name: string): boolean {
  return node !== undefined && sameRegistryName(node.name, name);
}

/** The value records of a key in stored order, without their data. Damaged ones are issues and left out. */
export async function readValueRecords(context: HiveContext, node: KeyNode): Promise<KeyValue[]> {
  if (node.valueCount === 0 || node.valueList === NO_CELL) return [];
  const read = orNote(context, 'hive.value-list-damaged', node.valueList, () => context.cells.data(node.valueList));
  const list = read instanceof Promise ? await read : read;
  if (list === undefined) return [];
  const cursor = new Cursor(list, 'hive', BASE_BLOCK_BYTES + node.valueList + 4);
  const count = Math.min(node.valueCount, list.length >> 2, MAX_VALUES_PER_KEY);
  if (count < node.valueCount)
    noteDamage(context, 'hive.value-list-damaged', node.valueList, { claimed: node.valueCount, found: count });
  const values: KeyValue[] = [];
  const seen = new Set<number>();
  for (let i = 0; i < count && !isExhausted(context, node.offset); i += 1) {
    const offset = cursor.u32(i * 4);
    if (seen.has(offset)) {
      noteDamage(context, 'hive.value-loop', offset);
      continue;
    }
    seen.add(offset);
    try {
      const data = context.cells.data(offset);
      const value = parseKeyValue(data instanceof Promise ? await data : data, offset);
      if (value.cutOff) noteDamage(context, 'hive.value-damaged', offset, { what: 'length' });
      values.push(value);
    } catch (error) {
      surviveDamage(context, error, 'hive.value-damaged', offset);
    }
  }
  return values;
}
