import { type Bytes, isDamage, type Json, type ReadOptions, utf16Text } from '@deadbox/core';
import { FILE_NAME_HEAD } from '../attributes/file-name.js';
import { AttributeType } from '../record/attribute.js';
import type { AttributeSet } from '../record/attribute-set.js';
import type { FileReference } from '../record/file-reference.js';
import type { ContradictionKind, Contradictions } from './contradictions.js';
import type { IndexEntry } from './index-node.js';
import { type FoundEntry, IndexTree, type VisitedNode } from './index-tree.js';
import { asciiUpCase } from './up-case.js';

/** Type of the attribute that `$I30` indexes, and its collation by file name. */
const FILE_NAME_TYPE = 0x30;
const FILE_NAME_COLLATION = 1;
/** Largest `$BITMAP` of a directory that is taken: enough for 2^27 blocks. */
const MAX_BITMAP = 1 << 24;

/** Where the number of code units stands in a key. */
const UNITS = 0x40;

/** The index `$I30` of a directory: the tree, and what must hold for its keys beyond what holds for any index. */
export class DirectoryIndex {
  readonly tree: IndexTree;
  /** The entries next to the range that was walked last: proof that nothing of the range lies beside it. */
  neighbours: readonly FoundEntry[] = [];
  readonly #attributes: AttributeSet;
  readonly #reference: FileReference;

  /** @param reference - of the directory; sequence 0 takes any */
  constructor(tree: IndexTree, attributes: AttributeSet, reference: FileReference) {
    this.tree = tree;
    this.#attributes = attributes;
    this.#reference = reference;
  }

  /**
   * Opens the index of a directory.
   * @param reference - of the directory; sequence 0 takes any
   * @throws DeadboxError `NTFS_INDEX_INVALID` when its root is missing or cannot be
   */
  static async open(
    attributes: AttributeSet,
    reference: FileReference,
    clusterSize: number,
    options?: ReadOptions,
  ): Promise<DirectoryIndex> {
    const tree = await IndexTree.open(attributes, '$I30', clusterSize, options);
    return new DirectoryIndex(tree, attributes, reference);
  }

  /**
   * The entries for whose name `test` gives 0, in order; all without `test`. `found` is told of everything that
   * contradicts the index; of a range, only what lies on the way to it.
   */
  async *walk(
    found: Contradictions,
    test?: (name: string) => number,
    options?: ReadOptions,
  ): AsyncGenerator<FoundEntry[]> {
    const { record } = this.#reference;
    const { root } = this.tree;
    if (root.indexedType !== FILE_NAME_TYPE || root.collation !== FILE_NAME_COLLATION)
      found.add('root-invalid', record, this.tree.rootOffset, {
        indexedType: root.indexedType,
        collation: root.collation,
      });
    const visited = new Set<number>();
    const beside: [FoundEntry | undefined, FoundEntry | undefined] = [undefined, undefined];
    const position = test === undefined ? undefined : (entry: IndexEntry): number => test(keyName(entry));
    const inspect = (node: VisitedNode): boolean => this.#inspect(node, found);
    const walkOptions = { ...options, visited, inspect };
    const placed = (node: VisitedNode, signs: Int8Array): void => noteNeighbours(node, signs, beside);
    yield* this.tree.walk(found, position === undefined ? walkOptions : { ...walkOptions, position, placed });
    this.neighbours = beside.filter((entry) => entry !== undefined);
    // Inside a range only a root that claims to have no blocks is suspect.
    if (test === undefined || visited.size === 0)
      await this.#compareBitmap(found, visited, test === undefined, options);
  }

  /** Looks at the keys of a node; where they were found in order once, they are as long as the node is kept. */
  #inspect(visited: VisitedNode, found: Contradictions): boolean {
    const { node, lower, upper } = visited;
    const { record, sequence } = this.#reference;
    const before = this.tree.inOrder.get(node);
    if (before !== undefined && before.sequence === sequence && before.lower === lower && before.upper === upper)
      return true;
    if (!this.#belongs(visited, found)) return false;
    if (inspectKeys(visited, record, sequence, found)) this.tree.inOrder.set(node, { sequence, lower, upper });
    return true;
  }

  /**
   * Whether a block is this directory's at all: a block that many hostile directories share must not be walked for
   * each.
   */
  #belongs({ node, offset, vcn }: VisitedNode, found: Contradictions): boolean {
    const { record } = this.#reference;
    const named = node.entries.find(({ key }) => key.length > FILE_NAME_HEAD);
    if (named === undefined) return true;
    if (node.entries.some(({ key }) => key.length > FILE_NAME_HEAD && parentRecord(key) === record)) return true;
    found.add('node-foreign', record, offset, { vcn: vcn ?? null, parent: parentRecord(named.key) });
    return false;
  }

  /** Compares the blocks that were reached with those that `$BITMAP` has in use. */
  async #compareBitmap(
    found: Contradictions,
    visited: Set<number>,
    all: boolean,
    options?: ReadOptions,
  ): Promise<void> {
    const { tree } = this;
    if (tree.blocks === undefined) return;
    const { record } = this.#reference;
    const { blockSize } = tree.root;
    const bits = await this.#bitmap(found, options);
    if (bits === undefined) return;
    const blocks = Math.min(Math.floor(tree.blocks.size / blockSize), bits.length * 8);
    let unreached = 0;
    let first: number | undefined;
    for (let number = 0; number < blocks; number += 1) {
      const inUse = (bits[number >> 3] & (1 << (number & 7))) !== 0;
      const vcn = (number * blockSize) / tree.unit;
      if (!inUse || visited.has(vcn)) continue;
      unreached += 1;
      first ??= vcn;
    }
    if (first !== undefined) found.add('nodes-unreached', record, tree.rootOffset, { blocks: unreached, vcn: first });
    if (!all) return;
    for (const vcn of visited) {
      const number = (vcn * tree.unit) / blockSize;
      if (number < bits.length * 8 && (bits[number >> 3] & (1 << (number & 7))) === 0)
        found.add('node-free', record, tree.rootOffset, { vcn });
    }
  }

  async #bitmap(found: Contradictions, options?: ReadOptions): Promise<Bytes | undefined> {
    const { record } = this.#reference;
    try {
      const held = await this.#attributes.find(AttributeType.bitmap, '$I30', options);
      if (held !== undefined) return await this.#attributes.value(held, MAX_BITMAP, options);
      found.add('nodes-unreached', record, this.tree.rootOffset, { reason: 'no $BITMAP' });
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
      found.add('nodes-unreached', record, this.tree.rootOffset, { reason: error.message });
    }
    return undefined;
  }
}

