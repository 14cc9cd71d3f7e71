import { type Bytes, Cursor, equalBytes, hasAscii } from '@deadbox/core';
import { imageError } from '../errors.js';
import { MAX_LOG_PAGES, MAX_LOG_WORK } from '../limits.js';
import { checksumValid, type VhdxHeader } from './header.js';

/*
 * MS-VHDX 2.3, log: a ring of entries, each a whole number of 4-KiB sectors.
 * Entry header: 0 4 "loge"   8 4 EntryLength   16 8 SequenceNumber    32 16 LogGuid             56 8 LastFileOffset
 *               4 4 CRC-32C  12 4 Tail         24 4 DescriptorCount   48 8 FlushedFileOffset    64 descriptors
 * Descriptors have 32 bytes.
 * "zero" descriptor: 8 8 ZeroLength, 16 8 FileOffset, 24 8 SequenceNumber
 * "desc" descriptor: 4 4 TrailingBytes, 8 8 LeadingBytes, 16 8 FileOffset, 24 8 SequenceNumber
 * data sector:       0 4 "data", 4 4 SequenceHigh, 8 4084 data, 4092 4 SequenceLow
 */
/** Unit of the log and of what it patches, in bytes. */
export const LOG_SECTOR = 4096;
const DESCRIPTOR = 32;
const HEADER = 64;

/** A valid log entry. */
interface LogEntry {
  readonly start: number;
  readonly length: number;
  readonly tail: number;
  readonly sequence: bigint;
  readonly flushedFileOffset: number;
  readonly lastFileOffset: number;
  readonly bytes: Bytes;
  readonly descriptors: number;
  readonly dataStart: number;
}

/** What replaying the log changes. */
export interface LogReplay {
  /** New content of 4-KiB pages by their index in the file; `undefined` for pages of zeros. */
  readonly pages: ReadonlyMap<number, Bytes | undefined>;
  /** The file must have at least this many bytes. */
  readonly flushedFileOffset: number;
  /** After the replay the file has at least this many bytes. */
  readonly lastFileOffset: number;
  /** Number of replayed entries. */
  readonly entries: number;
}

/**
 * Replays the active sequence of the log: the one whose last entry has the highest sequence number and whose tail lies
 * in it.
 * @param log - the whole log region
 * @returns `undefined` when there is no complete sequence
 * @throws ImageError `IMAGE_DAMAGED`, `IMAGE_LIMIT`
 */
export function replayLog(log: Bytes, header: VhdxHeader, layer: string): LogReplay | undefined {
  const sequence = activeSequence(log, header);
  if (sequence === undefined) return undefined;
  const laid = new LogPages(layer, header.logOffset);
  for (const entry of sequence) laid.apply(entry);
  const last = sequence[sequence.length - 1];
  return {
    pages: laid.pages,
    flushedFileOffset: last.flushedFileOffset,
    lastFileOffset: last.lastFileOffset,
    entries: sequence.length,
  };
}

function activeSequence(log: Bytes, header: VhdxHeader): LogEntry[] | undefined {
  const entries = new Map<number, LogEntry>();
  for (let start = 0; start + LOG_SECTOR <= log.length; start += LOG_SECTOR) {
    const entry = parseEntry(log, start, header);
    if (entry !== undefined) entries.set(start, entry);
  }
  const next = (entry: LogEntry): LogEntry | undefined => {
    const following = entries.get((entry.start + entry.length) % log.length);
    return following?.sequence === entry.sequence + 1n ? following : undefined;
  };
  const continued = new Set([...entries.values()].map(next).filter((entry) => entry !== undefined));
  let best: LogEntry[] | undefined;
  // Sequence numbers grow along a chain, so every chain has a first entry and an end; each entry is in one chain.
  for (const first of entries.values()) {
    if (continued.has(first)) continue;
    const chain: LogEntry[] = [];
    for (let entry: LogEntry | undefined = first; entry !== undefined; entry = next(entry)) chain.push(entry);
    const head = chain[chain.length - 1];
    const tail = chain.findIndex((entry) => entry.start === head.tail);
    if (tail >= 0 && (best === undefined || head.sequence > best[best.length - 1].sequence)) best = chain.slice(tail);
  }
  return best;
}

