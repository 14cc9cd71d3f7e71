import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { imageText } from '@deadbox/report/internals';
import {
  type DiskRole,
  diskRoleOf,
  type FailedImage,
  type ImageOutline,
  type ImageReport,
  isFailedImage,
  isFailedOutline,
  outlineOf,
} from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import { imageLine, type JournalImage } from './journal.js';
import type { LineFile } from './line-file.node.js';

/** What is known of an image. */
export type Judged = ImageReport | FailedImage;

/** Its JSON, deflated: a tenth of the memory, and none that a garbage collector walks through. */
interface PackedReport {
  readonly kind: 'packed';
  readonly bytes: Uint8Array;
  /** Whether that is `imageText`, to be written as it is, and has the path and severity that the outline has. */
  readonly isText: boolean;
}

/** Its line in a journal, to be read again when its turn comes. */
interface ReportPlace {
  readonly kind: 'line';
  readonly journal: LineFile;
  readonly key: string;
  readonly offset: number;
  readonly length: number;
}

/** The report of an image as a run keeps it: what counts and orders need, and where the rest is. */
export interface KeptReport {
  readonly index: number;
  readonly outline: ImageOutline;
  /** Among the disks of its machine. */
  readonly role: DiskRole;
  readonly whole: PackedReport | ReportPlace;
}

/**
 * Packs the report of the image that stands at `index`.
 * @param sameAs - another name of the same file: its disk counts once
 * @param made - JSON of `image`, where it is there already, and whether it is what `imageText` gives
 */
export function packReport(
  index: number,
  image: Judged,
  sameAs?: string,
  made: { readonly json: string; readonly isText: boolean } = { json: JSON.stringify(image), isText: false },
): KeptReport {
  const { json, isText } = made;
  // What deflates gives a part of a larger buffer, which would be kept, and be sent from thread to thread, with it.
  const bytes = new Uint8Array(deflateRawSync(json, { level: 1 }));
  return { ...summaryOf(index, image, sameAs), whole: { kind: 'packed', bytes, isText } };
}

/** Keeps the report of the image whose line lies there in `journal`. */
export function placeReport(
  line: { readonly index: number; readonly key: string; readonly image: Judged; readonly sameAs?: string },
  journal: LineFile,
  { offset, length }: { readonly offset: number; readonly length: number },
): KeptReport {
  const { index, key, image, sameAs } = line;
  return { ...summaryOf(index, image, sameAs), whole: { kind: 'line', journal, key, offset, length } };
}

function summaryOf(index: number, image: Judged, sameAs: string | undefined): Omit<KeptReport, 'whole'> {
  const outline = outlineOf(image);
  const again = sameAs !== undefined && !isFailedOutline(outline);
  return {
    index,
    outline: again ? { ...outline, disk: { diskId: null } } : outline,
    role: diskRoleOf(image),
  };
}

/** The same report with another outline: under another path, or of another severity. */
export function withOutline<Kept extends KeptReport>(kept: Kept, outline: ImageOutline): Kept {
  const { whole } = kept;
  return { ...kept, outline, whole: whole.kind === 'packed' ? { ...whole, isText: false } : whole };
}

/** The same report under another path. */
export function withPath<Kept extends KeptReport>(kept: Kept, path: string): Kept {
  return withOutline(kept, { ...kept.outline, path });
}

/**
 * What `imageText` gives of the whole report: where a worker made it, the main thread of a run need not take it apart.
 * @throws UsageError when its journal is not what it was
 */
export function reportText(kept: KeptReport): string {
  const { whole } = kept;
  return whole.kind === 'packed' && whole.isText ? inflated(whole) : imageText(wholeReport(kept));
}

/**
 * The whole report. Of a run's images some have another path than when they were judged, and a machine's other disks
 * may have settled what a disk asks for.
 * @throws UsageError when its journal is not what it was
 */
export function wholeReport({ whole, outline }: KeptReport): Judged {
  const image = whole.kind === 'packed' ? unpack(whole) : readAgain(whole).image;
  const { path } = outline;
  if (isFailedImage(image) || isFailedOutline(outline)) return { ...image, path };
  return { ...image, path, severity: outline.severity };
}

function unpack(packed: PackedReport): Judged {
  return JSON.parse(inflated(packed)) as Judged;
}

function inflated({ bytes }: PackedReport): string {
  return inflateRawSync(bytes).toString('utf8');
}

/** The line of a journal that a report was kept of; `undefined` where it was not kept of one. */
export function journalLine({ whole }: KeptReport): JournalImage | undefined {
  return whole.kind === 'packed' ? undefined : readAgain(whole);
}

function readAgain({ journal, key, offset, length }: ReportPlace): JournalImage {
  const line = imageLine(journal.lineAt({ offset, length }));
  if (line?.key !== key) throw usageError('journal-changed', { path: journal.path });
  return line;
}
