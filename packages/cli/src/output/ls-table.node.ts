import { formatFileTime } from '@deadbox/core';
import { type MftTable, type NtfsVolume, pathLines } from '@deadbox/ntfs';
import { escapeText, type LsEntry } from '@deadbox/report/internals';
import type { LsOptions } from './ls-writer.node.js';
import type { ItemWriter, Output } from './output.node.js';

/** Lists the whole volume from `$MFT` in one pass; only text paths are written without making an object for each. */
export async function listTable(
  tree: NtfsVolume,
  options: LsOptions,
  reading: { signal: AbortSignal },
  output: Output,
  writer: ItemWriter<LsEntry>,
): Promise<void> {
  const plain = options.long !== true && options.json !== true && options.ndjson !== true && options.deleted !== true;
  const table = await tree.mft({
    ...reading,
    times: !plain,
    shortNames: false,
    streams: options.streams === true,
    deleted: options.deleted === true,
  });
  if (plain) {
    if (options.all === true) output.write('/\n');
    const lines = pathLines(table, {
      metadata: options.all === true,
      streams: options.streams === true,
      escape: escapeText,
    });
    await output.writeChunks(lines, reading.signal);
    return;
  }
  for (const row of table.rows({
    metadata: options.all === true,
    ...(options.deleted === true ? { deleted: 'include' as const } : {}),
  })) {
    for (const entry of entriesOf(table, row, options)) writer.add(entry);
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
