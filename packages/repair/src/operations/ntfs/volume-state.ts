import { type ReadOptions, survive } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { type NtfsVolume, type PendingLog, pendingInRange, pendingLogTargets } from '@deadbox/ntfs';
import { RefusedRepair } from '../../plan/repair-plan.js';

const LOG_FILE_RECORD = 2;

/** A volume that may be written: NTFS, open, not hibernated, with what its log would still replay. */
export interface RepairableVolume {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
  readonly pending: PendingLog;
}

/** @throws RefusedRepair `locked`, `not-ntfs`, `hibernated`, `log-pending` when the log cannot be examined */
export async function openRepairable(disk: Disk, number: number, options: ReadOptions): Promise<RepairableVolume> {
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  if (volume === undefined) throw new RefusedRepair('not-ntfs', { found: 'no such volume' });
  if (volume.locked) throw new RefusedRepair('locked', { product: volume.encryption.product ?? null });
  if (volume.fileSystem !== 'ntfs') throw new RefusedRepair('not-ntfs', { found: volume.fileSystem });
  const tree = await volume.ntfs(options);
  if (tree === undefined) throw new RefusedRepair('not-ntfs', { found: volume.fileSystem });
  return { volume, tree, pending: await checkUnused(tree, options) };
}

/**
 * What the log of a volume would still replay, where nobody means to go on with the volume as it was.
 * @throws RefusedRepair `hibernated`, `log-pending` when the log cannot be examined
 */
export async function checkUnused(tree: NtfsVolume, options: ReadOptions): Promise<PendingLog> {
  const hibernation = await tree.hibernation(options);
  if (hibernation !== 'none') throw new RefusedRepair('hibernated', { state: hibernation });
  const log = await (await tree.file(LOG_FILE_RECORD, options)).stream('', { ...options, raw: true });
  const pending = await pendingLogTargets(log, tree.geometry, options);
  if (pending.outcome !== 'none' && pending.outcome !== 'complete')
    throw new RefusedRepair('log-pending', { gaps: [...pending.gaps], outcome: pending.outcome });
  return pending;
}

/**
 * Refuses a block that a replay of the log would still write: Windows would overwrite the edit, or undo one half of it.
 * @param lsn - the block's own log sequence number
 */
export function checkPending(pending: PendingLog, what: string, offset: number, length: number, lsn: bigint): void {
  const [first] = pendingInRange(pending, offset, length, lsn);
  if (first !== undefined)
    throw new RefusedRepair('log-pending', { what, offset, operation: first.redoName, lsn: String(first.lsn) });
}

/**
 * The volume on which Windows is hibernated, and how: it goes on with every volume that it has mounted, not only with
 * its own. What cannot be read, or is locked, is not asked.
 */
export async function findHibernated(
  disk: Disk,
  options: ReadOptions,
): Promise<{ readonly volume: number; readonly state: string } | undefined> {
  for (const volume of disk.volumes) {
    if (volume.locked || volume.fileSystem !== 'ntfs') continue;
    const state = await survive(
      async () => (await volume.ntfs(options))?.hibernation(options),
      () => undefined,
      options,
    );
    if (state !== undefined && state !== 'none') return { volume: volume.number, state };
  }
  return undefined;
}
