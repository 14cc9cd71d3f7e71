import { statSync } from 'node:fs';
import { defined } from '@deadbox/core';
import { type FailedImage, isFailedImage, type ScanReport } from '@deadbox/triage';
import { UsageError, usageError } from '../exit-code.js';
import { fingerprintOf, type JournalHead, type JournalImage, readJournal } from './journal.js';
import { type Judged, type KeptReport, packReport, placeReport, withPath } from './kept-report.node.js';
import { LineFile } from './line-file.node.js';
import { RunResults } from './results.node.js';

/** What one journal holds. */
export interface JournalContent {
  /** Its reports are read again from it: closing it ends their use. */
  readonly file: LineFile;
  /** The head of the run that wrote to it last. */
  readonly head: JournalHead;
  /** When the first of its runs began. */
  readonly startedAt: string;
  /** By key; of an image that was judged several times the last report. */
  readonly images: ReadonlyMap<string, KeptImage>;
  readonly unfit: UnfitLines;
}

/** Lines of a journal that are of images, and are not what the schema says of their reports. */
export interface UnfitLines {
  /** How many there are. */
  count: number;
  /** Numbers of the first of them. */
  readonly first: number[];
}

/** Most numbers of unfit lines that are told. */
const TOLD_LINES = 10;

/** The report of an image, with what tells it from one of another journal. */
export type KeptImage = KeptReport &
  Pick<JournalImage, 'size' | 'mtime'> & {
    /** Where it was judged: the host, or the run where that is not known. */
    readonly place: string;
    /** What sees it by its path: that host, or the hosts of a queue's site. */
    readonly sight: string;
  };

/**
 * Goes through a journal. The file stays open.
 * @throws UsageError when it cannot be read, is none, or is of another version
 */
export function loadJournal(path: string): JournalContent {
  const file = openJournal(path);
  try {
    return readContent(file);
  } catch (error) {
    file.close();
    throw error instanceof UsageError ? error : unreadable(path, error);
  }
}

