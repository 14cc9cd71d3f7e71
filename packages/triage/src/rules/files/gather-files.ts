import { type FileNode, isDamage, parseFileTime, type ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { MftTable, NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { readFileVersion } from '@deadbox/windows';
import { MAX_JUDGED_FILES, MAX_SHOWN_FILES } from '../../limits.js';
import type { FileReport } from '../../report/rule-result.js';
import type { FileSelection, FileTests } from '../rule.js';
import { describeFile, type FileContents } from './describe-file.js';
import { asksForVersion, classify, fileMeets, type TestedFile } from './file-tests.js';
import { FolderWalk, type LookedAt } from './folder-walk.js';
import { resolvePattern } from './path-pattern.js';

/** Where one selection is looked for, and how much is read for it. */
export interface GatherOptions extends ReadOptions {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
  /** Path of the Windows folder. */
  readonly root: string;
  /** `quick`: only the judged files; `full`: also look-alikes, quarantine and deleted names. */
  readonly mode: 'quick' | 'full';
  /** The names of the whole file table, to compare the folders' indexes with. */
  readonly table?: MftTable | undefined;
  /** The contents that were read already, and how many more may be. */
  readonly contents?: FileContents;
  /** Read version resources although the selection itself does not ask: another one compares itself with it. */
  readonly versions?: boolean;
}

/** What a FILE selection found in one installation. */
export interface GatheredFiles {
  /** Files that the selection judges. */
  readonly judged: readonly FileReport[];
  /** Look-alikes and quarantined files: shown, never judged. */
  readonly shown: readonly FileReport[];
  /** Whether every folder was listed without damage. */
  readonly complete: boolean;
  /** Folders that were listed: for the log test. */
  readonly folders: readonly NtfsFile[];
  /** Where was looked, as long as the file table was not asked. */
  readonly lookedAt: readonly LookedAt[];
}

/** Finds, classifies and describes the files of `selection` in one installation. */
export async function gatherFiles(selection: FileSelection, options: GatherOptions): Promise<GatheredFiles> {
  const seen = new Set<number>();
  const walk = new FolderWalk(options);
  const judged: FileReport[] = [];
  for (const path of selection.paths) {
    for await (const { file, foundBy } of walk.matches(resolvePattern(path, options.root))) {
      if (file.isDirectory !== (selection.kind === 'directory') || seen.has(file.record)) continue;
      seen.add(file.record);
      if (judged.length >= MAX_JUDGED_FILES) {
        walk.cut();
        break;
      }
      const cut = options.contents?.cut;
      const report = await judgeFile(selection, file, foundBy, options);
      if (report === undefined) continue;
      judged.push(report);
      // Its content is not known: nothing reassuring follows from it.
      if (options.contents?.cut !== cut) walk.cut();
    }
  }
  judged.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { complete, folders, lookedAt } = walk;
  const shown = options.mode === 'full' ? await gatherShown(selection, seen, lookedAt, options) : [];
  return { judged, shown, complete, folders, lookedAt };
}

/** Whether a selection can only be judged by the version resource of a program. */
export function needsVersion(selection: FileSelection): boolean {
  return selection.compare?.field === 'pe.version' || testsOf(selection).some(asksForVersion);
}

/** The tests of a selection, of its classes and of their notes. */
function testsOf(selection: FileSelection): FileTests[] {
  return [selection, ...selection.classes.flatMap((entry) => [entry, ...entry.notes])];
}

/** The file with its class, when it meets the selection. */
async function judgeFile(
  selection: FileSelection,
  file: NtfsFile,
  foundBy: 'index' | 'mft',
  options: GatherOptions,
): Promise<FileReport | undefined> {
  const described = await describeFile(options.volume, options.tree, file, foundBy, options);
  return judgeDescribed(selection, file, described, options);
}

/** The described file with its class, when it meets the selection. */
export async function judgeDescribed(
  selection: FileSelection,
  file: Pick<FileNode, 'stream'>,
  described: FileReport,
  options: ReadOptions & Pick<GatherOptions, 'versions'>,
): Promise<FileReport | undefined> {
  const version = options.versions === true || needsVersion(selection) ? await versionOf(file, options) : {};
  const head = testsOf(selection).some(({ header }) => header !== undefined) ? await headOf(file, options) : undefined;
  const report = { ...described, ...version };
  const tested = testedFile(report, head);
  const found = selection.classes.length === 0 ? { class: 'present', notes: [] } : classify(selection.classes, tested);
  if (found === undefined || !fileMeets(selection, tested)) return undefined;
  if (selection.content !== undefined && !selection.content.includes(report.content)) return undefined;
  return { ...report, class: found.class, notes: [...report.notes, ...found.notes] };
}

/** A program's version; nothing for a file that is none, or a damaged one: a test on its version fails. */
async function versionOf(
  file: Pick<FileNode, 'stream'>,
  options: ReadOptions,
): Promise<Pick<FileReport, 'fileVersion' | 'originalName'>> {
  try {
    const version = await readFileVersion(await file.stream('', options), options);
    if (version === undefined) return {};
    const original = version.strings.OriginalFilename;
    return { fileVersion: version.fileVersion, ...(original === undefined ? {} : { originalName: original }) };
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return {};
  }
}

const HEAD_BYTES = 8192;

async function headOf(file: Pick<FileNode, 'stream'>, options: ReadOptions): Promise<Uint8Array> {
  try {
    const stream = await file.stream('', options);
    return await stream.read(0, Math.min(HEAD_BYTES, stream.size), options);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return new Uint8Array(0);
  }
}

/** Look-alikes and quarantined files. What cannot be listed here is not missed: nothing is decided by it. */
async function gatherShown(
  selection: FileSelection,
  seen: Set<number>,
  lookedAt: LookedAt[],
  options: GatherOptions,
): Promise<FileReport[]> {
  const shown: FileReport[] = [];
  const walk = new FolderWalk(options, lookedAt);
  for (const [word, paths] of [
    ['look-alike', selection.lookalikes],
    ['quarantined', selection.quarantine],
  ] as const) {
    for (const path of paths) {
      for await (const { file, foundBy } of walk.matches(resolvePattern(path, options.root))) {
        if (shown.length >= MAX_SHOWN_FILES) return shown;
        if (file.isDirectory || seen.has(file.record)) continue;
        seen.add(file.record);
        const report = await describeFile(options.volume, options.tree, file, foundBy, options);
        shown.push({ ...report, class: word });
      }
    }
  }
  return shown;
}

/** The facts of a described file that tests ask about. */
function testedFile(report: FileReport, head: Uint8Array | undefined): TestedFile {
  const times = [report.created, report.nameCreated].flatMap((time) =>
    time === null ? [] : (parseFileTime(time) ?? []),
  );
  return {
    name: report.path.slice(report.path.lastIndexOf('/') + 1),
    size: report.size,
    modified: report.modified === null ? undefined : parseFileTime(report.modified),
    created: times,
    ...(head === undefined ? {} : { head }),
    ...(report.sha256 === null ? {} : { sha256: report.sha256 }),
    ...(report.fileVersion === undefined ? {} : { peVersion: report.fileVersion }),
    ...(report.originalName === undefined ? {} : { peOriginalName: report.originalName }),
  };
}
