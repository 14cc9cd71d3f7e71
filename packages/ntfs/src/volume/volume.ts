import { type ByteSource, defined, type FileTree, IssueLog, isDamage, type ReadOptions } from '@deadbox/core';
import { addIssue, ntfsError } from '../errors.js';
import { toEntries } from '../files/directory-listing.js';
import { findNames } from '../files/find-names.js';
import { type LookupOptions, lookupFollowing } from '../files/follow-links.js';
import { type DirectoryHandle, KnownNames } from '../files/known-names.js';
import type { NamedReference } from '../files/named-reference.js';
import { type NtfsDirectoryEntry, NtfsFile, openNamed } from '../files/ntfs-file.js';
import { lookupPath, openRoot } from '../files/path-lookup.js';
import { pathOfRecord } from '../files/record-path.js';
import { type SearchOutcome, SearchState } from '../files/search-state.js';
import { attributesOf, type VolumeContext } from '../files/volume-context.js';
import { builtInUpCase } from '../index/built-in-up-case.js';
import { type Contradiction, Contradictions } from '../index/contradictions.js';
import { asciiUpCase, isAscii, parseUpCase, type UpCase } from '../index/up-case.js';
import { UP_CASE_SIZE } from '../limits.js';
import type { LogState } from '../log/log-restart-page.js';
import { AttributeType } from '../record/attribute.js';
import type { NtfsGeometry } from '../record/boot-sector.js';
import { findBootSector } from '../record/find-boot-sector.js';
import { KnownRecord } from '../record/known-records.js';
import { MftReader, type RecordOptions } from '../record/mft-reader.js';
import type { ScanOptions } from '../table/mft-scan.js';
import type { MftTable } from '../table/mft-table.js';
import type { ClusterBitmap } from './cluster-bitmap.js';
import type { HibernationState } from './hibernation.js';
import type { OutsideIndex } from './outside-index.js';
import { readHibernation, readLogState, readVolumeInformation, type VolumeLabelAndFlags } from './volume-state.js';

/** Options of {@link NtfsVolume.open}. */
export interface OpenOptions extends ReadOptions {
  /** Where problems that were survived are noted; default a log of the volume's own. */
  readonly issues?: IssueLog;
  /**
   * When both boot sectors are lost, look through the whole volume for `$MFT`. Default false: it can take as long as
   * reading the volume.
   */
  readonly searchMft?: boolean;
}

/** Everything that a mount would have to know: `$Volume`, the log's restart pages, the hibernation file. */
export interface VolumeState extends VolumeLabelAndFlags, LogState {
  /** What `hiberfil.sys` says. */
  readonly hibernation: HibernationState;
}

/** The result of {@link NtfsVolume.findInDirectory}. */
export interface DirectorySearch extends SearchOutcome {
  /** The names that were found. */
  readonly entries: readonly NtfsDirectoryEntry[];
}

/** The result of {@link NtfsVolume.search}. */
export interface PathSearch extends SearchOutcome {
  /** Absent when there is no such name. */
  readonly file?: NtfsFile;
}

/** Paths whose files are kept. */
const MOST_PATHS = 512;

/** An NTFS volume, read-only. */
export class NtfsVolume implements FileTree {
  readonly fileSystem = 'ntfs';
  /** The volume's bytes. */
  readonly source: ByteSource;
  /** What the boot sector says. */
  readonly geometry: NtfsGeometry;
  /** Problems that were survived so far. */
  readonly issues: IssueLog;
  /** Which boot sector was used; `search`: none, `$MFT` was looked for. */
  readonly bootSectorFrom: 'primary' | 'backup' | 'search';
  readonly #context: VolumeContext;
  #upCase: Promise<UpCase> | undefined;
  #nameTable: Promise<MftTable> | undefined;
  #partTable: { readonly records: number; readonly table: MftTable } | undefined;
  /** What lookups by path found where nothing was wrong. */
  readonly #paths = new Map<string, NtfsFile | undefined>();

  private constructor(
    source: ByteSource,
    geometry: NtfsGeometry,
    from: 'primary' | 'backup' | 'search',
    issues: IssueLog,
    reader: MftReader,
  ) {
    this.source = source;
    this.geometry = geometry;
    this.bootSectorFrom = from;
    this.issues = issues;
    this.#context = {
      source,
      geometry,
      issues,
      reader,
      upCaseFor: async (name, options) => (isAscii(name) ? asciiUpCase : this.upCase(options)),
      contradictions: new Contradictions(),
      known: new KnownNames(issues),
      namesByMft: async (directory, wanted, options) => {
        const { namesFromTable } = await import('./volume-mft.js');
        return namesFromTable(this.#context, await this.#names(options), directory, wanted, options);
      },
    };
  }

