import { defined, type IssueLog, type ReadOptions, unlessDamaged } from '@deadbox/core';
import { addIssue } from '../errors.js';
import { RecordState } from '../table/mft-columns.js';
import type { MftTable } from '../table/mft-table.js';
import type { NtfsVolume, VolumeState } from '../volume/volume.js';
import { readMftBitmap, scanVolume } from '../volume/volume-mft.js';
import { type BootCheck, checkBoot, checkMirror, type MirrorCheck } from './check-copies.js';
import { checkIndexes, type IndexCheck } from './check-indexes.js';

/** Record numbers that are kept of a mismatch. */
const KEPT = 100;

/** Options of {@link checkVolume}. */
export interface CheckOptions {
  /** Ends the check. */
  readonly signal?: AbortSignal;
  /** Told as directories are walked: records done, records in all. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** File records and `$MFT:$BITMAP`. */
export interface RecordCheck {
  /** Records in `$MFT`. */
  readonly records: number;
  /** Records in use. */
  readonly inUse: number;
  /** Torn, without signature, or with an impossible header; the issues name each. */
  readonly bad: number;
  /** Records in use whose bit says free. */
  readonly usedButFree: { readonly count: number; readonly first: readonly number[] };
  /** Free records whose bit says in use. */
  readonly freeButUsed: { readonly count: number; readonly first: readonly number[] };
}

/** The health of a volume, as data. */
export interface VolumeCheck {
  /** Nothing is wrong with the structures themselves; the state (dirty, log, hibernation) is told apart. */
  readonly sound: boolean;
  /** The two boot sectors. */
  readonly boot: BootCheck;
  /** The mirror of the first records. */
  readonly mirror: MirrorCheck;
  readonly records: RecordCheck;
  readonly indexes: IndexCheck;
  /** Dirty flag, log and hibernation. */
  state: VolumeState;
  /** Everything met on the way, with byte positions. */
  readonly issues: IssueLog;
}

/**
 * Checks a volume without changing it: boot sector against its backup, `$MFT` against its mirror, every file record,
 * `$MFT:$BITMAP` against the records, every directory index against the records and the records against the indexes,
 * and reads its state. Takes as long as reading all metadata.
 */
export async function checkVolume(volume: NtfsVolume, options: CheckOptions = {}): Promise<VolumeCheck> {
  const { context } = volume;
  const read = defined({ signal: options.signal });
  const boot = await checkBoot(context, volume.bootSectorFrom === 'primary' ? 'ok' : 'damaged', read);
  const mirror = await checkMirror(context, read);
  const table = await scanVolume(context, { ...read, deleted: true, times: false, streams: false });
  const records = await checkRecords(volume, table, read);
  const indexes = await checkIndexes(context, table, await volume.upCase(read), {
    ...read,
    ...defined({ onProgress: options.onProgress }),
  });
  const state = await volume.state(read);
  const sound =
    boot.primary === 'ok' &&
    boot.backup === 'equal' &&
    mirror.unreadable === undefined &&
    mirror.differing.length === 0 &&
    !volume.records.fromMirror &&
    records.bad + records.usedButFree.count + records.freeButUsed.count === 0 &&
    indexes.damaged + indexes.entriesWithoutRecord.count === 0 &&
    indexes.recordsWithoutEntry.count + indexes.outOfOrder.count === 0 &&
    !volume.issues.hasErrors;
  return { sound, boot, mirror, records, indexes, state, issues: volume.issues };
}

async function checkRecords(volume: NtfsVolume, table: MftTable, options: ReadOptions): Promise<RecordCheck> {
  const { columns } = table;
  const bitmap = await unlessDamaged(() => readMftBitmap(volume.context, columns.records, options), undefined, options);
  let inUse = 0;
  const usedButFree = { count: 0, first: [] as number[] };
  const freeButUsed = { count: 0, first: [] as number[] };
  for (let record = 0; record < columns.records; record += 1) {
    const state = columns.flags[record];
    const used = (state & RecordState.inUse) !== 0;
    if (used) inUse += 1;
    if (bitmap === undefined || record >> 3 >= bitmap.length || (state & RecordState.bad) !== 0) continue;
    const marked = (bitmap[record >> 3] & (1 << (record & 7))) !== 0;
    if (used === marked) continue;
    const list = used ? usedButFree : freeButUsed;
    list.count += 1;
    if (list.first.length < KEPT) list.first.push(record);
  }
  for (const [list, found] of [
    [usedButFree, 'in use, marked free'],
    [freeButUsed, 'free, marked in use'],
  ] as const) {
    if (list.count === 0) continue;
    const at = { layer: '$MFT', offset: list.first[0] * volume.geometry.recordSize, record: list.first[0] };
    addIssue(volume.issues, 'ntfs.mft-bitmap', at, { found, count: list.count }, 'warning');
  }
  return { records: columns.records, inUse, bad: table.badRecords, usedButFree, freeButUsed };
}
