import type { Disk } from '@deadbox/disk';
import { obstacle, type FoundWindows } from './obstacle.js';
import type { Obstacle } from './report-types.js';

/** Obstacles that the container and the partition table tell of. */
export function diskObstacles(disk: Disk, windows: readonly FoundWindows[]): Obstacle[] {
  const found: Obstacle[] = [];
  const { image, table } = disk;
  if (image.parents.length > 0) found.push(obstacle('snapshot-chain', null, { data: { parents: image.parents.map(({ name }) => name) } }));
  if (image.issues.some(({ code }) => code === 'image.log-replayed')) found.push(obstacle('vhdx-log', null));
  if (table.volumeManager?.kind === 'ldm') found.push(obstacle('dynamic-disk', null, { data: { offset: table.volumeManager.offset } }));
  if (table.volumeManager?.kind === 'storage-spaces')
    found.push(obstacle('storage-spaces', null, { data: { offset: table.volumeManager.offset } }));
  // A container that states its sector size hands it to the hypervisor; a raw image leaves every tool to guess.
  if (table.kind !== 'none' && table.sectorSize === 4096 && image.sectorSize !== 4096)
    found.push(obstacle('sector-size', null, { data: { sectorSize: 4096 } }));
  if (table.header === 'backup' || table.issues.some(({ code, severity }) => severity === 'error' && code.startsWith('gpt.'))) {
    found.push(obstacle('damaged-table-or-boot-sector', null, { data: { issues: table.issues.map(({ code }) => code) } }));
  }
  found.push(...wrongPartitions(disk, windows));
  return found;
}

/** NTFS volumes without Windows that a user who takes "the first NTFS partition" would mount instead. */
function wrongPartitions(disk: Disk, windows: readonly FoundWindows[]): Obstacle[] {
  const first = windows.map(({ volume }) => volume).sort((a, b) => a - b)[0];
  return disk.volumes
    .filter((volume) => volume.fileSystem === 'ntfs' && !volume.locked && !windows.some((found) => found.volume === volume.number))
    .filter((volume) => (first === undefined ? volume.role === 'system-reserved' || volume.role === 'recovery' : volume.number < first))
    .map((volume) => obstacle('wrong-partition', volume.number, { data: { role: volume.role, windows: first ?? null } }));
}
