import type { ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { setActivePartition } from '../operations/active-partition.js';
import { blankContent } from '../operations/blank-content.js';
import { restoreDiskIdentity } from '../operations/disk-identity.js';
import { restoreGpt } from '../operations/gpt-copies.js';
import { neutraliseFile } from '../operations/neutralise-file.js';
import { restoreBootSector, restoreMftMirror } from '../operations/ntfs-copies.js';
import {
  type Refusal,
  RefusedRepair,
  type RepairOperation,
  type RepairPlan,
  type RepairRequest,
} from './repair-plan.js';

/**
 * Works out which bytes would change; nothing is written. What cannot be proven safe is refused with its reason, the rest stays.
 * @throws DeadboxError whatever reading the disk throws
 */
export async function planRepair(
  disk: Disk,
  requests: readonly RepairRequest[],
  options: ReadOptions = {},
): Promise<RepairPlan> {
  const operations: RepairOperation[] = [];
  const refusals: Refusal[] = [];
  for (const request of requests) {
    try {
      operations.push(await planOne(disk, request, options));
    } catch (error) {
      if (!(error instanceof RefusedRepair)) throw error;
      const volume = 'volume' in request ? request.volume : null;
      const path = 'path' in request ? { path: request.path } : {};
      refusals.push({ id: error.id, operation: request.operation, volume, data: { ...path, ...error.data } });
    }
  }
  return { operations, refusals };
}

function planOne(disk: Disk, request: RepairRequest, options: ReadOptions): Promise<RepairOperation> {
  switch (request.operation) {
    case 'neutralise-file':
      return neutraliseFile(disk, request.volume, request.path, options);
    case 'blank-content':
      return blankContent(disk, request.volume, request.path, options);
    case 'restore-disk-identity':
      return restoreDiskIdentity(disk, request, options);
    case 'restore-gpt':
      return restoreGpt(disk, options);
    case 'restore-boot-sector':
      return restoreBootSector(disk, request.volume, options);
    case 'restore-mft-mirror':
      return restoreMftMirror(disk, request.volume, options);
    case 'set-active-partition':
      return setActivePartition(disk, request.partition, options);
  }
}
