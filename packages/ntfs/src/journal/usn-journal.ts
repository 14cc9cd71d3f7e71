import { type ByteSource, type Bytes, extentsOf, type IssueLog, type ReadOptions, readInto } from '@deadbox/core';
import { addIssue } from '../errors.js';
import { parseUsnRecord, type UsnRecord, usnRecordLength } from './usn-record.js';

/** Records do not cross pages of this size; zeros fill a page's rest. */
const PAGE = 4096;
/** Bytes read at once: as records in memory they take ten times as much. */
const CHUNK = 256 << 10;

/** Options of {@link readUsnJournal}. */
export interface UsnJournalOptions extends ReadOptions {
  /** Byte offset in the stream to begin at: rounded down to a page. */
  readonly from?: number;
  /** Gets one `ntfs.usn-record` for every page part that holds no valid record. */
  readonly issues?: IssueLog;
  /** Called after each piece with the bytes looked at and the stream's size; holes count as looked at. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The records of `$UsnJrnl:$J`, oldest first, in batches. The hole at the start (most of the stream: USNs are byte
 * offsets and never begin anew) is skipped through the stream's extents, without reading it. Damage costs the rest of
 * its page, not more.
 * @param journal - the stream `$J`, or a file that holds its pages
 */
export async function* readUsnJournal(
  journal: ByteSource,
  options: UsnJournalOptions = {},
): AsyncGenerator<UsnRecord[]> {
  const start = Math.max(0, (options.from ?? 0) - ((options.from ?? 0) % PAGE));
  const buffer = new Uint8Array(Math.min(CHUNK, Math.max(0, journal.size - start)));
  let at = start;
  for await (const [from, to] of storedRanges(journal, start, options)) {
    // Extents end at clusters, which can be smaller than pages; a page is looked at as a whole.
    at = Math.max(at, from - (from % PAGE));
    const end = Math.min(journal.size, Math.ceil(to / PAGE) * PAGE);
    while (at < end) {
      options.signal?.throwIfAborted();
      const piece = buffer.subarray(0, Math.min(buffer.length, end - at));
      const pending = readInto(journal, at, piece, options);
      if (pending instanceof Promise) await pending;
      const records = parsePages(piece, at, options.issues);
      at += piece.length;
      options.onProgress?.(at, journal.size);
      if (records.length > 0) yield records;
    }
  }
}

/** Parts of the stream that are not holes, as `[from, to)`. */
async function* storedRanges(
  journal: ByteSource,
  start: number,
  options: ReadOptions,
): AsyncGenerator<readonly [number, number]> {
  let pending: [number, number] | undefined;
  for await (const batch of extentsOf(journal, start, journal.size, options)) {
    for (const extent of batch) {
      if (extent.kind === 'zero') continue;
      if (pending !== undefined && pending[1] === extent.offset) pending[1] += extent.length;
      else {
        if (pending !== undefined) yield pending;
        pending = [extent.offset, extent.offset + extent.length];
      }
    }
  }
  if (pending !== undefined) yield pending;
}

function parsePages(bytes: Bytes, base: number, issues: IssueLog | undefined): UsnRecord[] {
  const records: UsnRecord[] = [];
  for (let page = 0; page < bytes.length; page += PAGE) {
    const end = Math.min(page + PAGE, bytes.length);
    for (let at = page; at + 8 <= end; ) {
      const length = usnRecordLength(bytes, at);
      if (length === 0) break;
      const record = at + length <= end ? parseUsnRecord(bytes, at, base) : undefined;
      if (record === undefined) {
        addIssue(issues, 'ntfs.usn-record', { layer: '$UsnJrnl:$J', offset: base + at }, { length }, 'warning');
        break;
      }
      records.push(record);
      at += length;
    }
  }
  return records;
}
