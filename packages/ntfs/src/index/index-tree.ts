import { type ByteSource, defined, extentsOf, isDamage, type ReadOptions } from '@deadbox/core';
import { ntfsError, type Place } from '../errors.js';
import { MAX_INDEX_DEPTH } from '../limits.js';
import { AttributeType } from '../record/attribute.js';
import type { AttributeSet } from '../record/attribute-set.js';
import type { Contradictions } from './contradictions.js';
import { type IndexEntry, type IndexNode, type IndexRoot, parseIndexBlock, parseIndexRoot } from './index-node.js';

/** One entry met on a walk, and where it stands. */
export interface FoundEntry {
  readonly entry: IndexEntry;
  /** Byte offset on the volume of the root's value or of the block that holds the entry. */
  readonly nodeOffset: number;
  /** VCN of the block, in the index's own unit; `undefined` in the root. */
  readonly vcn?: number;
}

/** A node met on a walk, before its entries are. */
export interface VisitedNode {
  readonly node: IndexNode;
  /** Byte offset on the volume of the root's value or of the block. */
  readonly offset: number;
  /** VCN of the block; `undefined` for the root. */
  readonly vcn?: number;
  /** The entries above, between which all keys of the node must lie. */
  readonly lower: IndexEntry | undefined;
  readonly upper: IndexEntry | undefined;
}

/** Options of {@link IndexTree.walk}. */
export interface WalkOptions extends ReadOptions {
  /** Where an entry lies; leave out for all entries. */
  readonly position?: Position;
  /**
   * Looks at each node before its entries are met.
   * @returns `false` to pass the node over
   */
  readonly inspect?: (visited: VisitedNode) => boolean;
  /** Gets each node that was not passed over, and where its entries lie: -1, 0 or 1 for each. */
  readonly placed?: (visited: VisitedNode, signs: Int8Array) => void;
  /** Gets the VCN of each block that the walk asks for. */
  readonly visited?: Set<number>;
}

interface Frame extends VisitedNode {
  /** -1, 0 or 1 for each entry: before, inside, behind the wanted range. */
  readonly signs: Int8Array;
  next: number;
  descended: boolean;
}

interface Walk {
  readonly options: WalkOptions;
  readonly position: Position;
  readonly visited: Set<number>;
  readonly found: Contradictions;
}

/** How many more blocks the indexes that share it may keep. */
export interface KeptBlocks {
  left: number;
}

/** A block, and where it lies on the volume. */
interface IndexBlock {
  readonly node: IndexNode;
  readonly place: Place;
}

/** Between which entries, and for which sequence number of the directory, the keys of a node were found in order. */
interface KeysInOrder {
  readonly sequence: number;
  readonly lower: IndexEntry | undefined;
  readonly upper: IndexEntry | undefined;
}

/** Says where an entry lies in the wanted range: negative before, 0 inside, positive after. */
export type Position = (entry: IndexEntry) => number;

/**
 * One index of a file: `$INDEX_ROOT` and, when it has grown, the `INDX` blocks of `$INDEX_ALLOCATION`. Walks are in
 * order (child before entry) and read only the nodes that can hold the wanted range. A bad node is a contradiction and
 * a gap; the walk goes on.
 */
export class IndexTree {
  /** The root, as parsed. */
  readonly root: IndexRoot;
  /** The blocks; `undefined` for an index that fits its root. */
  readonly blocks: ByteSource | undefined;
  /** Byte offset on the volume of the root's value. */
  readonly rootOffset: number;
  /** Nodes whose keys need not be looked at again. */
  readonly inOrder: WeakMap<IndexNode, KeysInOrder> = new WeakMap();
  readonly #unit: number;
  readonly #record: number;
  /** Whole blocks that were read; what is damaged is read again, and said again, each time. */
  readonly #known = new Map<number, IndexBlock>();
  readonly #kept: KeptBlocks;

  private constructor(
    root: IndexRoot,
    rootOffset: number,
    blocks: ByteSource | undefined,
    clusterSize: number,
    record: number,
    kept: KeptBlocks,
  ) {
    this.#kept = kept;
    this.root = root;
    this.blocks = blocks;
    // Index VCNs count clusters, or 512-byte units where a cluster is larger than a block.
    this.#unit = clusterSize <= root.blockSize ? clusterSize : 512;
    this.rootOffset = rootOffset;
    this.#record = record;
  }

  /**
   * Opens index `name` of a file.
   * @param kept - how many blocks may be kept as parsed; without it none
   * @throws DeadboxError `NTFS_INDEX_INVALID` when its root is missing or cannot be
   */
  static async open(
    attributes: AttributeSet,
    name: string,
    clusterSize: number,
    options?: ReadOptions,
    kept: { left: number } = { left: 0 },
  ): Promise<IndexTree> {
    const record = attributes.base.number;
    const held = await attributes.find(AttributeType.indexRoot, name, options);
    if (held === undefined || !held.attribute.resident) {
      throw ntfsError('NTFS_INDEX_INVALID', `File record ${record} has no resident $INDEX_ROOT ${name}`, {
        offset: attributes.base.place.offset,
        record,
      });
    }
    const rootOffset = held.holder.place.offset + held.attribute.valueOffset;
    const root = parseIndexRoot(held.attribute.value, { offset: rootOffset, record });
    const allocation = await attributes.find(AttributeType.indexAllocation, name, options);
    let blocks: ByteSource | undefined;
    if (allocation !== undefined && !allocation.attribute.resident) {
      blocks = await attributes.nonResident(
        { attribute: allocation.attribute, holder: allocation.holder },
        `${name} of record ${record}`,
        options,
      );
    }
    return new IndexTree(root, rootOffset, blocks, clusterSize, record, kept);
  }

