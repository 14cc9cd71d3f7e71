import type { ByteSource, Issue, IssueLog, Json, ReadOptions } from '@deadbox/core';
import { AllocationTable, type ClusterRun } from './allocation-table.js';
import type { FatGeometry } from './boot-sector.js';
import { ChainSource } from './chain-source.js';
import { DirectoryParser, type FatEntry } from './directory-entry.js';
import type { FatIssueCode } from './errors.js';
import type { FatContent, FatFile } from './fat-file.js';
import { DIRECTORY_CHUNK, MAX_DEPTH, MAX_DIRECTORY_BYTES } from './limits.js';

/** Reads files and directories along their cluster chains. */
export class ContentReader implements FatContent {
  readonly rootCluster: number;
  readonly #source: ByteSource;
  readonly #geometry: FatGeometry;
  readonly #issues: IssueLog;
  readonly #table: AllocationTable;
  /** Path of the directory that has a cluster: each has one only, or directories would lead to one another for ever. */
  readonly #owners = new Map<number, string>();
  #rootLabel: string | undefined;

  constructor(source: ByteSource, geometry: FatGeometry, issues: IssueLog) {
    this.#source = source;
    this.#geometry = geometry;
    this.#issues = issues;
    this.#table = new AllocationTable(source, geometry);
    this.rootCluster = geometry.rootCluster;
  }

  /** The label in the root directory, once its entry was read. */
  get rootLabel(): string | undefined {
    return this.#rootLabel;
  }

  async content(file: FatFile, options?: ReadOptions): Promise<ByteSource> {
    const wanted = Math.ceil(file.size / this.#geometry.clusterSize);
    if (wanted === 0) return new ChainSource(this.#source, this.#geometry, { runs: [], clusters: 0 }, 0, file.path);
    const chain = await this.#table.chain(file.firstCluster, wanted, (found) => this.#issues.add(found), options);
    if (chain.clusters < wanted && chain.fault === undefined) {
      const data = { path: file.path, size: file.size, covered: chain.clusters * this.#geometry.clusterSize };
      this.#note('fat.chain-short', 'error', this.#offsetOf(file.firstCluster), data);
    }
    return new ChainSource(this.#source, this.#geometry, chain, file.size, file.path);
  }

  async *list(directory: FatFile, options?: ReadOptions): AsyncGenerator<readonly FatEntry[]> {
    const parser = new DirectoryParser(this.#geometry.type === 'fat32');
    const pieces = await this.#pieces(directory, options);
    for (const { offset, length } of pieces) {
      for (let at = 0; at < length && !parser.ended; at += DIRECTORY_CHUNK) {
        const entries = parser.parse(
          await this.#source.read(offset + at, Math.min(DIRECTORY_CHUNK, length - at), options),
          offset + at,
        );
        if (directory.path === '/') this.#rootLabel ??= parser.label;
        if (entries.length > 0) yield entries;
      }
      if (parser.ended) break;
    }
    if (parser.orphans > 0) {
      const data = { path: directory.path, parts: parser.orphans };
      this.#note('fat.long-name-orphan', 'note', pieces[0]?.offset ?? 0, data);
    }
  }

  /** Where the entries of a directory lie on the volume. */
  async #pieces(directory: FatFile, options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    const { clusterSize, root, type } = this.#geometry;
    // On FAT12 and FAT16 cluster 0 means the fixed root directory.
    if (directory.firstCluster === 0 && type !== 'fat32') return directory.path === '/' ? [root] : [];
    const wanted = Math.ceil(MAX_DIRECTORY_BYTES / clusterSize) + 1;
    const chain = await this.#table.chain(directory.firstCluster, wanted, (found) => this.#issues.add(found), options);
    if (chain.clusters === wanted) {
      const data = { path: directory.path, limit: MAX_DIRECTORY_BYTES };
      this.#note('fat.directory-capped', 'error', this.#offsetOf(directory.firstCluster), data);
    }
    return this.#owned(directory, chain.runs).map((run) => ({
      offset: this.#offsetOf(run.first),
      length: run.count * clusterSize,
    }));
  }

  /** The clusters of a directory up to the first that another directory has. */
  #owned(directory: FatFile, runs: readonly ClusterRun[]): ClusterRun[] {
    if (directory.path.split('/').length > MAX_DEPTH) {
      this.#note('fat.directory-depth', 'error', this.#offsetOf(directory.firstCluster), { limit: MAX_DEPTH });
      return [];
    }
    const owned: ClusterRun[] = [];
    for (const { first, count } of runs) {
      for (let i = 0; i < count; i += 1) {
        const owner = this.#owners.get(first + i) ?? directory.path;
        this.#owners.set(first + i, owner);
        if (owner === directory.path) continue;
        const data = { path: directory.path.slice(0, 260), other: owner.slice(0, 260), cluster: first + i };
        this.#note('fat.directory-shared', 'error', this.#offsetOf(first + i), data);
        if (i > 0) owned.push({ first, count: i });
        return owned;
      }
      owned.push({ first, count });
    }
    return owned;
  }

  #offsetOf(cluster: number): number {
    return this.#geometry.dataOffset + Math.max(0, cluster - 2) * this.#geometry.clusterSize;
  }

  #note(code: FatIssueCode, severity: Issue['severity'], offset: number, data: Record<string, Json>): void {
    this.#issues.add({ code, severity, at: { layer: 'volume', offset }, data });
  }
}
