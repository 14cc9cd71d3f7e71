import {
  andThen,
  type ByteSource,
  KIB,
  type MaybePromise,
  MIB,
  type ReadOptions,
  readInto,
  sha256Hex,
  unlessDamaged,
} from '@deadbox/core';
import type { MftTable } from './mft-table.js';

/** Bytes of one read. */
const READ_BYTES: number = MIB;
/** Contents with no more than this between them are read at once. */
const SMALL_GAP: number = 64 * KIB;

/** A content in clusters of its own. */
interface Content {
  readonly record: number;
  readonly place: number;
  readonly size: number;
}

/**
 * SHA-256 of the unnamed contents of `records`, as far as the scan found them plain (it must have been asked for
 * contents) and they can be read: each one is then in its record or in one run of clusters, and neighbours are read at
 * once, in the order of the disk. The others have none here, and are hashed one by one.
 * @param volume - the volume that the table is of
 */
export async function plainHashes(
  table: MftTable,
  volume: ByteSource,
  records: Iterable<number>,
  options: ReadOptions = {},
): Promise<ReadonlyMap<number, string>> {
  const { contents, size } = table.columns;
  const hashes = new Map<number, string>();
  const stored = new Map<number, Content>();
  for (const record of records) {
    const digest = contents?.digest(record);
    const place = contents?.place(record);
    if (digest !== undefined) hashes.set(record, digest);
    else if (place !== undefined) stored.set(record, { record, place, size: size[record] });
  }
  let buffer = new Uint8Array(0);
  for (const group of neighbours([...stored.values()])) {
    const { from, end } = group;
    // One buffer for all: the collector does not see a megabyte in so small an object.
    if (buffer.length < end - from) buffer = new Uint8Array(Math.max(end - from, READ_BYTES));
    const bytes = buffer.subarray(0, end - from);
    const read = (): MaybePromise<true> => andThen(readInto(volume, from, bytes, options), () => true as const);
    const pending = unlessDamaged(read, false, options);
    const isRead = pending instanceof Promise ? await pending : pending;
    options.signal?.throwIfAborted();
    if (!isRead) continue;
    for (const { record, place, size: length } of group.contents)
      hashes.set(record, sha256Hex(bytes.subarray(place - from, place - from + length)));
  }
  return hashes;
}

/** Contents that one read takes. */
interface Group {
  readonly from: number;
  end: number;
  readonly contents: Content[];
}

function neighbours(contents: Content[]): Group[] {
  contents.sort((left, right) => left.place - right.place);
  const groups: Group[] = [];
  for (const content of contents) {
    const { place, size } = content;
    const last = groups.at(-1);
    const end = place + size;
    if (last !== undefined && place - last.end <= SMALL_GAP && end - last.from <= READ_BYTES) {
      last.contents.push(content);
      last.end = Math.max(last.end, end);
    } else groups.push({ from: place, end, contents: [content] });
  }
  return groups;
}
