import { type Evidence, type Json, type ReadOptions, unlessDamaged } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { type NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import type { Obstacle, ObstacleId } from '../report/report-types.js';
import { obstacle } from './obstacle.js';
import { contentEvidence, recordEvidence, startEvidence, volumeEvidence } from './obstacle-evidence.js';

/** Volume managers of other systems. */
const FOREIGN: ReadonlySet<string> = new Set(['lvm2', 'mdraid', 'zfs', 'vmfs', 'vmfs-member']);

/** File systems of optical discs, and where their descriptors begin (ECMA-119, 6.2.1; ECMA-167, 2/8.2). */
const OPTICAL: ReadonlySet<string> = new Set(['iso9660', 'udf']);
const OPTICAL_DESCRIPTORS = 0x8000;

/**
 * States of `hiberfil.sys` with which Linux drivers refuse a volume; they take content that they do not know for
 * hibernated, too.
 */
const HIBERNATED: ReadonlySet<string> = new Set(['hibernated', 'restoring', 'unknown']);
/** Record numbers of `$LogFile` and `$Volume`, the same on every volume. */
const LOG_FILE = 2;
const VOLUME_FILE = 3;

/** Obstacles that one volume tells of. */
export async function volumeObstacles(disk: Disk, volume: Volume, options: ReadOptions): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  const { encryption, number } = volume;
  const evidence = [...encryption.evidence];
  const atStart = async (id: ObstacleId, data: Record<string, Json> = {}): Promise<void> => {
    found.push(obstacle(id, number, { evidence: await startEvidence(volume, options), data }));
  };
  if (encryption.keyProtectors.some((protector) => protector.type === 'clear-key'))
    found.push(obstacle('bitlocker-clear-key', number, { evidence }));
  if (encryption.product === 'BitLocker' && encryption.state === 'decrypted')
    found.push(obstacle('bitlocker-leftover', number, { evidence }));
  const { fileSystem } = volume;
  if (fileSystem === 'refs') await atStart('refs');
  if (FOREIGN.has(fileSystem)) await atStart('foreign-volume-manager', { fileSystem });
  // A partition of a disk may be formatted so; an image that is one from its first byte on is that of a disc.
  if (volume.offset === 0 && OPTICAL.has(fileSystem)) found.push(await opticalDisc(volume, options));
  if (fileSystem === 'storage-spaces' && disk.table.volumeManager?.kind !== fileSystem) await atStart(fileSystem);
  const tree = await openNtfs(volume, options);
  if (tree === undefined) return found;
  if (tree.bootSectorFrom === 'backup') await atStart('damaged-table-or-boot-sector', { used: 'backup boot sector' });
  found.push(...(await stateObstacles(volume, tree, options)));
  return found;
}

async function opticalDisc(volume: Volume, options: ReadOptions): Promise<Obstacle> {
  const what = 'start of Volume Recognition Sequence';
  const read = (): Promise<Evidence[]> => volumeEvidence(volume, what, OPTICAL_DESCRIPTORS, 8, options);
  const evidence = await unlessDamaged(read, [], options);
  return obstacle('optical-disc', null, { evidence, data: { fileSystem: volume.fileSystem } });
}

/** What keeps Linux drivers from mounting the volume: a journal that was not replayed, a hibernated Windows. */
async function stateObstacles(volume: Volume, tree: NtfsVolume, options: ReadOptions): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  const { recordSize } = tree.geometry;
  const state = await tree.state(options);
  if (state.log === 'dirty' || state.dirty === true) {
    const log = (): Promise<NtfsFile> => tree.file(LOG_FILE, options);
    const evidence =
      state.log === 'dirty'
        ? await contentEvidence(volume, log, 'restart page of $LogFile', recordSize, options)
        : await recordEvidence(volume, () => tree.file(VOLUME_FILE, options), recordSize, options);
    const data = { log: state.log, dirty: state.dirty ?? false, version: state.logVersion ?? null };
    found.push(obstacle('dirty-log', volume.number, { evidence, data }));
  }
  if (HIBERNATED.has(state.hibernation)) {
    const open = (): Promise<NtfsFile | undefined> => tree.lookup('/hiberfil.sys', options);
    const evidence = await contentEvidence(volume, open, 'start of hiberfil.sys', recordSize, options);
    found.push(obstacle('hibernated', volume.number, { evidence, data: { state: state.hibernation } }));
  }
  return found;
}

/** The NTFS of a volume, where the scan already found that it opens. */
async function openNtfs(volume: Volume, options: ReadOptions): Promise<NtfsVolume | undefined> {
  const { fileSystem, role, locked } = volume;
  if (locked || (fileSystem !== 'ntfs' && fileSystem !== 'unknown') || role === 'microsoft-reserved') return undefined;
  const tree = await unlessDamaged(() => volume.fileTree(options), undefined, options);
  return tree instanceof NtfsVolume ? tree : undefined;
}
