import { type ByteSource, type Bytes, type IssueLog, isDeadboxError, type ReadOptions } from '@deadbox/core';
import { addIssue, isSurvivable, type NtfsIssueCode, ntfsError, type Place } from '../errors.js';
import { MAX_INDEX_DEPTH } from '../limits.js';
import { AttributeType } from '../record/attribute.js';
import type { AttributeSet } from '../record/attribute-set.js';
import { type IndexEntry, type IndexNode, type IndexRoot, parseIndexBlock, parseIndexRoot } from './index-node.js';

/** One entry met on a walk, and where it stands. */
export interface FoundEntry {
  /** The entry. */
  readonly entry: IndexEntry;
  /** Byte offset on the volume of the root's value or of the block that holds the entry. */
  readonly nodeOffset: number;
  /** VCN of the block, in the index's own unit; `undefined` in the root. */
  readonly vcn?: number;
}

/** What a walk met besides entries. */
export interface WalkState {
  /** No bad node, bad entry or read error so far. */
  complete: boolean;
}

interface Frame {
  readonly entries: readonly IndexEntry[];
  /** -1, 0 or 1 for each entry: before, inside, behind the wanted range. */
  readonly signs: Int8Array;
  /** What the entries above this node allow. */
  readonly low: number;
  readonly high: number;
  readonly nodeOffset: number;
  readonly vcn?: number;
  next: number;
  descended: boolean;
}

/** The wanted range, and the signs that the entries above a node leave to its entries. */
interface Range {
  readonly position: Position;
  readonly low: number;
  readonly high: number;
}

/** Says where an entry lies in the wanted range: negative before, 0 inside, positive after. */
export type Position = (entry: IndexEntry) => number;

/**
 * One index of a file: `$INDEX_ROOT` and, when it has grown, the `INDX` blocks of `$INDEX_ALLOCATION`. Walks are in order (child before
 * entry) and read only the nodes that can hold the wanted range. A bad node is an issue and a gap; the walk goes on.
 */
export class IndexTree {
  /** The root, as parsed. */
  readonly root: IndexRoot;
  /** The blocks; `undefined` for an index that fits its root. */
  readonly blocks: ByteSource | undefined;
  readonly #unit: number;
  readonly #rootOffset: number;
  readonly #record: number;
  readonly #issues: IssueLog;

  private constructor(
    root: IndexRoot,
    rootOffset: number,
    blocks: ByteSource | undefined,
    clusterSize: number,
    record: number,
    issues: IssueLog,
  ) {
    this.root = root;
    this.blocks = blocks;
    // Index VCNs count clusters, or 512-byte units where a cluster is larger than a block.
    this.#unit = clusterSize <= root.blockSize ? clusterSize : 512;
    this.#rootOffset = rootOffset;
    this.#record = record;
    this.#issues = issues;
  }

  /**
   * Opens index `name` of a file.
   * @throws DeadboxError `NTFS_INDEX_INVALID` when its root is missing or cannot be
   */
  static async open(
    attributes: AttributeSet,
    name: string,
    clusterSize: number,
    issues: IssueLog,
    options?: ReadOptions,
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
    return new IndexTree(root, rootOffset, blocks, clusterSize, record, issues);
  }

  /** Bytes per VCN of this index. */
  get unit(): number {
    return this.#unit;
  }