  /**
   * Opens the NTFS file system on `source`, which must be the volume, not the disk. Reads the boot sector and record 0
   * of `$MFT`, no more. The volume does not close the source.
   * @throws DeadboxError `NTFS_NOT_NTFS`, `NTFS_BOOT_SECTOR_INVALID`, `NTFS_MFT_UNREADABLE`, or a read error
   */
  static async open(source: ByteSource, options?: OpenOptions): Promise<NtfsVolume> {
    const issues = options?.issues ?? new IssueLog();
    const { geometry, from } = await findGeometry(source, issues, options);
    const reader = await MftReader.open(source, geometry, issues, options);
    return new NtfsVolume(source, geometry, from, issues, reader);
  }

  get records(): MftReader {
    return this.#context.reader;
  }

  /** @internal What the parts of this package share. */
  get context(): VolumeContext {
    return this.#context;
  }

  /**
   * The file at `path` (`/Windows`, `\Windows`, `C:\Windows`; any case; 8.3 names too), found through the directory
   * indexes. Where an index or record on the way is damaged, `$MFT` is searched, and issues say both.
   * @returns `undefined` when there is no such name
   * @throws DeadboxError when the file's own record cannot be read; with `followLinks` also `NTFS_LINK_LOOP`,
   * `NTFS_LINK_OUTSIDE`
   */
  async lookup(path: string, options?: LookupOptions): Promise<NtfsFile | undefined> {
    return (await this.search(path, options)).file;
  }

