import { type ByteSource, extentsOf, type IssueLog, type ReadOptions } from '@deadbox/core';
import { addIssue } from '../errors.js';
import { NtfsStream } from '../record/stream.js';

/** Records that follow one another. */
export interface RecordRange {
  readonly first: number;
  readonly count: number;
}

/** Which records of a table are stored at all. */
export interface StoredRecords {
  /** In order, not touching one another. */
  readonly ranges: readonly RecordRange[];
  /** One more than the highest record. */
  readonly end: number;
  /** Records whose clusters a damaged run list has lost. */
  readonly lost: number;
}

/** What is to be scanned. */
export interface StoredInput {
  readonly source: ByteSource;
  readonly recordSize: number;
  readonly recordCount: number;
  readonly issues?: IssueLog | undefined;
}

/**
 * A table is indexed by record number, so what it costs hangs on the highest number. Windows stores every record of
 * `$MFT`: past this many numbers for each stored record, and some to begin with, the claims of a table are not
 * followed.
 */
const NUMBERS_PER_RECORD = 4;
const NUMBERS_AT_LEAST = 1 << 16;

/**
 * The records that are stored: not those in holes of `$MFT`, nor in parts that the disk image never wrote, nor those
 * whose runs are lost. A forged size can claim 2^32 records in a few bytes; time and memory go by what is stored.
 */
export async function storedRecords(input: StoredInput, options?: ReadOptions): Promise<StoredRecords> {
  const { recordSize, recordCount } = input;
  const ranges: { first: number; count: number }[] = [];
  let kept = 0;
  let lostBytes = 0;
  let lostFrom: number | undefined;
  let refused = false;
  for await (const { offset, length, kind } of storedParts(input.source, recordCount * recordSize, options)) {
    if (kind === 'lost') {
      lostBytes += length;
      lostFrom ??= offset;
      continue;
    }
    const last = ranges.at(-1);
    const first = Math.max(Math.floor(offset / recordSize), last === undefined ? 0 : last.first + last.count);
    const count = Math.min(Math.ceil((offset + length) / recordSize), recordCount) - first;
    if (count <= 0) continue;
    if (first + count > (kept + count) * NUMBERS_PER_RECORD + NUMBERS_AT_LEAST) {
      refused = true;
      break;
    }
    kept += count;
    if (last !== undefined && last.first + last.count === first) last.count += count;
    else ranges.push({ first, count });
  }
  const lost = Math.ceil(lostBytes / recordSize);
  noteGaps(input, { lost, lostFrom, refused });
  const end = ranges.at(-1);
  return { ranges, end: end === undefined ? 0 : end.first + end.count, lost };
}

function noteGaps(
  { issues, recordSize }: StoredInput,
  { lost, lostFrom, refused }: { lost: number; lostFrom: number | undefined; refused: boolean },
): void {
  if (lostFrom !== undefined) {
    const first = Math.floor(lostFrom / recordSize);
    addIssue(
      issues,
      'ntfs.read-failed',
      { layer: '$MFT', offset: first * recordSize, record: first },
      { records: lost, first: [first], reason: 'no data run covers them' },
    );
  }
  if (refused)
    addIssue(
      issues,
      'ntfs.mft-extent',
      { layer: '$MFT', offset: 0, record: 0 },
      { found: 'records far behind all that are stored' },
    );
}

interface StoredPart {
  readonly offset: number;
  readonly length: number;
  readonly kind: 'stored' | 'lost';
}

async function* storedParts(
  source: ByteSource,
  end: number,
  options?: ReadOptions,
): AsyncGenerator<StoredPart, void, undefined> {
  for await (const batch of extentsOf(source, 0, end, options)) {
    for (const { offset, length, kind, origin } of batch) {
      if (kind === 'zero') continue;
      if (origin === undefined) {
        // Only the stream of a volume knows what it has lost; other sources just do not tell where their bytes lie.
        yield { offset, length, kind: source instanceof NtfsStream ? 'lost' : 'stored' };
        continue;
      }
      for await (const below of extentsOf(origin.source, origin.offset, origin.offset + length, options)) {
        for (const part of below)
          if (part.kind !== 'zero')
            yield { offset: offset + part.offset - origin.offset, length: part.length, kind: 'stored' };
      }
    }
  }
}