function openJournal(path: string): LineFile {
  try {
    return new LineFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): UsageError {
  return usageError('journal-unreadable', { path, reason: (error as Error).message });
}

function readContent(file: LineFile): JournalContent {
  const { path } = file;
  const images = new Map<string, KeptImage>();
  const names = new OneText();
  const failures = new OneFailure();
  let head: JournalHead | undefined;
  let startedAt: string | undefined;
  const unfit: UnfitLines = { count: 0, first: [] };
  for (const [line, where] of readJournal(file.lines(), path)) {
    if (line.type === 'cut') {
      if (line.kind === 'unfit') addUnfit(unfit, line.number);
    } else if (line.type === 'run') {
      if (head !== undefined && fingerprintOf(head) !== fingerprintOf(line))
        throw usageError('journal-other-run', { path, other: null });
      head = line;
      startedAt ??= line.provenance.startedAt;
    } else {
      const { index, size, mtime, sameAs, host } = line;
      const image = failures.of(line.image);
      // The same text is one that is kept once.
      const key = line.key === image.path ? image.path : line.key;
      const kept = file.isSeekable
        ? placeReport({ index, key, image, ...defined({ sameAs }) }, file, where)
        : packReport(index, image, sameAs);
      const place = names.of(host ?? `run ${head?.run}`);
      const sight = names.of(siteOf(key, image.path) ?? place);
      images.set(key, { ...kept, size, mtime, place, sight });
    }
  }
  if (head === undefined || startedAt === undefined) throw usageError('journal-foreign', { path });
  return { file, head, startedAt, images, unfit };
}

function addUnfit(unfit: UnfitLines, number: number): void {
  unfit.count += 1;
  if (unfit.first.length < TOLD_LINES) unfit.first.push(number);
}

/** The same text once, however often it is read. */
class OneText {
  readonly #known = new Map<string, string>();

  of(text: string): string {
    const known = this.#known.get(text);
    if (known === undefined) this.#known.set(text, text);
    return known ?? text;
  }
}

/** Different failures that are remembered; of a thousand images most fail for one reason. */
const MAX_FAILURES = 256;

/** What failed images have in common once, however many there are. */
class OneFailure {
  readonly #known = new Map<string, FailedImage['error']>();

  of(image: Judged): Judged {
    if (!isFailedImage(image)) return image;
    const text = JSON.stringify(image.error);
    const known = this.#known.get(text);
    if (known !== undefined) return { ...image, error: known };
    if (this.#known.size < MAX_FAILURES) this.#known.set(text, image.error);
    return image;
  }
}

/** The site that a queue puts before an image's path, with the colon; `undefined` where there was no queue. */
function siteOf(key: string, path: string): string | undefined {
  const at = key.indexOf(`: ${path}`);
  return at > 0 ? key.slice(0, at + 1) : undefined;
}

/** Journals of one run, or of runs alike, put together; {@link MergedRun.close} when their reports are not needed. */
export interface MergedRun {
  readonly results: RunResults;
  readonly provenance: ScanReport['provenance'];
  /** Journals whose run was not finished, with the number of images that are missing. */
  readonly unfinished: readonly { readonly path: string; readonly missing: number }[];
  /** Journals with lines that are left out, because they are not what deadbox writes of an image. */
  readonly unfit: readonly ({ readonly path: string } & UnfitLines)[];
  close(): void;
}

/**
 * Whether two reports under one name are of one image: what has size and time by these; a device, and what could not be
 * opened, only where one host judged both, for `/dev/sdb` is another disk on each. A web address is the same from
 * everywhere.
 */
function isSame(key: string, one: KeptImage, other: KeptImage): boolean {
  if (one.size !== other.size || one.mtime !== other.mtime) return false;
  return one.size !== null || one.place === other.place || /^https?:/i.test(key);
}

/** Images of several hosts under one name: each with its host before it. */
function withHosts(alike: readonly KeptImage[]): readonly KeptImage[] {
  if (alike.length < 2 || new Set(alike.map(({ place }) => place)).size < 2) return alike;
  return alike.map((image) => withPath(image, `${image.place}: ${image.outline.path}`));
}

/**
 * Puts journals together: the shards of a run give what the whole run would have.
 * @throws UsageError when their runs were not alike
 */
export function mergeJournals(paths: readonly string[]): MergedRun {
  // Not the journals: what they say of each image goes when it is put together.
  const files: LineFile[] = [];
  const close = (): void => {
    for (const file of files) file.close();
  };
  try {
    const journals: JournalContent[] = [];
    for (const path of new Set(paths)) {
      const journal = loadJournal(path);
      files.push(journal.file);
      journals.push(journal);
    }
    return { ...merged(journals), close };
  } catch (error) {
    close();
    throw error;
  }
}

function merged(journals: readonly JournalContent[]): Omit<MergedRun, 'close'> {
  const [first] = journals;
  for (const other of journals)
    if (fingerprintOf(other.head) !== fingerprintOf(first.head))
      throw usageError('journal-other-run', { path: first.file.path, other: other.file.path });
  const images = imagesOf(journals).sort((left, right) => left.index - right.index);
  const results = new RunResults();
  for (const [index, { outline, role, whole }] of images.entries()) results.add({ index, outline, role, whole });
  results.settleAll((index) => images[index].sight);
  const starts = journals.map(({ startedAt }) => startedAt).sort();
  const ends = journals.map(({ file }) => statSync(file.path).mtime.toISOString()).sort();
  return {
    results,
    provenance: {
      ...first.head.provenance,
      startedAt: starts[0],
      finishedAt: (ends.at(-1) as string).replace('Z', '0000Z'),
    },
    unfit: journals.flatMap(({ file: { path }, unfit }) => (unfit.count > 0 ? [{ path, ...unfit }] : [])),
    unfinished: journals.flatMap(({ file: { path }, head, images: { size } }) =>
      size < head.images ? [{ path, missing: head.images - size }] : [],
    ),
  };
}

/** The images of all journals, each once. */
function imagesOf(journals: readonly JournalContent[]): KeptImage[] {
  if (journals.length === 1) return [...journals[0].images.values()];
  const seen = new Map<string, KeptImage[]>();
  for (const { images } of journals) {
    for (const [key, image] of images) {
      const alike = seen.get(key);
      if (alike === undefined) seen.set(key, [image]);
      else if (!alike.some((other) => isSame(key, other, image))) alike.push(image);
    }
  }
  return [...seen.values()].flatMap(withHosts);
}
