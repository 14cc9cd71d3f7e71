import {
  type ByteSource,
  type Bytes,
  checkRange,
  type FileTime,
  type IssueLog,
  OverlaySource,
  type ReadOptions,
  readInto,
  SECTOR,
} from '@deadbox/core';
import { BASE_BLOCK_BYTES, type BaseBlock, baseBlockChecksum, parseBaseBlock } from '../base-block.js';
import { type HiveLog, noteLog } from './hive-log.js';
import type { LogEntry } from './log-entry.js';

/** What became of a dirty hive's logs. */
export interface ReplayResult {
  /** The hive as Windows would have recovered it. */
  readonly source: OverlaySource;
  readonly baseBlock: BaseBlock;
  /** Log entries (new format) or dirty page runs (old format) that were laid over the hive. */
  readonly applied: number;
  /** Bytes of the hive that come from the logs. */
  readonly patchedBytes: number;
  /** New format: no entry was missing between the first and the last valid one. */
  readonly contiguous: boolean;
}

/**
 * Lays the logs over a dirty hive, as Windows does when it loads it (msuhanov/regf, "Dirty state of a hive", "Multiple
 * transaction log files").
 * @param primary - the hive file
 * @param baseBlock - its base block; `undefined` when its signature or checksum is wrong
 * @param firstBinTime - time stamp of the first hive bin: old-format logs are matched by it when the base block is bad
 * @returns `undefined` when no log can be applied
 */
export async function replayLogs(
  primary: ByteSource,
  baseBlock: BaseBlock | undefined,
  firstBinTime: FileTime | undefined,
  logs: readonly HiveLog[],
  issues: IssueLog,
  options?: ReadOptions,
): Promise<ReplayResult | undefined> {
  const fresh = logs.filter((log) => log.format === 'new');
  const replayed = await replayNew(primary, baseBlock, fresh, issues, options);
  if (replayed !== undefined) return replayed;
  const matching = latestOldLog(logs, baseBlock?.lastWritten ?? firstBinTime ?? 0n);
  if (matching !== undefined) return replayOld(primary, baseBlock, matching, options);
  for (const log of logs) {
    if (log.format === 'old') noteLog(issues, 'hive.log-not-applicable', log, 0x0c, { reason: 'time-or-sequence' });
  }
  return undefined;
}

interface Step {
  readonly log: HiveLog;
  readonly entry: LogEntry;
}

async function replayNew(
  primary: ByteSource,
  baseBlock: BaseBlock | undefined,
  logs: readonly HiveLog[],
  issues: IssueLog,
  options?: ReadOptions,
): Promise<ReplayResult | undefined> {
  const used = baseBlock === undefined ? latest(logs) : logs;
  const steps = orderedSteps(used, baseBlock?.secondarySequence ?? 0);
  const first = steps[0];
  if (first === undefined) return undefined;
  // The numbers may jump before the first entry: Windows counts on in memory between two writes of the primary file.
  let count = 1;
  while (count < steps.length && steps[count].entry.sequence === steps[count - 1].entry.sequence + 1) count += 1;
  const contiguous = count === steps.length;
  if (!contiguous) {
    const gap = steps[count];
    const data = { after: steps[count - 1].entry.sequence, found: gap.entry.sequence };
    noteLog(issues, 'hive.log-gap', gap.log, gap.entry.offset, data);
  }
  // The newest state stands behind what was read.
  const isWhole = contiguous && used.every(({ isCut }) => isCut !== true);
  const taken = steps.slice(0, count);
  const last = taken.at(-1) as Step;
  let binsSize = baseBlock?.binsSize ?? 0;
  for (const step of taken) binsSize = Math.max(binsSize, step.entry.binsSize);
  const pages = new LoggedSectors(BASE_BLOCK_BYTES + binsSize);
  for (const step of taken) for (const page of step.entry.pages) pages.add(BASE_BLOCK_BYTES + page.offset, page.bytes);
  const patchedBytes = pages.bytes;
  const head = await headOf(primary, baseBlock === undefined ? first.log.baseBlockBytes : undefined, options);
  const repaired = repairBaseBlock(head, {
    sequence: last.entry.sequence,
    binsSize: last.entry.binsSize,
    flag: last.entry.flags & 1,
  });
  pages.add(0, head);
  const source = pages.over(primary);
  return { source, baseBlock: repaired, applied: taken.length, patchedBytes, contiguous: isWhole };
}

/** The sectors of a hive that its logs replace; log pages begin and end on sectors. */
class LoggedSectors {
  readonly #size: number;
  readonly #sectors = new Map<number, Bytes>();

