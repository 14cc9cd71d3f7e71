import {
  asciiText,
  type ByteSource,
  type Bytes,
  DeadboxError,
  type FileTree,
  IssueLog,
  isZero,
  type Json,
  type ReadOptions,
  splitPath,
} from '@deadbox/core';
import { AllocationTable } from './allocation-table.js';
import { type BootSectorFault, type FatGeometry, parseBootSector } from './boot-sector.js';
import { ChainSource } from './chain-source.js';
import { DirectoryParser, type FatEntry } from './directory-entry.js';
import type { FatErrorCode, FatIssueCode } from './errors.js';
import { FatFile } from './fat-file.js';
import { DIRECTORY_CHUNK, MAX_DIRECTORY_BYTES } from './limits.js';
import { foldName } from './name-comparison.js';

/** Options of {@link FatVolume.open}. */
export interface FatOptions extends ReadOptions {
  /** Where issues go; default a log of the volume's own, {@link FatVolume.issues}. */
  readonly issues?: IssueLog;
}

/** A FAT12, FAT16 or FAT32 volume, read-only. */
export class FatVolume implements FileTree {
  /** Where everything lies. */
  readonly geometry: FatGeometry;
  /** What was wrong and survived. */
  readonly issues: IssueLog;
  readonly #source: ByteSource;
  readonly #table: AllocationTable;
  #label: string | undefined;

  private constructor(source: ByteSource, geometry: FatGeometry, issues: IssueLog) {
    this.#source = source;
    this.geometry = geometry;
    this.issues = issues;
    this.#table = new AllocationTable(source, geometry);
  }

  /**
   * Opens a volume; reads one sector. FAT32's copy of the boot sector is used when sector 0 is damaged.
   * @throws DeadboxError `FAT_NOT_FAT`
   */
  static async open(source: ByteSource, options: FatOptions = {}): Promise<FatVolume> {
    const issues = options.issues ?? new IssueLog();
    const first = await source.read(0, Math.min(512, source.size), options);
    const parsed = parseFirst(first);
    let geometry = 'field' in parsed ? undefined : parsed;
    // FAT32 keeps the copy in sector 6 (Microsoft FAT specification, section 3.3), whatever the sector size is.
    for (const offset of [6 * 512, 6 * 4096]) {
      if (geometry !== undefined || offset + 512 > source.size) continue;
      const copy = parseFirst(await source.read(offset, 512, options));
      if ('field' in copy || copy.type !== 'fat32' || copy.sectorSize * 6 !== offset) continue;
      issues.add(issue('fat.backup-boot-sector-used', 'warning', 0, { copy: offset }));
      geometry = copy;
    }
    if (geometry === undefined) throw notFat(first, parsed as BootSectorFault);
    return new FatVolume(source, fitted(geometry, source.size, issues), issues);
  }

  /** `fat12`, `fat16` or `fat32`. */
  get fileSystem(): string {
    return this.geometry.type;
  }

  /** Serial number as Windows shows it, `134C-D791`. */
  get serial(): string | undefined {
    return this.geometry.serial;
  }

  /** Bytes of a cluster. */
  get clusterSize(): number {
    return this.geometry.clusterSize;
  }

  /** The root directory. */
  get root(): FatFile {
    return new FatFile(this, undefined, '');
  }

