import { jsonFits } from '@deadbox/core';
import { isImageReport } from '@deadbox/report/internals';
import type { FailedImage, ImageReport, ScanReport } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import type { FileStamp } from '../input/in-use/image-hints.node.js';

/** Name and version of the form of a journal. */
export const JOURNAL_SCHEMA = 'deadbox.run/1';

/** What a line may hold. The reports of disks that are made to have findings have 10 levels and 22,000 items. */
const LINE_SHAPE = { levels: 64, values: 500_000 };
/** Characters of a path, with what tells the disk in it; no system has longer ones than 32,767. */
const LONGEST_NAME = 65_536;
/** Lines that cannot be read: each run that was cut leaves one. */
const MAX_CUT_LINES = 10_000;

/** First line of a run in its journal; a run that goes on where another was cut adds its own. */
export interface JournalHead {
  readonly schema: typeof JOURNAL_SCHEMA;
  readonly type: 'run';
  /** UUID. */
  readonly run: string;
  /** Which part of the images this run has: `2/4`; `null` for all. */
  readonly shard: string | null;
  /** How many images it has to judge. */
  readonly images: number;
  readonly provenance: Omit<ScanReport['provenance'], 'finishedAt'>;
}

/** The report of one image. */
export interface JournalImage {
  readonly type: 'image';
  /** What the image is known by in its run: its path, and the disk where it holds several. */
  readonly key: string;
  /** Place among all images of the run, from 0, whatever its shard. */
  readonly index: number;
  /** Of the image's own file; `null` for what has none: a device, a web address, a file that is not there. */
  readonly size: number | null;
  readonly mtime: string | null;
  /** Every file that was read, the image's own first: parents, extents and segments too. */
  readonly files: readonly FileStamp[];
  /** Another name of the same file in the run. */
  readonly sameAs?: string;
  /** Name of the host that judged it; absent in journals of earlier versions. */
  readonly host?: string;
  readonly image: ImageReport | FailedImage;
}

/** A line of a journal. */
export type ReportLine = JournalHead | JournalImage;

/** A line of a file, and where its bytes lie. */
export interface PlacedLine {
  /** `undefined` where the line is longer than any line of a journal. */
  readonly text: string | undefined;
  readonly offset: number;
  readonly length: number;
}

/**
 * A line that cannot be read: a run was cut while it wrote it (`torn`), or it is of an image, and is not what the
 * published schema says of its report (`unfit`).
 */
export interface CutLine {
  readonly type: 'cut';
  readonly kind: 'torn' | 'unfit';
  /** Its number, from 1. */
  readonly number: number;
}

/**
 * The lines of a journal, the first of which is a head. Lines of a kind that a later version of the same form may add
 * are passed over.
 * @param path - of the journal: for messages
 * @throws UsageError when it is none, or is of another version
 */
export function* readJournal<Line extends Pick<PlacedLine, 'text'>>(
  lines: Iterable<Line>,
  path: string,
): Generator<readonly [ReportLine | CutLine, Line]> {
  let headed = false;
  let torn = 0;
  let number = 0;
  for (const line of lines) {
    number += 1;
    if (line.text?.trim() === '') continue;
    const value = line.text === undefined ? undefined : valueOf(line.text);
    if (!headed) {
      checkHead(value, path);
      headed = true;
    }
    if (value === undefined) {
      torn += 1;
      if (torn > MAX_CUT_LINES) throw usageError('journal-foreign', { path });
      yield [{ type: 'cut', kind: 'torn', number }, line];
    } else if (isHead(value) || isImage(value)) yield [value, line];
    else if (isObject(value) && value.type === 'image') yield [{ type: 'cut', kind: 'unfit', number }, line];
  }
}

/**
 * The line of an image that {@link readJournal} took, read again; `undefined` where `text` is another one. A run with
 * five forms reads each line five times: what the schema says is checked the first time only.
 */
export function imageLine(text: string): JournalImage | undefined {
  const value = valueOf(text);
  return isImageLine(value) ? value : undefined;
}

/** What a run's verdicts depend on besides the images: journals that agree in it are of one run. */
export function fingerprintOf({ provenance: { version, rules, options } }: JournalHead): string {
  return JSON.stringify([version, rules.map(({ name, sha256 }) => [name, sha256]), options]);
}

function valueOf(line: string): unknown {
  if (!jsonFits(line, LINE_SHAPE)) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isHead(value: unknown): value is JournalHead {
  if (!isObject(value) || value.type !== 'run' || value.schema !== JOURNAL_SCHEMA) return false;
  const { provenance, run, images } = value;
  if (!isObject(provenance) || typeof run !== 'string' || typeof images !== 'number') return false;
  const { version, rules, options, startedAt } = provenance;
  return typeof version === 'string' && typeof startedAt === 'string' && isObject(options) && isListOf(rules, isObject);
}

function isImage(value: unknown): value is JournalImage {
  return isImageLine(value) && isImageReport(value.image);
}

/** Whether a value is the line of an image, whatever the report in it says besides its path. */
function isImageLine(value: unknown): value is JournalImage {
  if (!isObject(value) || value.type !== 'image' || !isName(value.key)) return false;
  const { index, image, files, host, sameAs, size, mtime } = value;
  if (![host, sameAs].every((text) => text === undefined || typeof text === 'string')) return false;
  if (!['number', 'undefined'].includes(typeof (size ?? undefined))) return false;
  if (!['string', 'undefined'].includes(typeof (mtime ?? undefined))) return false;
  if (!Number.isSafeInteger(index) || !isListOf(files, isStamp) || !isObject(image)) return false;
  return isName(image.path);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_NAME;
}

function isStamp(value: unknown): boolean {
  return isObject(value) && typeof value.path === 'string' && typeof value.mtime === 'string';
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function checkHead(value: unknown, path: string): void {
  const schema = isObject(value) ? value.schema : undefined;
  if (typeof schema === 'string' && schema.startsWith('deadbox.run/') && schema !== JOURNAL_SCHEMA)
    throw usageError('journal-version', { path, found: schema, known: JOURNAL_SCHEMA });
  if (!isHead(value)) throw usageError('journal-foreign', { path });
}
