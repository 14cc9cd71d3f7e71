import { type ByteSource, type Json } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { OpenContext, VirtualDisk } from '../image-format.js';
import { EwfDisk } from './disk.js';
import { EwfIndex, type EwfSegment } from './index.js';
import { EwfMap } from './map.js';
import { ewfSegmentNumber } from './section.js';
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
  return new EwfDisk(new EwfMap(index, volume), context, { format: 'ewf', variant: volume.kind, details }, tail.hashes);
}

async function openSegments(source: ByteSource, context: OpenContext): Promise<EwfSegment[]> {
  const number = ewfSegmentNumber(context.head);
  if (number !== 1) {
    const what = `${context.name} is segment ${number} of an EWF image; open the first one (.E01)`;
    throw imageError('IMAGE_UNSUPPORTED', what, { layer: context.name, offset: 9 }, { segment: number });
  }
  const segments: EwfSegment[] = [{ source, name: context.name }];
  const name = splitEwfName(context.name);
  if (name === undefined) return segments;
  for (let next = 2; ; next += 1) {
    const extension = ewfSegmentExtension(next, name.extension);
    const part = extension === undefined ? undefined : await context.findCompanion(name.stem + extension);
    if (part === undefined) return segments;
    segments.push({ source: part, name: name.stem + String(extension) });
  }
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
  if (tail.last === 'next') throw missingSegment(segments.length, context);
  if (tail.last === undefined) {
    const data = { reason: 'the last segment file does not end with a done section', segment: segments.length };
    context.issues.add({ code: 'image.truncated', severity: 'error', at: { layer: name, offset: source.size }, data });
  }
  return tail;
}

function missingSegment(found: number, context: OpenContext): Error {
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