  /** The label: of the root directory, else of the boot sector; `undefined` when there is none (`NO NAME`). */
  async label(options?: ReadOptions): Promise<string | undefined> {
    const batches = this.list(this.root, options);
    // Only as far as the label's entry, which stands first on most volumes.
    let step = await batches.next();
    while (step.done !== true && this.#label === undefined) step = await batches.next();
    await batches.return(undefined);
    const label = this.#label ?? this.geometry.label;
    return label === '' || label === 'NO NAME' ? undefined : label;
  }

  /** The file at `path`, by long or short names, in any case. `undefined` when there is no such name. */
  async lookup(path: string, options?: ReadOptions): Promise<FatFile | undefined> {
    let file = this.root;
    for (const part of splitPath(path)) {
      const entry = file.type === 'directory' ? await this.#find(file, foldName(part), options) : undefined;
      if (entry === undefined) return undefined;
      file = new FatFile(this, entry, file.path);
    }
    return file;
  }

  /** @internal The content of a file. */
  async content(file: FatFile, options?: ReadOptions): Promise<ByteSource> {
    const wanted = Math.ceil(file.size / this.geometry.clusterSize);
    if (wanted === 0) return new ChainSource(this.#source, this.geometry, { runs: [], clusters: 0 }, 0, file.path);
    const chain = await this.#table.chain(file.firstCluster, wanted, (found) => this.issues.add(found), options);
    if (chain.clusters < wanted && chain.fault === undefined) {
      const data = { path: file.path, size: file.size, covered: chain.clusters * this.geometry.clusterSize };
      this.issues.add(issue('fat.chain-short', 'error', this.#offsetOf(file.firstCluster), data));
    }
    return new ChainSource(this.#source, this.geometry, chain, file.size, file.path);
  }

  /** @internal The live entries of a directory, in batches. */
  async *list(directory: FatFile, options?: ReadOptions): AsyncGenerator<readonly FatEntry[]> {
    const parser = new DirectoryParser(this.geometry.type === 'fat32');
    const pieces = await this.#pieces(directory, options);
    for (const { offset, length } of pieces) {
      for (let at = 0; at < length && !parser.ended; at += DIRECTORY_CHUNK) {
        const entries = parser.parse(
          await this.#source.read(offset + at, Math.min(DIRECTORY_CHUNK, length - at), options),
        );
        if (directory.path === '/') this.#label ??= parser.label;
        if (entries.length > 0) yield entries;
      }
      if (parser.ended) break;
    }
    if (parser.orphans > 0) {
      this.issues.add(
        issue('fat.long-name-orphan', 'note', pieces[0]?.offset ?? 0, { path: directory.path, parts: parser.orphans }),
      );
    }
  }

  async #find(directory: FatFile, folded: string, options?: ReadOptions): Promise<FatEntry | undefined> {
    for await (const batch of this.list(directory, options)) {
      for (const entry of batch)
        if (foldName(entry.name) === folded || foldName(entry.shortName) === folded) return entry;
    }
    return undefined;
  }

  /** Where the entries of a directory lie on the volume. */
  async #pieces(directory: FatFile, options?: ReadOptions): Promise<{ offset: number; length: number }[]> {
    const { clusterSize, root, type } = this.geometry;
    // On FAT12 and FAT16 cluster 0 means the fixed root directory.
    if (directory.firstCluster === 0 && type !== 'fat32') return directory.path === '/' ? [root] : [];
    const wanted = Math.ceil(MAX_DIRECTORY_BYTES / clusterSize) + 1;
    const chain = await this.#table.chain(directory.firstCluster, wanted, (found) => this.issues.add(found), options);
    if (chain.clusters === wanted) {
      this.issues.add(
        issue('fat.directory-capped', 'error', this.#offsetOf(directory.firstCluster), {
          path: directory.path,
          limit: MAX_DIRECTORY_BYTES,
        }),
      );
    }
    return chain.runs.map((run) => ({ offset: this.#offsetOf(run.first), length: run.count * clusterSize }));
  }

  #offsetOf(cluster: number): number {
    return this.geometry.dataOffset + Math.max(0, cluster - 2) * this.geometry.clusterSize;
  }
}

function parseFirst(sector: Bytes): FatGeometry | BootSectorFault {
  return sector.length < 512 ? { field: 'length', found: sector.length } : parseBootSector(sector);
}

/** Keeps the geometry inside the volume and the clusters inside the table. */
function fitted(geometry: FatGeometry, size: number, issues: IssueLog): FatGeometry {
  let { clusterCount } = geometry;
  if (geometry.length > size) {
    issues.add(issue('fat.volume-truncated', 'warning', 0x20, { fileSystem: geometry.length, volume: size }));
    clusterCount = Math.max(0, Math.min(clusterCount, Math.floor((size - geometry.dataOffset) / geometry.clusterSize)));
  }
  const bits = geometry.type === 'fat12' ? 12 : geometry.type === 'fat16' ? 16 : 32;
  const entries = Math.floor((geometry.tableLength * 8) / bits) - 2;
  if (clusterCount > entries) {
    issues.add(issue('fat.table-too-small', 'warning', 0x16, { clusters: clusterCount, entries }));
    clusterCount = Math.max(0, entries);
  }
  return { ...geometry, clusterCount };
}

function issue(
  code: FatIssueCode,
  severity: 'note' | 'warning' | 'error',
  offset: number,
  data: Record<string, Json>,
): {
  code: FatIssueCode;
  severity: 'note' | 'warning' | 'error';
  at: { layer: string; offset: number };
  data: Record<string, Json>;
} {
  return { code, severity, at: { layer: 'volume', offset }, data };
}

function notFat(sector: Bytes, fault: BootSectorFault): DeadboxError<FatErrorCode> {
  const oem = asciiText(sector, 3, 8).trimEnd();
  const found = isZero(sector)
    ? 'only zeros'
    : oem === 'EXFAT'
      ? 'exFAT, which deadbox only recognises'
      : `${fault.field} = ${fault.found} (OEM name "${oem}")`;
  return new DeadboxError(
    'FAT_NOT_FAT',
    `Boot sector at 0 of volume: expected a FAT BIOS parameter block, found ${found}`,
    {
      at: { layer: 'volume', offset: 0 },
      data: { field: fault.field, value: fault.found, oem },
    },
  );
}
