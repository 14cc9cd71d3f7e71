import { type ReadOptions, unlessDamaged } from '@deadbox/core';
import { AttributeType, type NtfsVolume, type PendingLog, pendingInRange, pendingLogTargets } from '@deadbox/ntfs';
import type { ProvisionalReason } from '../report/words.js';
import type { GatheredFiles } from './files/gather-files.js';

const LOG_FILE_RECORD = 2;

/** Reads what a replay of `$LogFile` would still write; `undefined` when the log cannot be examined at all. */
export async function readPendingLog(tree: NtfsVolume, options: ReadOptions): Promise<PendingLog | undefined> {
  const read = async (): Promise<PendingLog> => {
    const log = await (await tree.file(LOG_FILE_RECORD, options)).stream('', { ...options, raw: true });
    return pendingLogTargets(log, tree.geometry, options);
  };
  return unlessDamaged(read, undefined, options);
}

/**
 * `log-pending` unless it is proven that no pending change touches the folders that were listed, their index blocks, or
 * the records of the judged files (docs/verdicts.md, "Proof").
 */
export async function logDoubts(
  tree: NtfsVolume,
  pending: PendingLog | undefined,
  gathered: readonly GatheredFiles[],
  options: ReadOptions,
): Promise<ProvisionalReason[]> {
  if (pending?.outcome === 'none') return [];
  if (pending?.outcome !== 'complete') return ['log-pending'];
  if (pending.targets.length === 0) return [];
  const doubted = await unlessDamaged(() => touches(tree, pending, gathered, options), true, options);
  return doubted ? ['log-pending'] : [];
}

/** Whether a pending change is newer than a folder, an index block or a record that was looked at. */
async function touches(
  tree: NtfsVolume,
  pending: PendingLog,
  gathered: readonly GatheredFiles[],
  options: ReadOptions,
): Promise<boolean> {
  const records = new Set<number>();
  for (const { folders, judged } of gathered) {
    for (const folder of folders) {
      records.add(folder.record);
      if (await touchesIndex(tree, pending, folder, options)) return true;
    }
    for (const { record } of judged) if (record !== null) records.add(record);
  }
  for (const record of records) {
    const { lsn } = await tree.records.read(record, { ...options, tolerant: true });
    for (const place of await tree.records.locate(record, options)) {
      if (pendingInRange(pending, place.offset, place.length, lsn).length > 0) return true;
    }
  }
  return false;
}

/** Whether a pending change hits an index block of the folder and is newer than the block. */
async function touchesIndex(
  tree: NtfsVolume,
  pending: PendingLog,
  folder: GatheredFiles['folders'][number],
  options: ReadOptions,
): Promise<boolean> {
  const runs = await folder.dataRuns('$I30', { ...options, type: AttributeType.indexAllocation });
  for (const run of runs) {
    if (run.offset === undefined) continue;
    for (const target of pendingInRange(pending, run.offset, run.bytes)) {
      for (const range of target.ranges) {
        if (range.offset < run.offset || range.offset >= run.offset + run.bytes) continue;
        // Bytes 8…15 of an INDX block: the LSN of the last change that reached it.
        const head = await tree.source.read(range.offset, 16, options);
        const lsn = new DataView(head.buffer, head.byteOffset, head.length).getBigUint64(8, true);
        if (pendingInRange(pending, range.offset, range.length, lsn).length > 0) return true;
      }
    }
  }
  return false;
}