/** The entry at `start`, when it is whole and belongs to this log; entries go around the end of the ring. */
function parseEntry(log: Bytes, start: number, header: VhdxHeader): LogEntry | undefined {
  if (!hasAscii(log, start, 'loge')) return undefined;
  const head = new Cursor(log.subarray(start, start + LOG_SECTOR));
  const length = head.u32(8);
  const descriptors = head.u32(24);
  const dataStart = Math.ceil((HEADER + descriptors * DESCRIPTOR) / LOG_SECTOR) * LOG_SECTOR;
  const wellFormed =
    length > 0 &&
    length % LOG_SECTOR === 0 &&
    length <= log.length &&
    dataStart <= length &&
    head.u32(12) % LOG_SECTOR === 0;
  if (!wellFormed || !equalBytes(head.slice(32, 16), header.logGuid)) return undefined;
  // Before the checksum is computed: no sector of an entry but the first may begin an entry, so each sector is summed
  // at most once.
  for (let at = LOG_SECTOR; at < length; at += LOG_SECTOR)
    if (hasAscii(log, (start + at) % log.length, 'loge')) return undefined;
  const bytes = ringSlice(log, start, length);
  if (!checksumValid(bytes)) return undefined;
  return {
    start,
    length,
    tail: head.u32(12),
    sequence: head.u64(16),
    flushedFileOffset: head.u64Number(48),
    lastFileOffset: head.u64Number(56),
    bytes,
    descriptors,
    dataStart,
  };
}

function ringSlice(log: Bytes, start: number, length: number): Bytes {
  if (start + length <= log.length) return log.subarray(start, start + length);
  const bytes = new Uint8Array(length);
  bytes.set(log.subarray(start));
  bytes.set(log.subarray(0, start + length - log.length), log.length - start);
  return bytes;
}

/** Lays the changes of log entries over one another. */
class LogPages {
  readonly pages = new Map<number, Bytes | undefined>();
  readonly #layer: string;
  readonly #logOffset: number;
  /** Pages named so far: zeros may be laid over the same pages again and again. */
  #named = 0;

  constructor(layer: string, logOffset: number) {
    this.#layer = layer;
    this.#logOffset = logOffset;
  }

  /** @throws ImageError `IMAGE_DAMAGED`, `IMAGE_LIMIT` */
  apply(entry: LogEntry): void {
    const cursor = new Cursor(entry.bytes, this.#layer, this.#logOffset + entry.start);
    let dataAt = entry.dataStart;
    for (let index = 0; index < entry.descriptors; index += 1) {
      const at = HEADER + index * DESCRIPTOR;
      const { fileOffset, length, isZero } = this.#descriptor(cursor, at, entry);
      const first = fileOffset / LOG_SECTOR;
      if (isZero) for (let page = 0; page < length / LOG_SECTOR; page += 1) this.pages.set(first + page, undefined);
      else {
        this.pages.set(first, dataPage(cursor, at, dataAt, entry.sequence, this.#layer));
        dataAt += LOG_SECTOR;
      }
    }
  }

  #descriptor(cursor: Cursor, at: number, entry: LogEntry): { fileOffset: number; length: number; isZero: boolean } {
    const isZero = hasAscii(entry.bytes, at, 'zero');
    const fileOffset = cursor.u64Number(at + 16);
    const length = isZero ? cursor.u64Number(at + 8) : LOG_SECTOR;
    const known = isZero || hasAscii(entry.bytes, at, 'desc');
    const aligned = fileOffset % LOG_SECTOR === 0 && length % LOG_SECTOR === 0;
    const data = { fileOffset, length };
    if (!known || !aligned || cursor.u64(at + 24) !== entry.sequence || fileOffset + length > entry.lastFileOffset)
      throw imageError('IMAGE_DAMAGED', `A descriptor in the log of ${this.#layer} is not valid`, cursor.at(at), data);
    this.#named += length / LOG_SECTOR;
    if (this.pages.size + length / LOG_SECTOR <= MAX_LOG_PAGES && this.#named <= MAX_LOG_WORK)
      return { fileOffset, length, isZero };
    const what = `The log of ${this.#layer} patches more than ${MAX_LOG_PAGES} pages of 4 KiB, or names more than ${MAX_LOG_WORK}`;
    throw imageError('IMAGE_LIMIT', what, cursor.at(at), data);
  }
}

/**
 * The page that a data descriptor stands for: 8 leading and 4 trailing bytes come from the descriptor, the rest from
 * the data sector.
 */
function dataPage(cursor: Cursor, descriptor: number, sector: number, sequence: bigint, layer: string): Bytes {
  const whole = sector + LOG_SECTOR <= cursor.length && hasAscii(cursor.bytes, sector, 'data');
  if (
    !whole ||
    BigInt(cursor.u32(sector + 4)) !== sequence >> 32n ||
    BigInt(cursor.u32(sector + 4092)) !== (sequence & 0xffff_ffffn)
  ) {
    throw imageError(
      'IMAGE_DAMAGED',
      `A data sector in the log of ${layer} is missing or torn`,
      cursor.at(descriptor),
      { sector },
    );
  }
  const page = new Uint8Array(LOG_SECTOR);
  page.set(cursor.slice(descriptor + 8, 8), 0);
  page.set(cursor.slice(sector + 8, 4084), 8);
  page.set(cursor.slice(descriptor + 4, 4), 4092);
  return page;
}
