import { type ByteSource, type Json } from '@deadbox/core';
import { type ImageError, imageError } from '../errors.js';
import type { OpenContext, VirtualDisk } from '../image-format.js';
import { MAX_COMPANIONS } from '../limits.js';
import { EwfDisk } from './disk.js';
import { EwfIndex, type EwfSegment } from './index.js';
import { EwfMap } from './map.js';
import { EWF_DESCRIPTOR_BYTES, ewfSegmentNumber, tryEwfSection } from './section.js';
import { ewfSegmentExtension, splitEwfName } from './segment-names.js';
import { otherKind } from './signature.js';
import { type EwfTail, parseEwfTail } from './tail.js';

/** Bytes at the end of the last segment that are searched for the stored hashes. */
const TAIL_SEARCHED = 16 * 1024;
const LISTED_ERRORS = 100;

/** Opens what `ewfFormat` recognised. */
export async function openEwf(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const other = otherKind(context.head);
  if (other !== undefined)
    throw imageError(other.code, `${context.name} is ${other.what}`, { layer: context.name, offset: 0 });
  const segments = await openSegments(source, context);
  const tail = await readTail(segments, source, context);
  const options = context.reading;
  const index = new EwfIndex(segments, context.head, context.issues);
  const volume = await index.findVolume(options);
  const details: Record<string, Json> = { ...index.header, ...volume.details, segments: segments.length };
  if (tail.hashes.md5 !== undefined) details.storedMd5 = tail.hashes.md5;
  if (tail.hashes.sha1 !== undefined) details.storedSha1 = tail.hashes.sha1;
  noteUnreadable(tail, details, context);
  return new EwfDisk(
    new EwfMap(index, volume, context.issues),
    context,
    { format: 'ewf', variant: volume.kind, details, hasChecksums: true, hasBlockChecksums: true },
    tail.hashes,
  );
}

async function openSegments(source: ByteSource, context: OpenContext): Promise<EwfSegment[]> {
  const number = ewfSegmentNumber(context.head);
  if (number !== 1) {
    const what = `${context.name} is segment ${number} of an EWF image; open the first one (.E01)`;
    throw imageError('IMAGE_UNSUPPORTED', what, { layer: context.name, offset: 9 }, { segment: number });
  }
  const segments: EwfSegment[] = [{ source, name: context.name, number: 1 }];
  const name = splitEwfName(context.name);
  if (name === undefined) return segments;
  const present = context.incomplete ? await listedSegments(name, context) : [];
  for (let next = 2; ; next += 1) {
    let file = segmentName(name, next);
    let part = file === undefined ? undefined : await context.findCompanion(file);
    if (part === undefined) {
      // Whoever takes an incomplete set wants what lies behind the hole, too.
      const later = present.find((listed) => listed > next);
      if (later === undefined) return segments;
      noteMissing(segments, name, { first: next, count: later - next }, context);
      next = later;
      file = segmentName(name, next);
      part = file === undefined ? undefined : await context.findCompanion(file);
    }
    if (part === undefined || file === undefined) return segments;
    // A set ends with its "done" section: what has the next number then is left over from another acquisition.
    // Only the last has an end of its own, so those of the same length need not be asked.
    const before = segments[segments.length - 1].source;
    const isLast = (next === 2 || before.size !== source.size) && (await lastSection(before, context)) === 'done';
    if (isLast) {
      const at = { layer: context.name, offset: 0 };
      const data = { file, segments: segments.length };
      context.issues.add({ code: 'image.foreign-files-ignored', severity: 'note', at, data });
      return segments;
    }
    segments.push({ source: part, name: file, number: next });
  }
}

type SegmentName = NonNullable<ReturnType<typeof splitEwfName>>;

function segmentName({ stem, extension }: SegmentName, number: number): string | undefined {
  const ending = ewfSegmentExtension(number, extension);
  return ending === undefined ? undefined : stem + ending;
}