  /**
   * Like {@link lookup}, and says whether anything on the way contradicts the answer: only a `complete` search without
   * a file proves that there is none.
   * @throws DeadboxError as {@link lookup}
   */
  async search(path: string, options?: LookupOptions): Promise<PathSearch> {
    const state = new SearchState(this.#context);
    const file =
      options?.followLinks === true
        ? await lookupFollowing(this.#context, path, state, options)
        : await this.#lookupOnce(path, state, options);
    const { complete, foundBy, contradictions } = state;
    return { ...defined({ file }), complete, foundBy, contradictions };
  }

  /** A scan asks for many of its paths several times; what damage had a part in is looked for anew each time. */
  async #lookupOnce(path: string, state: SearchState, options?: ReadOptions): Promise<NtfsFile | undefined> {
    const known = this.#paths.get(path);
    if (known !== undefined || this.#paths.has(path)) return known;
    const before = this.issues.total;
    const file = await lookupPath(this.#context, path, state, options);
    const isClean = state.complete && this.issues.total === before;
    if (isClean && file?.attributeSet.hasList !== true && this.#paths.size < MOST_PATHS) this.#paths.set(path, file);
    return file;
  }

  /** Everything so far that contradicts an index of this volume (the first 100), whichever search met it. */
  get contradictions(): readonly Contradiction[] {
    return this.#context.contradictions.first;
  }

  /**
   * The file of record `number`, deleted ones too. An extension record leads to its base.
   * @throws DeadboxError `NTFS_RECORD_OUT_OF_RANGE`, `NTFS_RECORD_INVALID`, `NTFS_RECORD_TORN`
   */
  async file(number: number, options?: RecordOptions): Promise<NtfsFile> {
    const read = await this.#context.reader.read(number, options);
    const isExtension = read.base !== undefined && read.inUse;
    const base = isExtension ? await this.#context.reader.read(read.base.record, options) : read;
    if (isExtension && base.base !== undefined) {
      throw ntfsError(
        'NTFS_RECORD_INVALID',
        `Record ${number} names record ${base.number} as its base, which is no base record`,
        { ...read.place, record: number },
      );
    }
    return NtfsFile.open(
      this.#context,
      base,
      (names) => pathOfRecord(this.#context, base.number, names, options),
      options,
    );
  }

  /** The root directory. */
  async root(options?: ReadOptions): Promise<NtfsFile> {
    return openRoot(this.#context, options);
  }

  /**
   * The names in `directory` that begin with `prefix` (compared as NTFS does, 8.3 names left out), and whether that is
   * all of them. Reads only the index nodes of that range.
   */
  async findInDirectory(directory: NtfsFile, prefix: string, options?: ReadOptions): Promise<DirectorySearch> {
    const context = this.#context;
    const state = new SearchState(context);
    const handle: DirectoryHandle = { reference: directory.reference, attributes: directory.attributeSet };
    const match = `prefix:${prefix}`;
    const { found } =
      context.known.get(handle.reference, match) ??
      (await context.known.search(handle.reference, match, state, async () => {
        const all: NamedReference[] = [];
        for await (const names of findNames(context, handle, { text: prefix, match: 'prefix' }, state, options))
          for (const name of names) all.push(name);
        return all;
      }));
    const open = (name: NamedReference, read?: ReadOptions): Promise<NtfsFile> =>
      openNamed(context, name, directory.path, read);
    const { complete, foundBy, contradictions } = state;
    return { entries: toEntries(found, open), complete, foundBy, contradictions };
  }

  /**
   * Names that begin with `prefix` (all for `''`) and that lie in `directory` by what their records say, but that its
   * index does not have. Costs reading `$MFT` once for all directories of the volume, no more than `maxBytes` of it: by
   * default all.
   */
  async outsideIndex(
    directory: NtfsFile,
    prefix: string,
    options?: ReadOptions & { readonly maxBytes?: number },
  ): Promise<OutsideIndex> {
    const names = await this.#namesWithin(options?.maxBytes ?? Number.POSITIVE_INFINITY, options);
    const { compareWithTable } = await import('./outside-index.js');
    return compareWithTable(this.#context, directory, prefix, names, options);
  }

  /** Label, NTFS version and flags, from `$Volume`. */
  async information(options?: ReadOptions): Promise<VolumeLabelAndFlags> {
    return readVolumeInformation(this.#context, options);
  }

  /** Whether `$LogFile` is clean, from its two restart pages. */
  async logState(options?: ReadOptions): Promise<LogState> {
    return readLogState(this.#context, options);
  }

  /** Whether Windows is hibernated on this volume. */
  async hibernation(options?: ReadOptions): Promise<HibernationState> {
    return readHibernation(this.#context, options);
  }

  /**
   * All of `$MFT` as a table, in one sequential pass. Nothing is kept: ask once. What the options leave out costs no
   * memory.
   */
  async mft(options?: ScanOptions): Promise<MftTable> {
    // Whoever asks for single files does without the table.
    const { scanVolume } = await import('./volume-mft.js');
    return scanVolume(this.#context, options);
  }

  /**
   * Which clusters are allocated, from `$Bitmap`.
   * @throws DeadboxError `NTFS_ATTRIBUTE_INVALID`, or what reading record 6 throws
   */
  async clusters(options?: ReadOptions): Promise<ClusterBitmap> {
    const { ClusterBitmap: bitmap } = await import('./cluster-bitmap.js');
    return bitmap.open(this.#context, options);
  }

  /** {@link information}, {@link logState} and {@link hibernation} together. */
  async state(options?: ReadOptions): Promise<VolumeState> {
    const information = await this.information(options);
    const log = await this.logState(options);
    return { ...information, ...log, hibernation: await this.hibernation(options) };
  }

  /**
   * The volume's own `$UpCase`; when it cannot be read, the table of Windows Vista and later, and an issue. Read once.
   */
  upCase(options?: ReadOptions): Promise<UpCase> {
    this.#upCase ??= this.#readUpCase(options).catch((error: unknown) => {
      this.#upCase = undefined;
      throw error;
    });
    return this.#upCase;
  }

  async #readUpCase(options?: ReadOptions): Promise<UpCase> {
    const { reader, issues } = this.#context;
    let reason = 'not the table that $UpCase must be';
    try {
      const set = await attributesOf({ reader, issues }, KnownRecord.upCase, options);
      const held = await set.find(AttributeType.data, '', options);
      const table = held === undefined ? undefined : parseUpCase(await set.value(held, UP_CASE_SIZE + 1, options));
      if (table !== undefined) return table;
    } catch (error) {
      if (!isDamage(error, options?.signal)) throw error;
      reason = error.message;
    }
    addIssue(
      issues,
      'ntfs.up-case',
      { offset: reader.record.place.offset, record: KnownRecord.upCase },
      { reason },
      'warning',
    );
    return builtInUpCase;
  }

  /** The names of all records, scanned once, for folders whose index is damaged. */
  #names(options?: ReadOptions): Promise<MftTable> {
    this.#nameTable ??= this.#scanNames(options).catch((error: unknown) => {
      this.#nameTable = undefined;
      throw error;
    });
    return this.#nameTable;
  }

  /** The names of the records in the first `maxBytes` of `$MFT`; a part is kept until another one is asked for. */
  async #namesWithin(maxBytes: number, options?: ReadOptions): Promise<{ table: MftTable; checked: 'all' | 'part' }> {
    const { recordCount } = this.#context.reader;
    const records = Math.floor(maxBytes / this.geometry.recordSize);
    if (records >= recordCount || this.#nameTable !== undefined)
      return { table: await this.#names(options), checked: 'all' };
    if (this.#partTable?.records !== records)
      this.#partTable = { records, table: await this.#scanNames(options, records) };
    return { table: this.#partTable.table, checked: 'part' };
  }

  async #scanNames(options?: ReadOptions, maxRecords?: number): Promise<MftTable> {
    const { scanVolume } = await import('./volume-mft.js');
    return scanVolume(this.#context, { ...options, times: false, streams: false }, maxRecords);
  }
}

async function findGeometry(
  source: ByteSource,
  issues: IssueLog,
  options: OpenOptions | undefined,
): Promise<{ geometry: NtfsGeometry; from: 'primary' | 'backup' | 'search' }> {
  try {
    return await findBootSector(source, issues, options);
  } catch (error) {
    if (options?.searchMft !== true || !isDamage(error, options?.signal)) throw error;
    const { searchMft } = await import('../table/search-mft.js');
    const geometry = await searchMft(source, issues, options);
    if (geometry === undefined) throw error;
    return { geometry, from: 'search' };
  }
}