  /**
   * The entries of the wanted range, in order, one batch a node visit.
   * @param position - where an entry lies; leave out for all entries
   * @param state - told when something could not be read
   */
  async *walk(state: WalkState, position: Position = everything, options?: ReadOptions): AsyncGenerator<FoundEntry[]> {
    const visited = new Set<number>();
    const stack: Frame[] = [
      this.#frame(this.root.node, this.#rootOffset, undefined, { position, low: -1, high: 1 }, state),
    ];
    let batch: FoundEntry[] = [];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1];
      const entry = frame.entries[frame.next];
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
        if (where >= 0 && entry.childVcn !== undefined) {
          const bounds = {
            position,
            low: frame.next === 0 ? frame.low : frame.signs[frame.next - 1],
            high: entry.isLast ? frame.high : where,
          };
          const child = await this.#child(
            entry.childVcn,
            visited,
            stack.length,
            frame.nodeOffset + entry.offset,
            bounds,
            state,
            options,
          );
          if (child !== undefined) {
            stack.push(child);
            continue;
          }
        }
      }
      if (where === 0)
        batch.push({ entry, nodeOffset: frame.nodeOffset, ...(frame.vcn === undefined ? {} : { vcn: frame.vcn }) });
      if (where > 0) frame.next = frame.entries.length;
      else {
        frame.next += 1;
        frame.descended = false;
      }
    }
    if (batch.length > 0) yield batch;
  }

  /**
   * The block at `vcn`, after fixup.
   * @throws DeadboxError `NTFS_INDEX_INVALID`, `NTFS_RECORD_TORN`, a read error
   */
  async block(vcn: number, options?: ReadOptions): Promise<{ node: IndexNode; place: Place }> {
    const from = vcn * this.#unit;
    const { blockSize } = this.root;
    if (this.blocks === undefined || !(from + blockSize <= this.blocks.size)) {
      throw ntfsError(
        'NTFS_INDEX_INVALID',
        `Index block ${vcn} of record ${this.#record} lies outside $INDEX_ALLOCATION of ${this.blocks?.size ?? 0} bytes`,
        { offset: this.#rootOffset, record: this.#record },
        { vcn },
      );
    }
    const bytes: Bytes = (await this.blocks.read(from, blockSize, options)).slice();
    const place = { offset: await this.#placeOf(from, options), record: this.#record };
    return { node: parseIndexBlock(bytes, vcn, this.root.indexedType !== 0, place), place };
  }

  async #child(
    vcn: number,
    visited: Set<number>,
    depth: number,
    entryOffset: number,
    range: Range,
    state: WalkState,
    options?: ReadOptions,
  ): Promise<Frame | undefined> {
    if (visited.has(vcn) || depth >= MAX_INDEX_DEPTH) {
      this.#damage('ntfs.index-loop', entryOffset, { vcn, depth }, state);
      return undefined;
    }
    visited.add(vcn);
    try {
      const { node, place } = await this.block(vcn, options);
      return this.#frame(node, place.offset, vcn, range, state);
    } catch (error) {
      if (!isSurvivable(error, options)) throw error;
      const at = isDeadboxError(error) && error.at?.layer === 'volume' ? error.at.offset : entryOffset;
      this.#damage('ntfs.index-node', at, { vcn, reason: (error as Error).message }, state);
      return undefined;
    }
  }

  /**
   * Prepares a node for the walk. Keys that do not ascend across the wanted range (in the node, or against the entries above it) are damage: a
   * binary search, and this walk too, would pass by what lies behind them.
   */
  #frame(node: IndexNode, offset: number, vcn: number | undefined, range: Range, state: WalkState): Frame {
    const { problem, entries } = node;
    if (problem !== undefined)
      this.#damage(
        'ntfs.index-entry',
        offset + problem.offset,
        { field: problem.field, expected: problem.expected, found: problem.found },
        state,
      );
    const signs = new Int8Array(entries.length);
    let before = range.low;
    for (const [i, entry] of entries.entries()) {
      signs[i] = entry.isLast ? 1 : Math.sign(range.position(entry));
      if (entry.isLast) continue;
      if (signs[i] < before || signs[i] > range.high)
        this.#damage(
          'ntfs.index-order',
          offset + entry.offset,
          { ...(vcn === undefined ? {} : { vcn }), found: 'keys that do not ascend' },
          state,
        );
      before = signs[i];
    }
    return {
      entries,
      signs,
      low: range.low,
      high: range.high,
      nodeOffset: offset,
      ...(vcn === undefined ? {} : { vcn }),
      next: 0,
      descended: false,
    };
  }

  #damage(code: NtfsIssueCode, offset: number, data: Record<string, string | number>, state: WalkState): void {
    state.complete = false;
    addIssue(this.#issues, code, { offset, record: this.#record }, data);
  }

  async #placeOf(from: number, options?: ReadOptions): Promise<number> {
    for await (const batch of this.blocks?.extents?.(from, from + 1, options) ?? []) {
      for (const extent of batch) if (extent.origin !== undefined) return extent.origin.offset;
    }
    return this.#rootOffset;
  }
}

function everything(): number {
  return 0;
}