  /** Bytes per VCN of this index. */
  get unit(): number {
    return this.#unit;
  }

  /**
   * The entries of the wanted range, in order, one batch a node visit.
   * @param found - told of everything that contradicts the index
   */
  async *walk(found: Contradictions, options: WalkOptions = {}): AsyncGenerator<FoundEntry[]> {
    const walk: Walk = {
      options,
      position: options.position ?? everything,
      visited: options.visited ?? new Set(),
      found,
    };
    const stack: Frame[] = [];
    const push = (frame: Frame | undefined): boolean => frame !== undefined && stack.push(frame) > 0;
    push(this.#frame(walk, { node: this.root.node, offset: this.rootOffset, lower: undefined, upper: undefined }));
    let batch: FoundEntry[] = [];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const entry = frame.node.entries[frame.next];
      if (entry === undefined) {
        stack.pop();
        if (batch.length > 0) {
          yield batch;
          batch = [];
        }
        continue;
      }
      const where = frame.signs[frame.next];
      if (!frame.descended) {
        frame.descended = true;
        if (where >= 0 && entry.childVcn !== undefined && push(await this.#child(walk, frame, entry, stack.length)))
          continue;
      }
      if (where === 0)
        batch.push({ entry, nodeOffset: frame.offset, ...(frame.vcn === undefined ? {} : { vcn: frame.vcn }) });
      if (where > 0) frame.next = frame.node.entries.length;
      else {
        frame.next += 1;
        frame.descended = false;
      }
    }
  }

  /**
   * The block at `vcn`, after fixup.
   * @throws DeadboxError `NTFS_INDEX_INVALID`, `NTFS_RECORD_TORN`, a read error
   */
  async block(vcn: number, options?: ReadOptions): Promise<{ node: IndexNode; place: Place }> {
    const known = this.#known.get(vcn);
    if (known !== undefined) return known;
    const from = vcn * this.#unit;
    const { blockSize } = this.root;
    if (this.blocks === undefined || !(from + blockSize <= this.blocks.size)) {
      throw ntfsError(
        'NTFS_INDEX_INVALID',
        `Index block ${vcn} of record ${this.#record} lies outside $INDEX_ALLOCATION of ${this.blocks?.size ?? 0} bytes`,
        { offset: this.rootOffset, record: this.#record },
        { vcn },
      );
    }
    const bytes = await this.blocks.read(from, blockSize, options);
    const place = { offset: await this.#placeOf(this.blocks, from, options), record: this.#record };
    const block = { node: parseIndexBlock(bytes, vcn, this.root.indexedType !== 0, place), place };
    if (this.#kept.left > 0 && block.node.problem === undefined && block.node.doubts.length === 0) {
      this.#kept.left -= 1;
      this.#known.set(vcn, block);
    }
    return block;
  }

  async #child(walk: Walk, above: Frame, entry: IndexEntry, depth: number): Promise<Frame | undefined> {
    const vcn = entry.childVcn as number;
    const entryOffset = above.offset + entry.offset;
    if (walk.visited.has(vcn) || depth >= MAX_INDEX_DEPTH) {
      walk.found.add('node-loop', this.#record, entryOffset, { vcn, depth });
      return undefined;
    }
    walk.visited.add(vcn);
    try {
      const { node, place } = await this.block(vcn, walk.options);
      const lower = above.next === 0 ? above.lower : above.node.entries[above.next - 1];
      const upper = entry.isLast ? above.upper : entry;
      return this.#frame(walk, { node, offset: place.offset, vcn, lower, upper });
    } catch (error) {
      if (!isDamage(error, walk.options.signal)) throw error;
      const at = error.at?.layer === 'volume' ? error.at.offset : entryOffset;
      walk.found.add('node-unreadable', this.#record, at, { vcn, reason: error.message });
      return undefined;
    }
  }

  /**
   * Prepares a node for the walk. Keys that do not ascend across the wanted range (in the node, or against the entries
   * above it) are damage: a binary search, and this walk too, would pass by what lies behind them.
   */
  #frame(walk: Walk, visited: VisitedNode): Frame | undefined {
    const { node, offset, vcn } = visited;
    for (const problem of node.problem === undefined ? node.doubts : [...node.doubts, node.problem]) {
      const { kind, field, expected, found } = problem;
      walk.found.add(kind, this.#record, offset + problem.offset, { field, expected, found });
    }
    const isWanted = walk.options.inspect?.(visited) ?? true;
    if (!isWanted) return undefined;
    const { entries } = node;
    const signs = new Int8Array(entries.length);
    const high = visited.upper === undefined ? 1 : Math.sign(walk.position(visited.upper));
    let before = visited.lower === undefined ? -1 : Math.sign(walk.position(visited.lower));
    for (let i = 0; i < entries.length; i += 1) {
      const entry = entries[i];
      signs[i] = entry.isLast ? 1 : Math.sign(walk.position(entry));
      if (entry.isLast) continue;
      if (signs[i] < before || signs[i] > high)
        walk.found.add('entry-order', this.#record, offset + entry.offset, {
          ...defined({ vcn }),
          found: 'keys that do not ascend',
        });
      before = signs[i];
    }
    walk.options.placed?.(visited, signs);
    const { lower, upper } = visited;
    return { node, offset, ...(vcn === undefined ? {} : { vcn }), lower, upper, signs, next: 0, descended: false };
  }

  async #placeOf(blocks: ByteSource, from: number, options?: ReadOptions): Promise<number> {
    for await (const batch of extentsOf(blocks, from, from + 1, options)) {
      for (const extent of batch) if (extent.origin !== undefined) return extent.origin.offset;
    }
    return this.rootOffset;
  }
}

function everything(): number {
  return 0;
}
