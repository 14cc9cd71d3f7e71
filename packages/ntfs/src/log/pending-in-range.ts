import { LogOperation } from './log-file-operation.js';
import type { PendingLog, PendingLogTarget } from './log-file-replay.js';

/** The targets that a replay would write into `[offset, offset + length)` of the volume; of blocks that carry an LSN, only changes above `blockLsn`, and all that are undone. */
export function pendingInRange(pending: PendingLog, offset: number, length: number, blockLsn = 0n): PendingLogTarget[] {
  return pending.targets.filter(
    (target) =>
      ((target.redone && (target.lsn > blockLsn || target.redo === LogOperation.updateNonResidentValue)) ||
        target.undone) &&
      target.ranges.some((range) => range.offset < offset + length && offset < range.offset + range.length),
  );
}