/** Numbers of the segments that lie beside the image, in order. */
async function listedSegments(name: SegmentName, context: OpenContext): Promise<number[]> {
  const listed = new Set(((await context.siblings?.list?.(context.reading)) ?? []).map((file) => file.toLowerCase()));
  const numbers: number[] = [];
  for (let number = 2; number <= MAX_COMPANIONS; number += 1) {
    const file = segmentName(name, number);
    if (file !== undefined && listed.has(file.toLowerCase())) numbers.push(number);
  }
  return numbers;
}

function noteMissing(
  segments: readonly EwfSegment[],
  name: SegmentName,
  missing: { first: number; count: number },
  context: OpenContext,
): void {
  const { name: layer, source } = segments[segments.length - 1];
  context.issues.add({
    code: 'image.part-missing',
    severity: 'error',
    at: { layer, offset: source.size },
    data: { recorded: segmentName(name, missing.first) ?? '', found: segments.length, missing: missing.count },
  });
}

/** Type of the section that a segment file ends with; `undefined` when it ends with none. */
async function lastSection(source: ByteSource, context: OpenContext): Promise<string | undefined> {
  const offset = source.size - EWF_DESCRIPTOR_BYTES;
  if (offset < 0) return undefined;
  return tryEwfSection(await source.read(offset, EWF_DESCRIPTOR_BYTES, context.reading), offset)?.type;
}

/** The end of the last segment: whether it is the last one, and the stored hashes. */
async function readTail(segments: readonly EwfSegment[], first: ByteSource, context: OpenContext): Promise<EwfTail> {
  const { source, name } = segments[segments.length - 1];
  const start = Math.max(source.size - TAIL_SEARCHED, 0);
  const options = context.reading;
  const isShort = source === first && source.size <= context.head.length;
  const bytes = isShort ? context.head : await source.read(start, source.size - start, options);
  const tail = parseEwfTail(
    bytes.subarray(Math.max(bytes.length - TAIL_SEARCHED, 0)),
    source.size - Math.min(bytes.length, TAIL_SEARCHED),
  );
  if (tail.last === 'next') {
    const missing = missingSegment(segments.length, context);
    if (!context.incomplete) throw missing;
    const at = { layer: name, offset: source.size };
    context.issues.add({ code: 'image.part-missing', severity: 'error', at, data: { ...missing.data } });
  }
  if (tail.last === undefined) {
    const data = { reason: 'the last segment file does not end with a done section', segment: segments.length };
    context.issues.add({ code: 'image.truncated', severity: 'error', at: { layer: name, offset: source.size }, data });
  }
  return tail;
}

function missingSegment(found: number, context: OpenContext): ImageError {
  const split = splitEwfName(context.name);
  const extension = ewfSegmentExtension(found + 1, split?.extension ?? 'E01') ?? '';
  const wanted =
    split === undefined ? `the segment after ${context.name} (extension .${extension})` : `"${split.stem}${extension}"`;
  const where =
    context.siblings === undefined
      ? 'the files beside the image cannot be reached'
      : 'it does not lie beside the image';
  const data = { recorded: split === undefined ? extension : split.stem + extension, found };
  return imageError(
    'IMAGE_FILE_MISSING',
    `${context.name} needs ${wanted}, but ${where}`,
    { layer: context.name, offset: 0 },
    data,
  );
}

function noteUnreadable({ unreadable }: EwfTail, details: Record<string, Json>, context: OpenContext): void {
  if (unreadable.length === 0) return;
  const sectors = unreadable.reduce((sum, { count }) => sum + count, 0);
  details.unreadableSectors = unreadable.slice(0, LISTED_ERRORS).map(({ sector, count }) => ({ sector, count }));
  const at = { layer: context.name, offset: 0 };
  context.issues.add({
    code: 'image.acquired-with-errors',
    severity: 'warning',
    at,
    data: { runs: unreadable.length, sectors },
  });
}