  /** @param size - bytes of the hive after the replay */
  constructor(size: number) {
    this.#size = size;
  }

  /** How many bytes are replaced. */
  get bytes(): number {
    return this.#sectors.size * SECTOR;
  }

  /** Puts `bytes` at `offset`, both multiples of 512. What comes later wins. */
  add(offset: number, bytes: Bytes): void {
    checkRange('replayed hive', this.#size, offset, bytes.length);
    for (let at = 0; at < bytes.length; at += SECTOR)
      this.#sectors.set((offset + at) / SECTOR, bytes.subarray(at, at + SECTOR));
  }

  over(primary: ByteSource): OverlaySource {
    return new OverlaySource(primary, this.#sectors, SECTOR, this.#size, 'replayed hive');
  }
}

/** With a bad base block Windows trusts only the log with the latest entries. */
function latest(logs: readonly HiveLog[]): readonly HiveLog[] {
  let best: HiveLog | undefined;
  for (const log of logs) {
    if (log.entries.length === 0) continue;
    if (best === undefined || (log.entries.at(-1) as LogEntry).sequence > (best.entries.at(-1) as LogEntry).sequence)
      best = log;
  }
  return best === undefined ? [] : [best];
}

/** Entries that the primary file does not hold yet, by sequence number; of two with one number the first log's. */
function orderedSteps(logs: readonly HiveLog[], from: number): Step[] {
  const steps = new Map<number, Step>();
  for (const log of logs) {
    for (const entry of log.entries)
      if (entry.sequence >= from && !steps.has(entry.sequence)) steps.set(entry.sequence, { log, entry });
  }
  return [...steps.values()].sort((left, right) => left.entry.sequence - right.entry.sequence);
}

/**
 * The old-format log to apply: complete, not older than the hive, the first one unless the second is more recent (what
 * Windows 8 does; Windows 7 before 2016 took the first one).
 */
function latestOldLog(logs: readonly HiveLog[], hiveTime: FileTime): HiveLog | undefined {
  let best: HiveLog | undefined;
  for (const log of logs) {
    const copy = log.format === 'old' ? log.baseBlock : undefined;
    if (copy === undefined || copy.primarySequence !== copy.secondarySequence || copy.lastWritten < hiveTime) continue;
    if (best === undefined || copy.lastWritten > (best.baseBlock as BaseBlock).lastWritten) best = log;
  }
  return best;
}

async function replayOld(
  primary: ByteSource,
  baseBlock: BaseBlock | undefined,
  log: HiveLog,
  options?: ReadOptions,
): Promise<ReplayResult> {
  const copy = log.baseBlock as BaseBlock;
  const pages = new LoggedSectors(BASE_BLOCK_BYTES + copy.binsSize);
  for (const run of log.runs) {
    const bytes = new Uint8Array(run.length);
    await readInto(log.source, run.logOffset, bytes, options);
    pages.add(BASE_BLOCK_BYTES + run.offset, bytes);
  }
  const patchedBytes = pages.bytes;
  const head = await headOf(primary, baseBlock === undefined ? log.baseBlockBytes : undefined, options);
  const repaired = repairBaseBlock(head, { sequence: copy.primarySequence, binsSize: copy.binsSize });
  pages.add(0, head);
  const source = pages.over(primary);
  return { source, baseBlock: repaired, applied: log.runs.length, patchedBytes, contiguous: true };
}

/** An own copy of the base block, its checked part from a log when the hive's is bad. */
async function headOf(primary: ByteSource, replacement: Bytes | undefined, options?: ReadOptions): Promise<Bytes> {
  const head = new Uint8Array(BASE_BLOCK_BYTES);
  head.set(await primary.read(0, Math.min(primary.size, BASE_BLOCK_BYTES), options));
  if (replacement !== undefined) head.set(replacement.subarray(0, 512));
  return head;
}

/** Makes `head` the base block of a clean hive, in place. */
function repairBaseBlock(head: Bytes, to: { sequence: number; binsSize: number; flag?: number }): BaseBlock {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  view.setUint32(0x04, to.sequence, true);
  view.setUint32(0x08, to.sequence, true);
  view.setUint32(0x1c, 0, true);
  view.setUint32(0x28, to.binsSize, true);
  if (to.flag !== undefined) view.setUint32(0x90, (view.getUint32(0x90, true) & ~1) | to.flag, true);
  view.setUint32(0x1fc, baseBlockChecksum(head), true);
  return parseBaseBlock(head) as BaseBlock;
}
