import {
  type Bytes,
  defined,
  type FileNode,
  type FileTree,
  formatFileTime,
  isDamage,
  type ReadOptions,
  splitPath,
} from '@deadbox/core';
import { type BootStatus, readBootStatusFile } from '../boot/boot-status.js';
import { MAX_DUMP_FILES, MAX_TEXT_BYTES, MAX_WER_REPORTS } from '../limits.js';
import type { CrashSettings } from '../machine/crash-settings.js';
import { decodeText } from '../session/text-file.js';
import type { SourceFact, SourceKind } from '../source-fact.js';
import { type CrashDump, readCrashDump } from './crash-dump.js';
import { dumpBits } from './dump-header.js';
import { parseStartupRepairLog, type StartupRepairLog, startupRepairIds } from './startup-repair.js';
import { parseWerReport, type WerReport } from './wer-report.js';

/**
 * Where a dump was found. `page-file`: written at the crash, not yet copied out, since Windows has not started since.
 */
export type DumpSource = 'minidump' | 'memory-dump' | 'page-file' | 'dedicated-dump-file' | 'live-report';

/** A dump and the file that holds it. */
export interface DumpFile {
  /** Which kind of place it was found in. */
  readonly source: DumpSource;
  /** Path of the file. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Last change of the file, ISO-8601 UTC. */
  readonly modified?: string;
  /** What the dump says. */
  readonly dump: CrashDump;
}

/**
 * Everything on the disk that tells of crashes. Nothing found proves nothing: a crash early in the start leaves no
 * trace.
 */
export interface CrashEvidence {
  /** Newest first. */
  readonly dumps: readonly DumpFile[];
  /** Error reports about crashes, newest first. */
  readonly reports: readonly { readonly path: string; readonly report: WerReport }[];
  /** The loader's record of the last start (`\Windows\bootstat.dat`). */
  readonly bootStatus: readonly { readonly path: string; readonly status: BootStatus }[];
  /** Startup repair's log. */
  readonly repairLog?: { readonly path: string; readonly log: StartupRepairLog };
  /** Ids of Startup Repair's binary log, which are the same in every language. */
  readonly repairIds: readonly string[];
  /** Dumps and reports that were not opened because there are too many. */
  readonly skipped: number;
  /** Files that are there and could not be read as what their name says. */
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
  /** Every file that was read, with its state. */
  readonly sources: readonly SourceFact[];
}

/** Options of {@link readCrashEvidence}. */
export interface CrashEvidenceOptions extends ReadOptions {
  /** The machine's crash settings: where it writes its dumps. */
  readonly settings?: CrashSettings | undefined;
  /** Page files as declared. */
  readonly pageFiles?: readonly string[];
  /** Dumps opened in each folder, the newest by name; default 16. */
  readonly maxDumps?: number;
  /** Error reports opened in each folder; default 16. */
  readonly maxReports?: number;
}

/** Collects what an installation's volume tells of crashes. @param root - the Windows folder, e.g. `/Windows` */
export async function readCrashEvidence(
  tree: FileTree,
  root: string,
  options: CrashEvidenceOptions = {},
): Promise<CrashEvidence> {
  const { settings } = options;
  const maxDumps = Math.min(options.maxDumps ?? 16, MAX_DUMP_FILES);
  const maxReports = Math.min(options.maxReports ?? 16, MAX_WER_REPORTS);
  const found = new Collection(tree, defined({ signal: options.signal }));
  await found.dumpFolder(settings?.minidumpFolderPath ?? `${root}/Minidump`, 'minidump', maxDumps);
  await found.dumpFolder(`${root}/LiveKernelReports`, 'live-report', maxDumps);
  await found.dump(settings?.dumpFilePath ?? `${root}/MEMORY.DMP`, 'memory-dump');
  for (const path of pageFilePaths(options.pageFiles ?? [])) await found.dump(path, 'page-file');
  if (settings?.dedicatedDumpFilePath !== undefined)
    await found.dump(settings.dedicatedDumpFilePath, 'dedicated-dump-file');
  for (const folder of ['ReportArchive', 'ReportQueue'])
    await found.reportFolder(`/ProgramData/Microsoft/Windows/WER/${folder}`, maxReports);
  await found.bootStatusFile(`${root}/bootstat.dat`);
  await found.startupRepair(`${root}/System32/LogFiles/Srt/SrtTrail.txt`);
  await found.startupRepair(`${root}/System32/LogFiles/Srt/SrtTrail.log`);
  return found.evidence();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer V)[] ? V[] : T[K] };

