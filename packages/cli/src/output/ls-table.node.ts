import { type Bytes, formatFileTime } from '@deadbox/core';
import { type MftTable, type NtfsVolume, pathLines } from '@deadbox/ntfs';
import { hashLines, plainHashes } from '@deadbox/ntfs/internals';
import { escapeText, type LsEntry } from '@deadbox/report/internals';
import type { LsOptions } from './ls-writer.node.js';
import type { ItemWriter, Output } from './output.node.js';

/** Entries that are hashed together. */
const BATCH = 512;

/** What a listing from the table needs. */
export interface TableListing {
  readonly tree: NtfsVolume;
  /** Path of the folder whose content is listed, as stored. */
  readonly folder: string;
  readonly options: LsOptions;
  readonly signal: AbortSignal;
  /** Hash of a record's stream; `null` where there is no content. */
  readonly hash: (record: number, stream: string) => Promise<string | null>;
  /** How many bytes may be hashed without it. */
  readonly budget: { has(bytes: number): boolean; take(bytes: number, path: string): void };
}

/**
 * Lists all that lies below a folder from `$MFT` in one pass: files that no index leads to, too. Only the paths of a
 * whole volume are written without making an object for each.
 */
export async function listTable(listing: TableListing, output: Output, writer: ItemWriter<LsEntry>): Promise<void> {
  const { tree, folder, options, signal } = listing;
  const wanted = [options.long, options.json, options.ndjson, options.deleted].some((option) => option === true);
  const plain = folder === '/' && !wanted;
  const table = await tree.mft({
    signal,
    // Times are shown in long and JSON lines only.
    times: wanted,
    shortNames: false,
    streams: options.streams === true,
    deleted: options.deleted === true,
    contents: options.hash !== undefined,
  });
  if (plain) {
    await output.writeChunks(plainLines(table, listing, output), signal);
    return;
  }
  const below = folder === '/' ? '/' : `${folder}/`;
  let batch: LsEntry[] = [];
  const write = async (): Promise<void> => {
    if (options.hash !== undefined) await addHashes(table, batch, listing);
    for (const entry of batch) writer.add(entry);
    batch = [];
  };
  for (const row of table.rows({
    metadata: options.all === true,
    ...(options.deleted === true ? { deleted: 'include' as const } : {}),
  })) {
    if (below !== '/' && !table.path(row).startsWith(below)) continue;
    for (const entry of entriesOf(table, row, options)) {
      signal.throwIfAborted();
      batch.push(entry);
    }
    if (batch.length >= BATCH) await write();
  }
  await write();
}

/** The paths of a whole volume, with the hashes of the contents when those are wanted. */
function plainLines(
  table: MftTable,
  { tree, options, signal, hash, budget }: TableListing,
  output: Output,
): Iterable<Bytes> | AsyncIterable<Bytes> {
  const how = { metadata: options.all === true, streams: options.streams === true, escape: escapeText };
  if (options.hash === undefined) {
    if (how.metadata) output.write('/\n');
    return pathLines(table, how);
  }
  const affords = (bytes: number): boolean => {
    if (!budget.has(bytes)) return false;
    budget.take(bytes, '');
    return true;
  };
  return hashLines(table, { ...how, volume: tree.source, affords, hash, signal });
}

/** Hashes the contents of `batch`: plain ones in the order of the disk, the others one by one. */
async function addHashes(table: MftTable, batch: readonly LsEntry[], listing: TableListing): Promise<void> {
  const { tree, signal, budget } = listing;
  const records = new Set<number>();
  const { contents } = table.columns;
  for (const { record, stream, deleted, size, path } of batch) {
    const isPlain = record !== null && stream === '' && !deleted && contents?.has(record) === true;
    if (!isPlain || records.has(record) || !budget.has(size)) continue;
    budget.take(size, path);
    records.add(record);
  }
  const plain = await plainHashes(table, tree.source, records, { signal });
  for (const entry of batch) {
    const { record, stream, type, deleted } = entry;
    if (record === null) continue;
    const known = stream === '' ? plain.get(record) : undefined;
    const hasNone = deleted || (stream === '' && (type === 'directory' || type === 'other'));
    entry.sha256 = hasNone ? null : (known ?? (await listing.hash(record, stream)));
  }
}

function* entriesOf(table: MftTable, row: number, options: LsOptions): Generator<LsEntry, void, undefined> {
  const number = table.columns.nameRecord[row];
  const record = table.record(number);
  const path = table.path(row);
  // The root is listed with NTFS's own files only.
  if (record === undefined || (path === '/' && options.all !== true)) return;
  const time = (value: bigint | undefined): string | null =>
    value === undefined ? null : (formatFileTime(value) ?? null);
  const entry: LsEntry = {
    record: number,
    sequence: record.sequence,
    path,
    stream: '',
    type: record.type,
    size: record.size,
    modified: time(record.times?.modified),
    created: time(record.times?.created),
    changed: time(record.times?.changed),
    accessed: time(record.times?.accessed),
    deleted: !record.inUse,
  };
  yield entry;
  for (const stream of record.streams) yield { ...entry, stream: stream.name, size: stream.size };
}
