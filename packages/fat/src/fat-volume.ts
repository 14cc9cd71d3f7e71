import {
  asciiText,
  type ByteSource,
  type Bytes,
  DeadboxError,
  type FileTree,
  type Issue,
  IssueLog,
  isZero,
  type Json,
  type ReadOptions,
  splitPath,
} from '@deadbox/core';
import { type BootSectorFault, type FatGeometry, parseBootSector } from './boot-sector.js';
import { ContentReader } from './content-reader.js';
import type { FatEntry } from './directory-entry.js';
import type { FatErrorCode, FatIssueCode } from './errors.js';
import { FatFile } from './fat-file.js';
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
  readonly #content: ContentReader;

  private constructor(source: ByteSource, geometry: FatGeometry, issues: IssueLog) {
    this.geometry = geometry;
    this.issues = issues;
    this.#content = new ContentReader(source, geometry, issues);
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
  get fileSystem(): FatGeometry['type'] {
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

  get root(): FatFile {
    return new FatFile(this.#content, undefined, '');
  }

  /** The label: of the root directory, else of the boot sector; `undefined` when there is none (`NO NAME`). */
  async label(options?: ReadOptions): Promise<string | undefined> {
    const batches = this.#content.list(this.root, options);
    // Only as far as the label's entry, which stands first on most volumes.
    let step = await batches.next();
    while (step.done !== true && this.#content.rootLabel === undefined) step = await batches.next();
    await batches.return(undefined);
    const label = this.#content.rootLabel ?? this.geometry.label;
    return label === '' || label === 'NO NAME' ? undefined : label;
  }

  /** The file at `path`, by long or short names, in any case. `undefined` when there is no such name. */
  async lookup(path: string, options?: ReadOptions): Promise<FatFile | undefined> {
    let file = this.root;
    for (const part of splitPath(path)) {
      const entry = file.type === 'directory' ? await this.#find(file, foldName(part), options) : undefined;
      if (entry === undefined) return undefined;
      file = new FatFile(this.#content, entry, file.path);
    }
    return file;
  }

  async #find(directory: FatFile, folded: string, options?: ReadOptions): Promise<FatEntry | undefined> {
    for await (const batch of this.#content.list(directory, options)) {
      for (const entry of batch)
        if (foldName(entry.name) === folded || foldName(entry.shortName) === folded) return entry;
    }
    return undefined;
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
  severity: Issue['severity'],
  offset: number,
  data: Record<string, Json>,
): Issue & { readonly code: FatIssueCode } {
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