/** The name in the key of a `$I30` entry, without decoding the rest. */
export function keyName(entry: IndexEntry): string {
  if (entry.name !== undefined) return entry.name;
  const { key } = entry;
  const units = key.length > FILE_NAME_HEAD ? key[UNITS] : 0;
  entry.name = utf16Text(key.subarray(FILE_NAME_HEAD, FILE_NAME_HEAD + units * 2));
  return entry.name;
}

/**
 * What must hold for every key: its length fits its name, it names this directory as parent, and it sorts behind the
 * one before. Gives whether all of that holds.
 */
function inspectKeys(visited: VisitedNode, record: number, sequence: number, found: Contradictions): boolean {
  const { node, offset, lower, upper } = visited;
  let before = lower;
  let isSound = true;
  const add = (kind: ContradictionKind, at: number, data: Readonly<Record<string, Json>>): void => {
    isSound = false;
    found.add(kind, record, at, data);
  };
  for (const entry of node.entries) {
    const at = offset + entry.offset;
    if (entry.isLast) continue;
    const { key } = entry;
    if (key.length <= FILE_NAME_HEAD || key.length !== FILE_NAME_HEAD + key[UNITS] * 2) {
      add('entry-invalid', at, { field: 'key length', found: key.length });
      continue;
    }
    const parentSequence = key[6] | (key[7] << 8);
    if (parentRecord(key) !== record || (sequence !== 0 && parentSequence !== 0 && parentSequence !== sequence))
      add('entry-parent', at, { parent: parentRecord(key), parentSequence });
    if (before !== undefined && ascends(before.key, key) === false)
      add('entry-order', at, { found: 'keys that do not ascend' });
    before = entry;
  }
  if (upper !== undefined && before !== undefined && before !== lower && ascends(before.key, upper.key) === false)
    add('entry-order', offset + before.offset, { found: 'a key behind the one above its node' });
  return isSound;
}

/**
 * Keeps the entries next to the range: those of the deepest node are the nearest, and nodes come from the root down.
 */
function noteNeighbours(
  { node: { entries }, offset, vcn }: VisitedNode,
  signs: Int8Array,
  beside: [FoundEntry | undefined, FoundEntry | undefined],
): void {
  const place = { nodeOffset: offset, ...(vcn === undefined ? {} : { vcn }) };
  const before = entries.findLast((entry, index) => !entry.isLast && signs[index] < 0);
  const after = entries.find((entry, index) => !entry.isLast && signs[index] > 0);
  if (before !== undefined) beside[0] = { entry: before, ...place };
  if (after !== undefined) beside[1] = { entry: after, ...place };
}

function parentRecord(key: Bytes): number {
  return (key[0] | (key[1] << 8) | (key[2] << 16)) + key[3] * 0x100_0000 + (key[4] | (key[5] << 8)) * 0x1_0000_0000;
}

/**
 * Whether one key sorts before another, told from the stored bytes. Of two units that are both beyond ASCII only
 * `$UpCase` could tell: it is 128 KiB that most lookups do without.
 * @returns `undefined` when it cannot be told
 */
function ascends(left: Bytes, right: Bytes): boolean | undefined {
  const units = Math.min(left[UNITS], right[UNITS]);
  if (left.length < FILE_NAME_HEAD + units * 2 || right.length < FILE_NAME_HEAD + units * 2) return undefined;
  let equal = true;
  for (let i = 0, at = FILE_NAME_HEAD; i < units; i += 1, at += 2) {
    const a = left[at] | (left[at + 1] << 8);
    const b = right[at] | (right[at + 1] << 8);
    if (a === b) continue;
    if (a >= 0x80 && b >= 0x80) return undefined;
    if (asciiUpCase(a) !== asciiUpCase(b)) return asciiUpCase(a) < asciiUpCase(b);
    equal = false;
  }
  if (left[UNITS] !== right[UNITS]) return left[UNITS] < right[UNITS];
  if (equal) return false;
  for (let i = 0, at = FILE_NAME_HEAD; i < units; i += 1, at += 2) {
    const difference = (left[at] | (left[at + 1] << 8)) - (right[at] | (right[at + 1] << 8));
    if (difference !== 0) return difference < 0;
  }
  return false;
}
