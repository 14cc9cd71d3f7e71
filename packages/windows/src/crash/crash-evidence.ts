import {
  type FileNode,
  type FileTree,
  formatFileTime,
  isDeadboxError,
  type ReadOptions,
  splitPath,
} from '@deadbox/core';
import { type BootStatus, readBootStatusFile } from '../boot/boot-status.js';
import { MAX_DUMP_FILES, MAX_WER_REPORTS } from '../limits.js';
import type { CrashSettings } from '../machine/crash-settings.js';
import { type CrashDump, readCrashDump } from './crash-dump.js';
import { dumpBits } from './dump-header.js';
import { newestDumpNames } from './minidump-name.js';
import { parseStartupRepairLog, type StartupRepairLog } from './startup-repair.js';
import { readText } from './text-file.js';
import { parseWerReport, type WerReport } from './wer-report.js';

/** Where a dump was found. `page-file`: written at the crash, not yet copied out, since Windows has not started since. */
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

/** Everything on the disk that tells of crashes. Nothing found proves nothing: a crash early in the start leaves no trace. */
export interface CrashEvidence {
  /** Newest first. */
  readonly dumps: DumpFile[];
  /** Error reports about crashes, newest first. */
  readonly reports: { path: string; report: WerReport }[];
  /** The boot loader's record of the last start, by file. */
  readonly bootStatus: { path: string; status: BootStatus }[];
  /** Startup repair's log. */
  repairLog?: { path: string; log: StartupRepairLog };
  /** Dumps and reports that were not opened because there are too many. */
  skipped: number;
  /** Files that are there and could not be read as what their name says. */
  readonly unreadable: { path: string; code: string }[];
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
  const evidence: CrashEvidence = { dumps: [], reports: [], bootStatus: [], skipped: 0, unreadable: [] };
  const read: ReadOptions = options.signal === undefined ? {} : { signal: options.signal };
  const maxDumps = Math.min(options.maxDumps ?? 16, MAX_DUMP_FILES);
  const { settings } = options;
  await readDumpFolder(tree, settings?.minidumpFolderPath ?? `${root}/Minidump`, 'minidump', maxDumps, evidence, read);
  await readDumpFolder(tree, `${root}/LiveKernelReports`, 'live-report', maxDumps, evidence, read);
  await readDumpFile(tree, settings?.dumpFilePath ?? `${root}/MEMORY.DMP`, 'memory-dump', evidence, read);
  for (const path of pageFilePaths(options.pageFiles ?? []))
    await readDumpFile(tree, path, 'page-file', evidence, read);
  if (settings?.dedicatedDumpFilePath !== undefined) {
    await readDumpFile(tree, settings.dedicatedDumpFilePath, 'dedicated-dump-file', evidence, read);
  }
  for (const folder of ['ReportArchive', 'ReportQueue']) {
    await readReports(
      tree,
      `/ProgramData/Microsoft/Windows/WER/${folder}`,
      Math.min(options.maxReports ?? 16, MAX_WER_REPORTS),
      evidence,
      read,
    );
  }
  const status = await readBootStatusFile(tree, `${root}/bootstat.dat`, read);
  if (status?.status !== undefined) evidence.bootStatus.push({ path: status.path, status: status.status });
  await survive(evidence, `${root}/System32/LogFiles/Srt/SrtTrail.txt`, read, async (path) => {
    const file = await tree.lookup(path, read);
    if (file?.type === 'file')
      evidence.repairLog = { path: file.path, log: parseStartupRepairLog(await readText(file, read)) };
  });
  evidence.dumps.sort((left, right) => byTime(right.dump.time, left.dump.time));
  evidence.reports.sort((left, right) => byTime(right.report.time, left.report.time));
  return evidence;
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

async function readDumpFolder(
  tree: FileTree,
  path: string,
  source: DumpSource,
  limit: number,
  evidence: CrashEvidence,
  read: ReadOptions,
): Promise<void> {
  await survive(evidence, path, read, async () => {
    const names = (await folderNames(await tree.lookup(path, read), '', read)).filter((name) => /\.dmp$/i.test(name));
    const newest = newestDumpNames(names);
    evidence.skipped += Math.max(0, newest.length - limit);
    for (const name of newest.slice(0, limit)) await readDumpFile(tree, `${path}/${name}`, source, evidence, read);
  });
}

async function folderNames(folder: FileNode | undefined, prefix: string, read: ReadOptions): Promise<string[]> {
  const names: string[] = [];
  if (folder?.type !== 'directory') return names;
  for await (const batch of folder.entries({ ...read, prefix })) for (const entry of batch) names.push(entry.name);
  return names.filter((name) => name.toLowerCase().startsWith(prefix.toLowerCase()));
}

async function readDumpFile(
  tree: FileTree,
  path: string,
  source: DumpSource,
  evidence: CrashEvidence,
  read: ReadOptions,
): Promise<void> {
  await survive(evidence, path, read, async () => {
    const file = await tree.lookup(path, read);
    if (file?.type !== 'file' || file.size < 8) return;
    const stream = await file.stream(undefined, read);
    // A page file without a dump is the normal case, so it is asked for eight bytes only.
    if (source === 'page-file' || source === 'dedicated-dump-file') {
      if (dumpBits(await stream.read(0, 8, read)) === undefined) return;
    }
    const dump = await readCrashDump(stream, read);
    const modified = file.modified === undefined ? undefined : formatFileTime(file.modified);
    evidence.dumps.push({
      source,
      path: file.path,
      size: file.size,
      ...(modified === undefined ? {} : { modified }),
      dump,
    });
  });
}

async function readReports(
  tree: FileTree,
  path: string,
  limit: number,
  evidence: CrashEvidence,
  read: ReadOptions,
): Promise<void> {
  await survive(evidence, path, read, async () => {
    const folders = (await folderNames(await tree.lookup(path, read), 'Kernel', read)).sort().reverse();
    evidence.skipped += Math.max(0, folders.length - limit);
    for (const name of folders.slice(0, limit)) {
      await survive(evidence, `${path}/${name}/Report.wer`, read, async (reportPath) => {
        const file = await tree.lookup(reportPath, read);
        if (file?.type !== 'file') return;
        const report = parseWerReport(await readText(file, read));
        if (report === undefined) evidence.unreadable.push({ path: file.path, code: 'wer.damaged' });
        else evidence.reports.push({ path: file.path, report });
      });
    }
  });
}

/** One unreadable file is noted and does not end the collection. */
async function survive(
  evidence: CrashEvidence,
  path: string,
  read: ReadOptions,
  work: (path: string) => Promise<void>,
): Promise<void> {
  try {
    await work(path);
  } catch (error) {
    read.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    evidence.unreadable.push({ path, code: error.code });
  }
}
