import type { ReadOptions } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import type { Obstacle } from './report-types.js';

/** What keeps the disk's content from being seen or trusted by other tools, as far as the disk tells. */
export async function findObstacles(disk: Disk, options: ReadOptions = {}): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  if (disk.table.header === 'backup') found.push(obstacle('damaged-table-or-boot-sector', null));
  for (const volume of disk.volumes) found.push(...(await volumeObstacles(volume, options)));
  return found;
}

async function volumeObstacles(volume: Volume, options: ReadOptions): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  const { encryption } = volume;
  if (encryption.keyProtectors.some((protector) => protector.type === 'clear-key')) {
    found.push(obstacle('bitlocker-clear-key', volume.number, encryption.evidence));
  }
  if (encryption.product === 'BitLocker' && encryption.state === 'decrypted') {
    found.push(obstacle('bitlocker-leftover', volume.number, encryption.evidence));
  }
  const tree = volume.fileSystem === 'ntfs' && !volume.locked ? await volume.fileTree(options).catch(() => undefined) : undefined;
  if (!(tree instanceof NtfsVolume)) return found;
  if (tree.bootSectorFrom === 'backup') found.push(obstacle('damaged-table-or-boot-sector', volume.number));
  const state = await tree.state(options);
  if (state.log === 'dirty' || state.dirty) found.push(obstacle('dirty-log', volume.number));
  if (state.hibernation === 'hibernated') found.push(obstacle('hibernated', volume.number));
  return found;
}

function obstacle(id: string, volume: number | null, evidence: Obstacle['evidence'] = []): Obstacle {
  return { id, volume, evidence, effect: id, advice: id, data: {} };
}
