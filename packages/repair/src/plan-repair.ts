import { isDamage, isDeadboxError, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { RepairRequest } from '@deadbox/triage';
import { setActivePartition } from './operations/disk/active-partition.js';
import { restoreBootSignature } from './operations/disk/boot-signature.js';
import { restoreDiskIdentity } from './operations/disk/disk-identity.js';
import { restoreGpt } from './operations/disk/gpt-copies.js';
import { setHiddenSectors } from './operations/disk/hidden-sectors.js';
import { setPartitionEntry } from './operations/disk/partition-entry.js';
import { removeBootElement } from './operations/hive/boot-element.js';
import { disableDriver } from './operations/hive/disable-driver.js';
import type { HiveReadOptions } from './operations/hive/hive-place.js';
import { setBootElement } from './operations/hive/set-boot-element.js';
import { setRegistryValue } from './operations/hive/set-registry-value.js';
import { restoreAttributeList } from './operations/ntfs/attribute-list.js';
import { blankContent } from './operations/ntfs/blank-content.js';
import { restoreMftRecords } from './operations/ntfs/mft-records.js';
import { neutraliseFile } from './operations/ntfs/neutralise-file.js';
import { restoreBootSector, restoreMftMirror } from './operations/ntfs/ntfs-copies.js';
import { findHibernated } from './operations/ntfs/volume-state.js';
import {
  type OperationId,
  type Refusal,
  RefusedRepair,
  type RepairOperation,
  type RepairPlan,
} from './plan/repair-plan.js';
import { TouchedBytes } from './plan/touched-bytes.js';
import { fileOf, headerWrites } from './storage/container-headers.js';
import { type StoredPlace, StoredPlaces } from './storage/stored-places.js';
import { diskWrites, storedWrites } from './storage/stored-write.js';

/** What is known about the image from outside: it must not change while one of these holds. */
export type ImageHazard = 'snapshot-beside' | 'saved-vm-state' | 'in-use';

/** Options of {@link planRepair}. */
export interface PlanOptions extends ReadOptions {
  /** What was found beside the image; each refuses every change. */
  readonly hazards?: readonly ImageHazard[];
  /**
   * The change goes into an overlay: it does not matter how the image stores its sectors, nor whether it may be
   * written.
   */
  readonly overlay?: boolean;
}

/** What a key opens is no damage: nothing of such a volume can be planned. */
const LOCKED: ReadonlySet<string> = new Set(['VOLUME_LOCKED', 'IMAGE_ENCRYPTED']);

/**
 * Works out which bytes would change; nothing is written. What cannot be proven safe is refused with its reason, the
 * rest stays.
 * @throws DeadboxError whatever reading the disk throws, damage aside: that refuses the change it concerns
 */
export async function planRepair(
  disk: Disk,
  requests: readonly RepairRequest[],
  options: PlanOptions = {},
): Promise<RepairPlan> {
  const operations: RepairOperation[] = [];
  const refusals: Refusal[] = [];
  const reading: HiveReadOptions = { ...options, hives: new Map() };
  const [bytes, places] = [new TouchedBytes(), new StoredPlaces()];
  let asleep: ReturnType<typeof findHibernated> | undefined;
  for (const request of requests) {
    try {
      for (const hazard of options.hazards ?? []) throw new RefusedRepair(hazard);
      checkAlone(disk, request);
      const operation = await planOne(disk, request, reading);
      if (!REMEMBERED.has(operation.id)) {
        asleep ??= findHibernated(disk, options);
        checkAwake(operation, await asleep);
      }
      const stored = await placesOf(disk, operation, options);
      if (bytes.conflicts(operation) || places.conflicts(stored)) throw new RefusedRepair('same-bytes');
      bytes.add(operation);
      places.add(stored);
      operations.push(operation);
    } catch (caught) {
      const error = refusalOf(caught, options);
      const volume = 'volume' in request ? request.volume : null;
      const path = 'path' in request ? { path: request.path } : 'name' in request ? { name: request.name } : {};
      refusals.push({ id: error.id, operation: request.operation, volume, data: { ...path, ...error.data } });
    }
  }
  return { operations, refusals };
}

/** Damage where one change would go refuses that change; of the others it says nothing. */
function refusalOf(error: unknown, { signal }: ReadOptions): RefusedRepair {
  if (error instanceof RefusedRepair) return error;
  if (!isDamage(error, signal) || LOCKED.has(error.code)) throw error;
  return new RefusedRepair('unreadable', { code: error.code, reason: error.message });
}

/** What is kept twice, or with a parity, on several disks must change on all of them. */
function checkAlone(disk: Disk, request: RepairRequest): void {
  const wanted = 'volume' in request ? request.volume : undefined;
  const layout = disk.volumes.find(({ number }) => number === wanted)?.partition?.dynamic?.layout;
  if (layout === 'mirrored' || layout === 'raid5') throw new RefusedRepair('redundant-volume', { layout });
}

/** What puts back what a hibernated Windows remembers of the disk. */
const REMEMBERED: ReadonlySet<OperationId> = new Set(['restore-boot-sector', 'set-hidden-sectors']);

/** Its own volume is asked by each operation, and the tables of the disk are what Windows remembers of them. */
function checkAwake({ volume }: RepairOperation, asleep: Awaited<ReturnType<typeof findHibernated>>): void {
  if (volume !== null && asleep !== undefined && asleep.volume !== volume)
    throw new RefusedRepair('hibernated', { ...asleep });
}

/**
 * Where every sector lies, which must be where it may be written: said when the plan is made, not when it is written.
 */
async function placesOf(disk: Disk, operation: RepairOperation, options: PlanOptions): Promise<StoredPlace[]> {
  const alone = { operations: [operation], refusals: [] };
  try {
    if (options.overlay === true) {
      const writes = await diskWrites(disk, alone, options);
      return writes.map(({ after, ...place }) => ({ ...place, file: 'disk', length: after.length }));
    }
    const writes = await storedWrites(disk, alone, options);
    const [first] = writes;
    if (first !== undefined && disk.image.format === 'vhdx') {
      // What its headers do not allow is said now as well.
      const file = fileOf(first.source, first.file, options);
      await headerWrites(disk, file, file, new Uint8Array(16));
    }
    return writes.map(({ file, offset, after, sector }) => ({ file, offset, length: after.length, sector }));
  } catch (error) {
    if (!isDeadboxError(error, 'REPAIR_NOT_STORED')) throw error;
    throw new RefusedRepair('not-stored', { ...error.data, reason: error.message });
  }
}

function planOne(disk: Disk, request: RepairRequest, options: HiveReadOptions): Promise<RepairOperation> {
  switch (request.operation) {
    case 'neutralise-file':
      return neutraliseFile(disk, request.volume, request.path, options);
    case 'blank-content':
      return blankContent(disk, request.volume, request.path, options);
    case 'restore-disk-identity':
      return restoreDiskIdentity(disk, request, options);
    case 'restore-boot-signature':
      return restoreBootSignature(disk, options);
    case 'restore-gpt':
      return restoreGpt(disk, options);
    case 'restore-boot-sector':
      return restoreBootSector(disk, request.volume, options);
    case 'set-hidden-sectors':
      return setHiddenSectors(disk, request.volume, options);
    case 'restore-mft-records':
      return restoreMftRecords(disk, request.volume, options);
    case 'restore-attribute-list':
      return restoreAttributeList(disk, request.volume, request.record, options);
    case 'restore-mft-mirror':
      return restoreMftMirror(disk, request.volume, options);
    case 'disable-driver':
      return disableDriver(disk, request, options);
    case 'set-registry-value':
      return setRegistryValue(disk, request, options);
    case 'set-boot-element':
      return setBootElement(disk, request, options);
    case 'remove-boot-element':
      return removeBootElement(disk, request, options);
    case 'set-partition-entry':
      return setPartitionEntry(disk, request, options);
    case 'set-active-partition':
      return setActivePartition(disk, request.partition, options);
  }
}
