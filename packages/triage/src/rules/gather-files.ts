import { isDeadboxError, parseFileTime, type ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { readFileVersion } from '@deadbox/windows';
import type { FileReport } from '../report/report-types.js';
import { describeFile } from './describe-file.js';
import { classify, fileMeets, type TestedFile } from './file-tests.js';
import { matchesName, type PathPattern, resolvePattern } from './path-pattern.js';
import type { FileSelection, FileTests } from './rule.js';

/** How much is read for one selection. */
export interface GatherOptions extends ReadOptions {
  /** `quick`: only the judged files; `full`: also look-alikes, quarantine and deleted names. */
  readonly mode: 'quick' | 'full';
  /** Read version resources although the selection itself does not ask: another one compares itself with it. */
  readonly versions?: boolean;
}

/** What a FILE selection found in one installation. */
export interface GatheredFiles {
  /** Files that the selection judges. */
  readonly judged: FileReport[];
  /** Look-alikes, quarantined and deleted ones: shown, never judged. */
  readonly shown: FileReport[];
  /** Whether every folder was listed without damage. */
  complete: boolean;
  /** Folders that were listed, by record number: for the log test. */
  readonly folders: NtfsFile[];
}

/** Most files that one selection judges; a folder with more matches is hostile or not what the rule means. */
const MAX_JUDGED = 1000;
const MAX_SHOWN = 200;
const MAX_DEPTH = 8;

/** Finds, classifies and describes the files of `selection` in the installation at `root`. */
export async function gatherFiles(
  volume: Volume,
  tree: NtfsVolume,
  root: string,
  selection: FileSelection,
  options: GatherOptions,
): Promise<GatheredFiles> {
  const found: GatheredFiles = { judged: [], shown: [], complete: true, folders: [] };
  const seen = new Set<number>();
  for (const path of selection.paths) {
    const pattern = resolvePattern(path, root);
    await eachMatch(tree, pattern, found, options, 0, async (file, how) => {
      if (file.isDirectory !== (selection.kind === 'directory') || seen.has(file.record)) return;
      seen.add(file.record);
      if (found.judged.length >= MAX_JUDGED) return;
      const report = await describeFile(volume, tree, file, how, options);
      if (options.versions === true || asksForVersion(selection)) await addVersion(report, file, options);
      const tested = testedFile(report);
      if (testsOf(selection).some(({ header }) => header !== undefined)) tested.head = await headOf(file, options);
      const judged =
        selection.classes.length === 0 ? { class: 'present', notes: [] } : classify(selection.classes, tested);
      if (judged === undefined || !fileMeets(selection.tests, tested)) return;
      if (selection.content !== undefined && !selection.content.includes(report.content)) return;
      found.judged.push({ ...report, class: judged.class, notes: [...report.notes, ...judged.notes] });
    });
  }
  if (options.mode === 'full') await gatherShown(volume, tree, root, selection, options, found, seen);
  found.judged.sort((a, b) => (a.path < b.path ? -1 : 1));
  return found;
}

/** Whether a selection can only be judged by the version resource of a program. */
export function asksForVersion(selection: FileSelection): boolean {
  if (selection.differsFrom?.field === 'pe.version') return true;
  return testsOf(selection).some(
    ({ peVersion, peOriginalName }) => peVersion !== undefined || peOriginalName !== undefined,
  );
}

/** The tests of a selection, of its classes and of their notes. */
function testsOf(selection: FileSelection): FileTests[] {
  return [
    selection.tests,
    ...selection.classes.flatMap(({ tests, notes }) => [tests, ...notes.map((note) => note.tests)]),
  ];
}

async function addVersion(report: FileReport, file: NtfsFile, options: ReadOptions): Promise<void> {
  try {
    const version = await readFileVersion(await file.stream('', options), options);
    if (version === undefined) return;
    report.fileVersion = version.fileVersion;
    const original = version.strings.OriginalFilename;
    if (original !== undefined) report.originalName = original;
  } catch (error) {
    options.signal?.throwIfAborted();
    // No program, or a damaged one: it has no version, and a test on its version fails.
    if (!isDeadboxError(error)) throw error;
  }
}

const HEAD_BYTES = 8192;

async function headOf(file: NtfsFile, options: ReadOptions): Promise<Uint8Array> {
  try {
    const stream = await file.stream('', options);
    return await stream.read(0, Math.min(HEAD_BYTES, stream.size), options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    return new Uint8Array(0);
  }
}

/** Look-alikes and quarantined files. */
async function gatherShown(
  volume: Volume,
  tree: NtfsVolume,
  root: string,
  selection: FileSelection,
  options: GatherOptions,
  found: GatheredFiles,
  seen: Set<number>,
): Promise<void> {
  const aside: GatheredFiles = { judged: [], shown: [], complete: true, folders: [] };
  for (const [word, paths] of [
    ['look-alike', selection.lookalikes],
    ['quarantined', selection.quarantine],
  ] as const) {
    for (const path of paths) {
      await eachMatch(tree, resolvePattern(path, root), aside, options, 0, async (file, how) => {
        if (file.isDirectory || seen.has(file.record) || found.shown.length >= MAX_SHOWN) return;
        seen.add(file.record);
        const report = await describeFile(volume, tree, file, how, options);
        found.shown.push({ ...report, class: word });
      });
    }
  }
}

type Visit = (file: NtfsFile, how: 'index' | 'mft') => Promise<void>;

async function eachMatch(
  tree: NtfsVolume,
  pattern: PathPattern,
  found: GatheredFiles,
  options: GatherOptions,
  depth: number,
  visit: Visit,
): Promise<void> {
  const folder = await tree.lookup(pattern.folder, options);
  if (folder === undefined || !folder.isDirectory) return;
  await listFolder(tree, folder, pattern, found, options, depth, visit);
}

async function listFolder(
  tree: NtfsVolume,
  folder: NtfsFile,
  pattern: PathPattern,
  found: GatheredFiles,
  options: GatherOptions,
  depth: number,
  visit: Visit,
): Promise<void> {
  found.folders.push(folder);
  const listing = await tree.findInDirectory(folder, pattern.deep ? '' : pattern.prefix, options);
  if (!listing.complete) found.complete = false;
  for (const entry of listing.entries) {
    const matches = matchesName(pattern.name, entry.name);
    if (!matches && !pattern.deep) continue;
    let file: NtfsFile;
    try {
      file = await entry.open(options);
    } catch (error) {
      if (!isDeadboxError(error)) throw error;
      if (matches) found.complete = false;
      continue;
    }
    if (matches) await visit(file, listing.foundBy);
    if (pattern.deep && file.isDirectory && depth < MAX_DEPTH)
      await listFolder(tree, file, pattern, found, options, depth + 1, visit);
  }
}

/** The facts of a described file that classes ask about. */
function testedFile(report: FileReport): TestedFile {
  const times = [report.created, report.nameCreated].flatMap((time) =>
    time === null ? [] : (parseFileTime(time) ?? []),
  );
  return {
    name: report.path.slice(report.path.lastIndexOf('/') + 1),
    size: report.size,
    modified: report.modified === null ? undefined : parseFileTime(report.modified),
    created: times,
    ...(report.sha256 === null ? {} : { sha256: report.sha256 }),
    ...(report.fileVersion === undefined ? {} : { peVersion: report.fileVersion }),
    ...(report.originalName === undefined ? {} : { peOriginalName: report.originalName }),
  };
}
