import { type ByteSource, type Bytes, type IssueLog, type ReadOptions, SECTOR } from '@deadbox/core';
import { MAX_QCOW_CHECKED_BYTES, MAX_QCOW_CHECKED_CLUSTERS } from '../limits.js';
import { MAX_REFCOUNT_ORDER, type Qcow2Header } from './header.js';
import { type Qcow2SnapshotTable, type Qcow2SnapshotView, readQcow2SnapshotViews } from './snapshots.js';

/** What {@link checkClusters} looks at. */
export interface Qcow2CheckInput {
  readonly header: Qcow2Header;
  /** Absent where there are none, or the table cannot be read. */
  readonly snapshots: Qcow2SnapshotTable | undefined;
  readonly source: ByteSource;
  /** Name of the file for issues. */
  readonly layer: string;
  readonly issues: IssueLog;
}

/** What a cluster of the file is used for; one that is two things at once is wrong. */
const USE = { header: 1, l1: 2, l2: 4, data: 8, refcounts: 16, snapshots: 32 } as const;
type Use = (typeof USE)[keyof typeof USE];

const HIGH = 2 ** 32;
/** In the upper half of an entry: bits 32-55 of an offset, its only user (bit 63), a compressed cluster (bit 62). */
const OFFSET_HIGH = 0x00ff_ffff;
const OFFSET_LOW = 0xffff_fe00;
const COPIED = 0x8000_0000;
const COMPRESSED = 0x4000_0000;
/**
 * Bits that are zero in the two halves of an entry of the first level, the second level, and the table of reference
 * counts.
 */
const RESERVED = { l1: [0x7f00_0000, 0x1ff], l2: [0x3f00_0000, 0x1fe], refcounts: [0, 0x1ff] } as const;
/** Counts are kept up to here. */
const MOST = 0xffff;
/** Bytes of a table that are read at a time. */
const PIECE = 64 * 1024;

/**
 * Counts how often the tables of a QCOW2 image use each cluster of the file, and compares that with the reference
 * counts and with the
 * flag that names the only user, as `qemu-img check` does; and finds clusters that are table and data at once.
 * Contradictions are issues
 * of the code `image.cluster-contradiction`; clusters that nobody uses and that are counted all the same are only
 * noted.
 * @returns whether the image was checked: one with more tables than {@link MAX_QCOW_CHECKED_BYTES}, a longer file, or
 * counts of a width that does not exist, is not
 */
export async function checkClusters(input: Qcow2CheckInput, options: ReadOptions = {}): Promise<boolean> {
  const clusters = Math.ceil(input.source.size / 2 ** input.header.clusterBits);
  // A header that was opened with a wider count has an issue for it.
  if (clusters > MAX_QCOW_CHECKED_CLUSTERS || input.header.refcounts.order > MAX_REFCOUNT_ORDER) return false;
  const check = new ClusterCheck(input, clusters, options);
  return check.run();
}

/** Uses of one table: how often it is named, and whether the current state names it. */
interface TableUse {
  count: number;
  current: boolean;
}

class ClusterCheck {
  readonly #input: Qcow2CheckInput;
  readonly #options: ReadOptions;
  readonly #clusterBytes: number;
  readonly #counted: Uint16Array;
  readonly #uses: Uint8Array;
  /** Clusters that the current state names, with the flag of the only user set (1) or not (2), both (3). */
  readonly #flags: Uint8Array;
  #budget: number = MAX_QCOW_CHECKED_BYTES;

  constructor(input: Qcow2CheckInput, clusters: number, options: ReadOptions) {
    this.#input = input;
    this.#options = options;
    this.#clusterBytes = 2 ** input.header.clusterBits;
    this.#counted = new Uint16Array(clusters);
    this.#uses = new Uint8Array(clusters);
    this.#flags = new Uint8Array(clusters);
  }

