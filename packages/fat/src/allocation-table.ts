import {
  andThen,
  type ByteSource,
  type Bytes,
  type Issue,
  keepNewest,
  type MaybePromise,
  type ReadOptions,
} from '@deadbox/core';
import type { FatGeometry } from './boot-sector.js';
import type { FatIssueCode } from './errors.js';
import { CHAIN_WALKS, FREE_CHAIN_STEPS, TABLE_WINDOW, TABLE_WINDOWS_KEPT } from './limits.js';

/** A run of neighbouring clusters. */
export interface ClusterRun {
  readonly first: number;
  readonly count: number;
}

/** A cluster chain as far as it could be followed. */
export interface ClusterChain {
  readonly runs: readonly ClusterRun[];
  /** Clusters in all runs. */
  readonly clusters: number;
  /** Why the chain ended before it should; `undefined` when it is whole. */
  readonly fault?: { readonly code: FatIssueCode; readonly reason: string; readonly cluster: number };
}

/** The allocation tables of a volume: entries of 12, 16 or 28 bits that name the next cluster of a file. */
export class AllocationTable {
  readonly #volume: ByteSource;
  readonly #geometry: FatGeometry;
  readonly #windows = new Map<number, Bytes>();
  readonly #bits: 12 | 16 | 32;
  /** Clusters that may still be walked. Chains that share clusters are damage, and their product may be anything. */
  #steps: number;

  constructor(volume: ByteSource, geometry: FatGeometry) {
    this.#volume = volume;
    this.#geometry = geometry;
    this.#bits = geometry.type === 'fat12' ? 12 : geometry.type === 'fat16' ? 16 : 32;
    this.#steps = FREE_CHAIN_STEPS + CHAIN_WALKS * Math.floor((geometry.tableLength * 8) / this.#bits);
  }

  /**
   * Follows the chain from `first`, for at most `wanted` clusters. When the active table breaks off, the other one is
   * tried.
   * @param note - takes the issues
   */
  async chain(
    first: number,
    wanted: number,
    note: (issue: Issue) => void,
    options?: ReadOptions,
  ): Promise<ClusterChain> {
    let best: ClusterChain | undefined;
    for (const [index, table] of this.#geometry.tables.entries()) {
      const chain = await this.#follow(table, first, wanted, options);
      if (chain.fault === undefined) {
        const at = { layer: 'volume', offset: table };
        const data = { firstCluster: first, table: index };
        if (index > 0) note({ code: 'fat.second-table-used', severity: 'warning', at, data });
        return chain;
      }
      if (best === undefined || chain.clusters > best.clusters) best = chain;
    }
    const broken = best as ClusterChain;
    const { code, reason, cluster } = broken.fault as NonNullable<ClusterChain['fault']>;
    const at = { layer: 'volume', offset: this.#geometry.tables[0] + Math.floor((cluster * this.#bits) / 8) };
    note({ code, severity: 'error', at, data: { firstCluster: first, cluster, reason } });
    return broken;
  }

  async #follow(table: number, first: number, wanted: number, options?: ReadOptions): Promise<ClusterChain> {
    const runs: { first: number; count: number }[] = [];
    let clusters = 0;
    let current = first;
    let seen: ClusterSet | undefined;
    const fault = (code: FatIssueCode, reason: string, cluster: number): ClusterChain => {
      return { runs, clusters, fault: { code, reason, cluster } };
    };
    if (!this.#isCluster(first)) return fault('fat.chain-broken', describe(first, this.#bits), first);
    // A chain that has every cluster ends, or comes back to one of them.
    while (clusters < wanted) {
      const last = runs.at(-1);
      if (last !== undefined && last.first + last.count === current) last.count += 1;
      else runs.push({ first: current, count: 1 });
      clusters += 1;
      seen?.add(current);
      this.#steps -= 1;
      if (this.#steps < 0) return fault('fat.chain-work', 'the chains of the volume share too many clusters', current);
      if (clusters === wanted) break;
      const pending = this.#entry(table, current, options);
      const next: number = pending instanceof Promise ? await pending : pending;
      if (this.#isEnd(next)) return { runs, clusters };
      if (!this.#isCluster(next)) return fault('fat.chain-broken', describe(next, this.#bits), current);
      // Every loop has a step backwards: only then the clusters so far need to be known one by one.
      if (next <= current && seen === undefined) {
        seen = new ClusterSet(this.#geometry.clusterCount + 2);
        for (const run of runs) for (let i = 0; i < run.count; i += 1) seen.add(run.first + i);
      }
      if (seen?.has(next) === true) return fault('fat.chain-loop', 'the chain comes back to one of its clusters', next);
      current = next;
    }
    return { runs, clusters };
  }

  #isCluster(value: number): boolean {
    return value >= 2 && value < this.#geometry.clusterCount + 2;
  }

  #isEnd(value: number): boolean {
    return value >= (this.#bits === 12 ? 0xff8 : this.#bits === 16 ? 0xfff8 : 0x0fff_fff8);
  }

  /**
   * Entry `cluster` of the table at `table`. FAT12 windows hold a whole number of 3-byte pairs, so that no entry is
   * cut.
   */
  #entry(table: number, cluster: number, options?: ReadOptions): MaybePromise<number> {
    const at = Math.floor((cluster * this.#bits) / 8);
    const size = this.#bits === 12 ? 3072 : TABLE_WINDOW;
    const start = at - (at % size);
    const window = this.#windows.get(table + start);
    if (window !== undefined) return this.#value(window, at - start, cluster);
    const length = Math.min(size, this.#geometry.tableLength - start);
    return andThen(this.#volume.read(table + start, length, options), (bytes) =>
      this.#value(keepNewest(this.#windows, table + start, bytes, TABLE_WINDOWS_KEPT), at - start, cluster),
    );
  }

  #value(window: Bytes, at: number, cluster: number): number {
    if (this.#bits === 32)
      return (window[at] | (window[at + 1] << 8) | (window[at + 2] << 16) | (window[at + 3] << 24)) & 0x0fff_ffff;
    const pair = window[at] | (window[at + 1] << 8);
    if (this.#bits === 16) return pair;
    return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
  }
}

/** Clusters, one bit each. */
class ClusterSet {
  readonly #bits: Uint8Array;

  constructor(clusters: number) {
    this.#bits = new Uint8Array(Math.ceil(clusters / 8));
  }

  add(cluster: number): void {
    this.#bits[cluster >> 3] |= 1 << (cluster & 7);
  }

  has(cluster: number): boolean {
    return (this.#bits[cluster >> 3] & (1 << (cluster & 7))) !== 0;
  }
}

function describe(value: number, bits: 12 | 16 | 32): string {
  if (value === 0) return 'free cluster';
  if (value === (bits === 12 ? 0xff7 : bits === 16 ? 0xfff7 : 0x0fff_fff7)) return 'bad cluster';
  return value < 2 ? 'reserved cluster' : 'cluster outside the volume';
}
