import { type IssueLog, isDamage, partitionPoint, type ReadOptions } from '@deadbox/core';
import { addIssue, ntfsError } from '../errors.js';
import { AttributeType } from './attribute.js';
import type { AttributeListEntry } from './attribute-list.js';
import { type DataRun, findRun, HOLE, parseDataRuns } from './data-runs.js';
import type { FileRecord } from './file-record.js';

/** Through which extents a cluster may be looked for: any, those before a number, or those that are loaded already. */
export type Reach = number | 'any' | 'loaded';

/** One extent of `$MFT`'s own `$DATA`: its runs, or the list entry that says which record has them. */
interface Segment {
  readonly firstVcn: number;
  readonly entry?: AttributeListEntry;
  runs?: readonly DataRun[];
  loading?: Promise<readonly DataRun[]>;
}

/**
 * The extents of `$MFT`'s own `$DATA`. All but the first stand in extension records, which lie in `$MFT` themselves: an
 * extent is loaded when a cluster in it is asked for, first only through extents with lower VCNs, so that no chain of
 * them can close.
 */
export class MftExtents {
  readonly #base: FileRecord;
  readonly #totalClusters: number;
  readonly #issues: IssueLog;
  readonly #read: (number: number, reach: Reach, options?: ReadOptions) => Promise<FileRecord>;
  readonly #segments: Segment[];
  #unreached: Promise<void> | undefined;
  /** Clusters that the runs loaded so far name. */
  #mapped: number;

  /**
   * @param base - record 0
   * @param first - the runs in it
   * @param read - reads a file record, looking for its clusters only within `reach`
   */
  constructor(
    base: FileRecord,
    first: readonly DataRun[],
    totalClusters: number,
    issues: IssueLog,
    read: (number: number, reach: Reach, options?: ReadOptions) => Promise<FileRecord>,
  ) {
    this.#base = base;
    this.#segments = [{ firstVcn: 0, runs: first }];
    this.#totalClusters = totalClusters;
    this.#mapped = first.reduce((sum, run) => sum + (run.lcn === HOLE ? 0 : run.length), 0);
    this.#issues = issues;
    this.#read = read;
  }

  /** Adds a later extent; they come in ascending order, of two with one first VCN the first counts. */
  add(entry: AttributeListEntry): void {
    if (this.#segments[this.#segments.length - 1].firstVcn < entry.firstVcn)
      this.#segments.push({ firstVcn: entry.firstVcn, entry });
  }

  /** The run that holds `vcn`, or `undefined`. Loads the extent it is in. */
  async find(vcn: number, reach: Reach, options?: ReadOptions): Promise<DataRun | undefined> {
    const count = typeof reach === 'number' ? reach : this.#segments.length;
    // The first segment holds every cluster that none of the others begins before.
    const low = Math.max(0, partitionPoint(count, (index) => this.#segments[index].firstVcn <= vcn) - 1);
    const segment = this.#segments[low];
    if (segment.runs === undefined && reach === 'loaded') return undefined;
    const runs = segment.runs ?? (await this.#load(low, options));
    const index = findRun(runs, vcn);
    return index < 0 ? undefined : runs[index];
  }

  #load(index: number, options?: ReadOptions): Promise<readonly DataRun[]> {
    const segment = this.#segments[index];
    segment.loading ??= this.#loadSegment(segment, index, options).then(
      (runs) => (segment.runs = runs),
      (error: unknown) => {
        delete segment.loading;
        throw error;
      },
    );
    return segment.loading;
  }

  /** The runs of one segment, from its extension record, which must be reachable through the segments before it. */
  async #loadSegment(segment: Segment, index: number, options?: ReadOptions): Promise<readonly DataRun[]> {
    try {
      return await this.#readSegment(segment, index, options);
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
    }
    // Windows keeps these records at the front of $MFT, but volumes exist where one lies in a part that a later segment
    // maps.
    await this.#loadUnreached(options);
    return segment.runs as readonly DataRun[];
  }

  /**
   * Loads what can be reached through the segments that are loaded, again and again until that adds nothing. The rest
   * is lost.
   */
  #loadUnreached(options?: ReadOptions): Promise<void> {
    this.#unreached ??= (async () => {
      const reasons = new Map<Segment, string>();
      // Another caller may load a segment meanwhile, which is progress too.
      for (let before = -1, now = this.#loaded(); now > before; now = this.#loaded()) {
        before = now;
        for (const segment of this.#segments) {
          if (segment.runs !== undefined) continue;
          try {
            segment.runs = await this.#readSegment(segment, 'loaded', options);
          } catch (error) {
            if (!isDamage(error, options?.signal)) throw error;
            reasons.set(segment, error.message);
          }
        }
      }
      for (const segment of this.#segments) {
        if (segment.runs !== undefined) continue;
        segment.runs = [];
        const at = { offset: this.#base.place.offset, record: (segment.entry as AttributeListEntry).holder.record };
        const data = { firstVcn: segment.firstVcn, reason: reasons.get(segment) as string };
        addIssue(this.#issues, 'ntfs.mft-extent', at, data);
      }
    })().finally(() => {
      this.#unreached = undefined;
    });
    return this.#unreached;
  }

  #loaded(): number {
    return this.#segments.filter((segment) => segment.runs !== undefined).length;
  }

  async #readSegment(segment: Segment, reach: Reach, options?: ReadOptions): Promise<readonly DataRun[]> {
    const entry = segment.entry as AttributeListEntry;
    const holder = await this.#read(entry.holder.record, reach, options);
    const found = holder.attributes.find(
      (attribute) => attribute.type === AttributeType.data && attribute.name === '' && attribute.id === entry.id,
    );
    const belongs =
      holder.inUse &&
      holder.base?.record === 0 &&
      (entry.holder.sequence === 0 || holder.sequence === entry.holder.sequence);
    if (!belongs || found === undefined || found.resident || found.firstVcn !== segment.firstVcn) {
      const what = `Record ${holder.number} does not hold the extent of $MFT from cluster ${segment.firstVcn}`;
      throw ntfsError('NTFS_ATTRIBUTE_INVALID', what, { ...holder.place, record: holder.number });
    }
    const { firstVcn, lastVcn } = found;
    const limits = { firstVcn, lastVcn, totalClusters: this.#totalClusters, mappedBefore: this.#mapped };
    const parsed = parseDataRuns(found.runs, limits);
    this.#mapped = parsed.mapped;
    if (parsed.problem !== undefined) {
      const offset = holder.place.offset + found.runsOffset + parsed.problem.offset;
      const data = { reason: parsed.problem.reason, stream: '$MFT' };
      addIssue(this.#issues, 'ntfs.runs', { offset, record: holder.number }, data);
    }
    return parsed.runs;
  }

  /** All runs, in order; loads every extent. */
  async all(options?: ReadOptions): Promise<DataRun[]> {
    for (let index = 0; index < this.#segments.length; index += 1) {
      if (this.#segments[index].runs === undefined) await this.#load(index, options);
    }
    return this.#segments.flatMap((segment) => segment.runs as readonly DataRun[]);
  }
}
