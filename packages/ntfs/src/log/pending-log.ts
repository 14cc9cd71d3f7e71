import { changesFileRecord, LogOperation } from './log-file-operation.js';
import type { LogUpdate } from './log-file-record.js';
import type { OpenLogAttribute } from './log-file-tables.js';

/** Successive bytes of the volume. */
export interface VolumeRange {
  /** Byte offset on the volume. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
}

/** One logged change that a replay can still apply. */
export interface PendingLogTarget {
  /** Log sequence number of the change. */
  readonly lsn: bigint;
  /** The transaction that it belongs to. */
  readonly transaction: number;
  /** Operation codes and their names. */
  readonly redo: number;
  /** Operation code of undo. */
  readonly undo: number;
  /** Name of the redo operation. */
  readonly redoName: string;
  /** Name of the undo operation. */
  readonly undoName: string;
  /** The file record that is changed, when the target is in `$MFT`. */
  readonly record?: number;
  /** The attribute whose clusters are changed, when the log still tells. */
  readonly attribute?: OpenLogAttribute;
  /** First cluster of the target in its attribute. */
  readonly vcn: number;
  /** Clusters on the volume, from `vcn` on. */
  readonly lcns: readonly number[];
  /**
   * The whole file record or index block, or for other data the bytes written. Empty when the record names no clusters.
   */
  readonly ranges: readonly VolumeRange[];
  /** Where the change is in its block, bytes; meaningful for file records and index blocks. */
  readonly offsetInBlock: number;
  /** Bytes that redo and undo write. */
  readonly redoLength: number;
  /** Bytes that undo writes. */
  readonly undoLength: number;
  /**
   * Whether redo can reach the volume. `false` only when the checkpoint's dirty page table proves that the change is
   * there already.
   */
  readonly redone: boolean;
  /** Whether the transaction was not committed: its changes are undone after all redo, without any LSN test. */
  readonly undone: boolean;
}

/** Why not everything could be examined. */
export type LogReplayGap =
  | 'unreadable'
  | 'start-missing'
  | 'checkpoint-missing'
  | 'tables-missing'
  | 'end-missing'
  | 'damaged-pages'
  | 'damaged-record';

/** Which blocks a replay of `$LogFile` would still touch. */
export interface PendingLog {
  /**
   * `none`: the log is clean, nothing is replayed. `complete`: `targets` holds every change. `incomplete`: `targets`
   * holds what was found, there can be more. `not-examined`: nothing is known, assume that any block is touched.
   */
  outcome: 'none' | 'complete' | 'incomplete' | 'not-examined';
  /** Why there can be more. */
  readonly gaps: readonly LogReplayGap[];
  /** Of the log, e.g. `2.0`. */
  readonly version?: string;
  /** Where redo begins. */
  readonly redoLsn?: bigint;
  /** The last record that was looked at. */
  readonly lastLsn?: bigint;
  /** Log records looked at. */
  readonly records: number;
  /** In order of LSN. A change of a block whose own LSN is not below `lsn` is on the volume already. */
  readonly targets: readonly PendingLogTarget[];
  /** Why the log could not be read at all. */
  readonly reason?: string;
}

/** What is needed of the volume. */
export interface ReplayGeometry {
  /** Bytes per cluster. */
  readonly clusterSize: number;
  /** Bytes per file record. */
  readonly recordSize: number;
}

/**
 * The targets that a replay would write into `[offset, offset + length)` of the volume.
 * @param blockLsn - of blocks that carry an LSN: only changes above it count, and all that are undone
 */
export function pendingInRange(pending: PendingLog, offset: number, length: number, blockLsn = 0n): PendingLogTarget[] {
  return pending.targets.filter(
    (target) =>
      ((target.redone && (target.lsn > blockLsn || target.redo === LogOperation.updateNonResidentValue)) ||
        target.undone) &&
      target.ranges.some((range) => range.offset < offset + length && offset < range.offset + range.length),
  );
}

/** Whether an update changes a file record of `$MFT`. */
export function changesMft(update: LogUpdate): boolean {
  return changesFileRecord(update.redo) || changesFileRecord(update.undo);
}

/** The bytes of the volume that an update changes. */
export function changedRanges(update: LogUpdate, geometry: ReplayGeometry): VolumeRange[] {
  const { clusterSize } = geometry;
  const { from, length } = changedBytes(update, geometry);
  const ranges: { offset: number; length: number }[] = [];
  for (let done = 0; done < length; ) {
    const lcn = update.lcns[Math.floor((from + done) / clusterSize)];
    if (lcn === undefined) break;
    const inCluster = (from + done) % clusterSize;
    const part = Math.min(length - done, clusterSize - inCluster);
    const offset = lcn * clusterSize + inCluster;
    const last = ranges.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length += part;
    else ranges.push({ offset, length: part });
    done += part;
  }
  return ranges;
}

/** The bytes that an update changes, counted in the clusters that it names. */
function changedBytes(update: LogUpdate, geometry: ReplayGeometry): { from: number; length: number } {
  const { blockOffset, blockSize } = update;
  if (blockSize !== 0) return { from: blockOffset, length: blockSize };
  if (changesMft(update)) return { from: blockOffset, length: geometry.recordSize };
  // Bit numbers stand in the redo data, counted over the logged page: the whole page is taken.
  if (changesBitmap(update.redo) || changesBitmap(update.undo))
    return { from: 0, length: update.lcns.length * geometry.clusterSize };
  const from = blockOffset + update.recordOffset + update.attributeOffset;
  return { from, length: Math.max(update.redoLength, update.undoLength) };
}

function changesBitmap(code: number): boolean {
  return code === LogOperation.setBits || code === LogOperation.clearBits;
}
