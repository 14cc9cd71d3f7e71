import { isDeadboxError, readEvidence, type Evidence, type ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { obstacle } from './obstacle.js';
import type { Obstacle } from './report-types.js';

/** Volume managers of other systems. */
const FOREIGN: ReadonlySet<string> = new Set(['lvm2', 'mdraid', 'zfs', 'vmfs', 'vmfs-lvm']);

/** Obstacles that one volume tells of. */
export async function volumeObstacles(volume: Volume, options: ReadOptions): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  const { encryption, number } = volume;
  if (encryption.keyProtectors.some((protector) => protector.type === 'clear-key')) {
    found.push(obstacle('bitlocker-clear-key', number, { evidence: encryption.evidence }));
  }
  if (encryption.product === 'BitLocker' && encryption.state === 'decrypted') {
    found.push(obstacle('bitlocker-leftover', number, { evidence: encryption.evidence }));
  }
  if (volume.fileSystem === 'refs') found.push(obstacle('refs', number, { evidence: await startOf(volume, options) }));
  if (FOREIGN.has(volume.fileSystem)) {
    found.push(
      obstacle('foreign-volume-manager', number, { evidence: await startOf(volume, options), data: { fileSystem: volume.fileSystem } }),
    );
  }
  const tree = await openNtfs(volume, options);
  if (tree === undefined) return found;
  if (tree.bootSectorFrom === 'backup') {
    found.push(
      obstacle('damaged-table-or-boot-sector', number, { evidence: await startOf(volume, options), data: { used: 'backup boot sector' } }),
    );
  }
  const state = await tree.state(options);
  if (state.log === 'dirty' || state.dirty === true) {
    found.push(obstacle('dirty-log', number, { data: { log: state.log, dirty: state.dirty ?? false, version: state.logVersion ?? null } }));
  }
  if (state.hibernation === 'hibernated' || state.hibernation === 'restoring') {
    found.push(obstacle('hibernated', number, { data: { state: state.hibernation } }));
  }
  return found;
}

/** The NTFS of a volume, where the scan already found that it opens. */
async function openNtfs(volume: Volume, options: ReadOptions): Promise<NtfsVolume | undefined> {
  if (volume.locked || (volume.fileSystem !== 'ntfs' && volume.fileSystem !== 'unknown') || volume.role === 'microsoft-reserved')
    return undefined;
  try {
    const tree = await volume.fileTree(options);
    return tree instanceof NtfsVolume ? tree : undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    return undefined;
  }
}

async function startOf(volume: Volume, options: ReadOptions): Promise<Evidence[]> {
  const evidence = await readEvidence(volume.source, 'start of the volume', 0, Math.min(512, volume.length), options);
  return [{ ...evidence, offset: volume.offset }];
}