/** What was found so far. One unreadable file is noted and does not end the collection. */
class Collection {
  readonly #tree: FileTree;
  readonly #read: ReadOptions;
  readonly #found: Mutable<CrashEvidence> = {
    dumps: [],
    reports: [],
    bootStatus: [],
    repairIds: [],
    skipped: 0,
    unreadable: [],
    sources: [],
  };

  constructor(tree: FileTree, read: ReadOptions) {
    this.#tree = tree;
    this.#read = read;
  }

  evidence(): CrashEvidence {
    this.#found.dumps.sort((left, right) => byTime(right.dump.time, left.dump.time));
    this.#found.reports.sort((left, right) => byTime(right.report.time, left.report.time));
    return this.#found;
  }

  async dumpFolder(path: string, source: DumpSource, limit: number): Promise<void> {
    const names = await this.#names(path, '');
    const newest = newestDumpNames(names.filter((name) => /\.dmp$/i.test(name)));
    this.#found.skipped += Math.max(0, newest.length - limit);
    for (const name of newest.slice(0, limit)) await this.dump(`${path}/${name}`, source);
  }

  async dump(path: string, source: DumpSource): Promise<void> {
    await this.#survive(path, 'dump', async (file) => {
      if (file.size < 8) return undefined;
      const stream = await file.stream(undefined, this.#read);
      // A page file without a dump is the normal case, so it is asked for eight bytes only.
      const mayHoldNone = source === 'page-file' || source === 'dedicated-dump-file';
      if (mayHoldNone && dumpBits(await stream.read(0, 8, this.#read)) === undefined) return undefined;
      const dump = await readCrashDump(stream, this.#read);
      const modified = file.modified === undefined ? undefined : formatFileTime(file.modified);
      this.#found.dumps.push({ source, path: file.path, size: file.size, ...defined({ modified }), dump });
      return { state: dump.damaged.length > 0 ? 'damaged' : 'whole', newest: dump.time ?? null };
    });
  }

  async reportFolder(path: string, limit: number): Promise<void> {
    const folders = (await this.#names(path, 'Kernel')).sort().reverse();
    this.#found.skipped += Math.max(0, folders.length - limit);
    for (const name of folders.slice(0, limit)) {
      await this.#survive(`${path}/${name}/Report.wer`, 'error-report', async (file) => {
        const report = parseWerReport(decodeText(await this.#content(file)));
        if (report === undefined) {
          this.#found.unreadable.push({ path: file.path, code: 'wer.damaged' });
          return { state: 'damaged', newest: null };
        }
        this.#found.reports.push({ path: file.path, report });
        return { state: isCut(file) ? 'damaged' : 'whole', newest: report.time ?? null };
      });
    }
  }

  async bootStatusFile(path: string): Promise<void> {
    const file = await readBootStatusFile(this.#tree, path, this.#read);
    if (file === undefined) return;
    this.#found.sources.push(file.source);
    if (file.status !== undefined) this.#found.bootStatus.push({ path: file.path, status: file.status });
  }

  /** The text, or the binary log beside it. */
  async startupRepair(path: string): Promise<void> {
    await this.#survive(path, 'startup-repair', async (file) => {
      const bytes = await this.#content(file);
      if (path.endsWith('.log')) this.#found.repairIds = startupRepairIds(bytes);
      else this.#found.repairLog = { path: file.path, log: parseStartupRepairLog(decodeText(bytes)) };
      return { state: isCut(file) ? 'damaged' : 'whole', newest: null };
    });
  }

  /** At most the first MiB of a file. */
  async #content(file: FileNode): Promise<Bytes> {
    const source = await file.stream(undefined, this.#read);
    return source.read(0, Math.min(source.size, MAX_TEXT_BYTES), this.#read);
  }

  async #names(path: string, prefix: string): Promise<string[]> {
    const names: string[] = [];
    try {
      const folder = await this.#tree.lookup(path, this.#read);
      if (folder?.type !== 'directory') return names;
      for await (const batch of folder.entries({ ...this.#read, prefix }))
        for (const entry of batch) names.push(entry.name);
    } catch (error) {
      if (!isDamage(error, this.#read.signal)) throw error;
      this.#found.unreadable.push({ path, code: error.code });
    }
    return names.filter((name) => name.toLowerCase().startsWith(prefix.toLowerCase()));
  }

  async #survive(
    path: string,
    kind: SourceKind,
    work: (file: FileNode) => Promise<Pick<SourceFact, 'state' | 'newest'> | undefined>,
  ): Promise<void> {
    let stored = path;
    try {
      const file = await this.#tree.lookup(path, this.#read);
      if (file?.type !== 'file') return;
      stored = file.path;
      const result = await work(file);
      if (result !== undefined) this.#found.sources.push({ path: stored, kind, ...result });
    } catch (error) {
      if (!isDamage(error, this.#read.signal)) throw error;
      this.#found.unreadable.push({ path: stored, code: error.code });
      this.#found.sources.push({ path: stored, kind, state: 'damaged', newest: null });
    }
  }
}

/** Whether a text goes on behind what is read of it. */
function isCut({ size }: FileNode): boolean {
  return size > MAX_TEXT_BYTES;
}

function byTime(left: string | undefined, right: string | undefined): number {
  return (left ?? '') < (right ?? '') ? -1 : (left ?? '') > (right ?? '') ? 1 : 0;
}

/** Page files on the Windows volume: the usual one, and declared ones on `C:` or any drive (`?:`). */
function pageFilePaths(declared: readonly string[]): string[] {
  const paths = new Set(['/pagefile.sys']);
  for (const path of declared) {
    if (!/^[c?]:\\/i.test(path)) continue;
    const parts = splitPath(path.replace(/^\?:/, ''));
    if (parts.length > 0 && !parts.includes('..')) paths.add(`/${parts.join('/')}`);
  }
  return [...paths];
}

/**
 * Sorts names of small dumps, newest first. Windows names them `MMDDYY-<milliseconds>-NN.dmp` by the local date; on one
 * day the running number decides. Other names come last, in reverse order of their text.
 */
function newestDumpNames(names: readonly string[]): string[] {
  return [...names].sort((left, right) => compareKeys(sortKey(right), sortKey(left)));
}

function sortKey(name: string): readonly [number, number, string] {
  const match = /^(?:mini)?(\d{2})(\d{2})(\d{2})-(?:\d+-)?(\d{1,4})\.dmp$/i.exec(name);
  if (match === null) return [-1, -1, name];
  const [, month, day, year, number] = match as unknown as [string, string, string, string, string];
  return [Number(`${year}${month}${day}`), Number(number), name];
}

function compareKeys(left: readonly [number, number, string], right: readonly [number, number, string]): number {
  return left[0] - right[0] || left[1] - right[1] || (left[2] < right[2] ? -1 : left[2] > right[2] ? 1 : 0);
}