  async run(): Promise<boolean> {
    const { snapshots } = this.#input;
    this.#use(0, this.#clusterBytes, USE.header);
    const views = snapshots === undefined ? [] : await this.#snapshots(snapshots);
    const tables = await this.#firstLevel(views);
    if (tables === undefined) return false;
    for (const [offset, use] of tables) if (!(await this.#secondLevel(offset, use))) return false;
    const isCounted = await this.#referenceCounts();
    if (isCounted) this.#tellOverlaps();
    return isCounted;
  }

  async #snapshots(table: Qcow2SnapshotTable): Promise<readonly Qcow2SnapshotView[]> {
    const { tableBytes, views } = await readQcow2SnapshotViews(table);
    this.#use(table.offset, tableBytes, USE.snapshots);
    return views;
  }

  /** The second-level tables that all first-level tables name, the snapshots' too. */
  async #firstLevel(snapshots: readonly Qcow2SnapshotView[]): Promise<Map<number, TableUse> | undefined> {
    const tables = new Map<number, TableUse>();
    const views = [this.#input.header, ...snapshots];
    for (const [index, { l1Offset, l1Entries }] of views.entries()) {
      const isRead = await this.#entries(l1Offset, l1Entries, 8, (high, low, at) => {
        this.#checkReserved(high, low, RESERVED.l1, at);
        const offset = offsetOf(high, low);
        if (offset === 0) return;
        const use = tables.get(offset) ?? { count: 0, current: false };
        use.count = Math.min(MOST, use.count + 1);
        if (index === 0) {
          use.current = true;
          this.#flag(offset, high);
        }
        tables.set(offset, use);
      });
      if (!isRead) return undefined;
      this.#use(l1Offset, l1Entries * 8, USE.l1);
    }
    return tables;
  }

  /** The clusters that a second-level table names, once for each of its own users. */
  async #secondLevel(offset: number, { count, current }: TableUse): Promise<boolean> {
    const { header } = this.#input;
    this.#use(offset, this.#clusterBytes, USE.l2, count);
    const entryBytes = header.extendedL2 ? 16 : 8;
    return this.#entries(offset, this.#clusterBytes / entryBytes, entryBytes, (high, low, place, bitmap) => {
      if (header.extendedL2) this.#checkSubclusters(high, low, place, bitmap);
      if ((high & COMPRESSED) !== 0) {
        // What shares its sectors with others has no only user.
        if ((high & COPIED) !== 0) this.#contradiction('only-user', place, {});
        const { at, length } = this.#compressed(high, low);
        this.#use(at, length, USE.data, count);
        return;
      }
      this.#checkReserved(high, low, RESERVED.l2, place);
      const cluster = offsetOf(high, low);
      // Clusters of another file are not counted in this one.
      if (cluster === 0 || header.hasDataFile) return;
      this.#use(cluster, this.#clusterBytes, USE.data, count);
      if (current) this.#flag(cluster, high);
    });
  }

  /** @param bitmap - subclusters that read as zeros, and those that are allocated */
  #checkSubclusters(high: number, low: number, at: number, [zeros, allocated]: readonly [number, number]): void {
    const isCompressed = (high & COMPRESSED) !== 0;
    const hasCluster = offsetOf(high, low) !== 0 || this.#input.header.hasDataFile;
    if ((zeros & allocated) !== 0 || (allocated !== 0 && !hasCluster) || (isCompressed && (zeros | allocated) !== 0))
      this.#contradiction('subclusters', at, {});
  }

  #checkReserved(high: number, low: number, [upper, lower]: readonly [number, number], at: number): void {
    if ((high & upper) !== 0 || (low & lower) !== 0) this.#contradiction('reserved-bits', at, {});
  }

  #compressed(high: number, low: number): { at: number; length: number } {
    const bits = 62 - (this.#input.header.clusterBits - 8) - 32;
    const at = (high & (2 ** bits - 1)) * HIGH + low;
    const sectors = ((high >>> bits) & (2 ** (30 - bits) - 1)) + 1;
    return { at, length: sectors * SECTOR - (at % SECTOR) };
  }

  /** Reads the counts, whose own clusters are in use too, and compares them. */
  async #referenceCounts(): Promise<boolean> {
    const { offset, clusters, order } = this.#input.header.refcounts;
    this.#use(offset, clusters * this.#clusterBytes, USE.refcounts);
    const perBlock = (this.#clusterBytes * 8) / 2 ** order;
    const needed = Math.ceil(this.#counted.length / perBlock);
    const blocks: number[] = [];
    const isRead = await this.#entries(
      offset,
      Math.min(needed, (clusters * this.#clusterBytes) / 8),
      8,
      (high, low, at) => {
        this.#checkReserved(high, low, RESERVED.refcounts, at);
        // Only the lowest nine bits of these entries are no offset.
        blocks.push((high >>> 0) * HIGH + ((low & OFFSET_LOW) >>> 0));
      },
    );
    if (!isRead) return false;
    for (const block of blocks) if (block !== 0) this.#use(block, this.#clusterBytes, USE.refcounts);
    // A writer that was cut off counts anew, if it said beforehand that its counts lag behind.
    if (this.#input.header.dirty) return true;
    let unused = 0;
    for (let index = 0; index < needed; index += 1) {
      const block = blocks[index] ?? 0;
      const bytes = block === 0 ? undefined : await this.#read(block, this.#clusterBytes);
      const first = index * perBlock;
      const end = Math.min(first + perBlock, this.#counted.length);
      for (let cluster = first; cluster < end; cluster += 1) {
        const stored = bytes === undefined ? 0 : countIn(bytes, cluster - first, order);
        if (this.#compare(cluster, stored)) unused += 1;
      }
    }
    // Bitmaps use clusters, too, and are not looked at.
    if (unused > 0) this.#input.issues.add(this.#issue('unused', 0, { clusters: unused }, 'note'));
    return true;
  }

  /** @returns whether the cluster is counted more often than it is used */
  #compare(cluster: number, stored: number): boolean {
    const used = this.#counted[cluster];
    const flags = this.#flags[cluster];
    if (stored < used) this.#contradiction('count', cluster * this.#clusterBytes, { stored, used });
    else if ((flags & (stored === 1 ? 2 : 1)) !== 0)
      this.#contradiction('only-user', cluster * this.#clusterBytes, { stored, used });
    return stored > used;
  }

  #tellOverlaps(): void {
    for (const [cluster, uses] of this.#uses.entries())
      if ((uses & (uses - 1)) !== 0)
        this.#contradiction('overlap', cluster * this.#clusterBytes, { uses: usesOf(uses) });
  }

  /** Notes that a part of the file is in use. */
  #use(offset: number, length: number, use: Use, times = 1): void {
    const first = Math.floor(offset / this.#clusterBytes);
    const last = Math.min(Math.floor((offset + length - 1) / this.#clusterBytes), this.#counted.length - 1);
    if (first >= this.#counted.length) this.#contradiction('outside', offset, { length });
    for (let cluster = first; cluster <= last; cluster += 1) {
      this.#counted[cluster] = Math.min(MOST, this.#counted[cluster] + times);
      this.#uses[cluster] |= use;
    }
  }

  #flag(offset: number, high: number): void {
    const cluster = offset / this.#clusterBytes;
    if (cluster < this.#flags.length) this.#flags[cluster] |= (high & COPIED) === 0 ? 2 : 1;
  }

  /**
   * Calls back for each entry of a table, as far as it lies in the file.
   * @returns false once more was read than is allowed
   */
  async #entries(
    offset: number,
    count: number,
    entryBytes: number,
    each: (high: number, low: number, at: number, bitmap: readonly [number, number]) => void,
  ): Promise<boolean> {
    const end = Math.min(offset + count * entryBytes, this.#input.source.size);
    for (let at = offset; at + entryBytes <= end; at += PIECE) {
      const bytes = await this.#read(at, Math.min(PIECE, end - at));
      if (bytes === undefined) return false;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let place = 0; place + entryBytes <= bytes.length; place += entryBytes)
        each(view.getUint32(place), view.getUint32(place + 4), at + place, bitmapAt(view, place, entryBytes));
    }
    return true;
  }

  async #read(offset: number, length: number): Promise<Bytes | undefined> {
    const { source } = this.#input;
    this.#options.signal?.throwIfAborted();
    this.#budget -= length;
    const available = Math.min(length, source.size - offset);
    return this.#budget < 0 || available <= 0 ? undefined : source.read(offset, available, this.#options);
  }

  #contradiction(kind: string, offset: number, data: Record<string, number | string[]>): void {
    this.#input.issues.add(this.#issue(kind, offset, data, 'error'));
  }

  #issue(
    kind: string,
    offset: number,
    data: Record<string, number | string[]>,
    severity: 'error' | 'note',
  ): Parameters<IssueLog['add']>[0] {
    const at = { layer: this.#input.layer, offset };
    return { code: 'image.cluster-contradiction', severity, at, data: { kind, ...data } };
  }
}

const NO_BITMAP = [0, 0] as const;

function bitmapAt(view: DataView, place: number, entryBytes: number): readonly [number, number] {
  return entryBytes === 8 ? NO_BITMAP : [view.getUint32(place + 8), view.getUint32(place + 12)];
}

function offsetOf(high: number, low: number): number {
  return (high & OFFSET_HIGH) * HIGH + ((low & OFFSET_LOW) >>> 0);
}

/**
 * The reference count `index` of a block; counts of less than a byte begin at its lowest bit, longer ones are
 * big-endian.
 */
function countIn(bytes: Bytes, index: number, order: number): number {
  if (order < 3) {
    const bits = 2 ** order;
    const bit = index * bits;
    return (bytes[bit >> 3] >> (bit & 7)) & (2 ** bits - 1);
  }
  let count = 0;
  const width = 2 ** (order - 3);
  for (let at = 0; at < width; at += 1) count = count * 256 + (bytes[index * width + at] ?? 0);
  return Math.min(MOST, count);
}

function usesOf(uses: number): string[] {
  return Object.entries(USE)
    .filter(([, bit]) => (uses & bit) !== 0)
    .map(([name]) => name);
}
