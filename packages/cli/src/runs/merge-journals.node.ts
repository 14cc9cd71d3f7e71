import { statSync } from 'node:fs';
import type { ScanReport } from '@deadbox/triage';
import { UsageError, usageError } from '../exit-code.js';
import { fingerprintOf, type JournalHead, type JournalImage, readJournal } from './journal.js';
import { readLines } from './read-lines.node.js';
import { type KeptReport, packReport, RunResults, withPath } from './results.node.js';

/** What one journal holds. */
export interface JournalContent {
  readonly path: string;
  /** The head of the run that wrote to it last. */
  readonly head: JournalHead;
  /** When the first of its runs began. */
  readonly startedAt: string;
  /** By key; of an image that was judged several times the last report. */
  readonly images: ReadonlyMap<string, KeptImage>;
  /** Lines that cannot be read. */
  readonly cut: number;
}

/** The report of an image, with what a run that goes on compares. */
export type KeptImage = KeptReport &
  Pick<JournalImage, 'size' | 'mtime' | 'files'> & {
    /** Where it was judged: the host, or the run where that is not known. */
    readonly place: string;
    /** What sees it by its path: that host, or the hosts of a queue's site. */
    readonly sight: string;
  };

/**
 * Reads a journal.
 * @throws UsageError when it cannot be read, is none, or is of another version
 */
export function loadJournal(path: string): JournalContent {
  const images = new Map<string, KeptImage>();
  let head: JournalHead | undefined;
  let startedAt: string | undefined;
  let cut = 0;
  try {
    for (const line of readJournal(readLines(path), path)) {
      if (line.type === 'cut') cut += 1;
      else if (line.type === 'run') {
        if (head !== undefined && fingerprintOf(head) !== fingerprintOf(line))
          throw usageError('journal-other-run', { path, other: null });
        head = line;
        startedAt ??= line.provenance.startedAt;
      } else {
        const { key, index, size, mtime, files, sameAs, image, host } = line;
        const place = host ?? `run ${head?.run}`;
        const sight = siteOf(key, image.path) ?? place;
        images.set(key, { ...packReport(index, image, sameAs), size, mtime, files, place, sight });
      }
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw usageError('journal-unreadable', { path, reason: (error as Error).message });
  }
  if (head === undefined || startedAt === undefined) throw usageError('journal-foreign', { path });
  return { path, head, startedAt, images, cut };
}

/** The site that a queue puts before an image's path, with the colon; `undefined` where there was no queue. */
function siteOf(key: string, path: string): string | undefined {
  const at = key.indexOf(`: ${path}`);
  return at > 0 ? key.slice(0, at + 1) : undefined;
}

/** Journals of one run, or of runs alike, put together. */
export interface MergedRun {
  readonly results: RunResults;
  readonly provenance: ScanReport['provenance'];
  /** Journals whose run was not finished, with the number of images that are missing. */
  readonly unfinished: readonly { readonly path: string; readonly missing: number }[];
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
  return alike.map((image) => ({ ...image, ...withPath(image, `${image.place}: ${image.outline.path}`) }));
}

/**
 * Puts journals together: the shards of a run give what the whole run would have.
 * @throws UsageError when their runs were not alike
 */
export function mergeJournals(paths: readonly string[]): MergedRun {
  const journals = [...new Set(paths)].map(loadJournal);
  const [first] = journals;
  for (const other of journals)
    if (fingerprintOf(other.head) !== fingerprintOf(first.head))
      throw usageError('journal-other-run', { path: first.path, other: other.path });
  const seen = new Map<string, KeptImage[]>();
  for (const { images } of journals) {
    for (const [key, image] of images) {
      const alike = seen.get(key) ?? [];
      if (!alike.some((other) => isSame(key, other, image))) seen.set(key, [...alike, image]);
    }
  }
  const merged = [...seen.values()].flatMap(withHosts);
  const results = new RunResults();
  merged.sort((left, right) => left.index - right.index);
  for (const [index, { outline, packed }] of merged.entries()) results.add({ index, outline, packed });
  results.settleAll((index) => merged[index].sight);
  const starts = journals.map(({ startedAt }) => startedAt).sort();
  const ends = journals.map(({ path }) => statSync(path).mtime.toISOString()).sort();
  return {
    results,
    provenance: {
      ...first.head.provenance,
      startedAt: starts[0],
      finishedAt: (ends.at(-1) as string).replace('Z', '0000Z'),
    },
    unfinished: journals.flatMap(({ path, head, images }) =>
      images.size < head.images ? [{ path, missing: head.images - images.size }] : [],
    ),
  };
}
