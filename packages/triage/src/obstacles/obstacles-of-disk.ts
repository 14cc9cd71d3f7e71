import type { ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { Obstacle } from '../report/report-types.js';
import { type FoundWindows, obstacle } from './obstacle.js';
import { diskEvidence, entryEvidence } from './obstacle-evidence.js';

/** Bytes of a GPT header (UEFI 2.10, table 5.5). */
const GPT_HEADER_BYTES = 92;

/** Obstacles that the container and the partition table tell of. */
export async function diskObstacles(
  disk: Disk,
  windows: readonly FoundWindows[],
  options: ReadOptions,
): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  const { image, table } = disk;
  const replayed = image.issues.find(({ code }) => code === 'image.log-replayed');
  if (replayed !== undefined)
    found.push(obstacle('vhdx-log', null, { data: { ...replayed.data, offset: replayed.at?.offset ?? null } }));
  if (table.volumeManager !== undefined) {
    const { kind, offset, length } = table.volumeManager;
    const evidence = await diskEvidence(disk, 'volume manager', offset, length, options);
    found.push(obstacle(kind === 'ldm' ? 'dynamic-disk' : 'storage-spaces', null, { evidence, data: { offset } }));
  }
  // A container that states its sector size hands it to the hypervisor; a raw image leaves every tool to guess.
  if (table.kind !== 'none' && table.sectorSize === 4096 && image.sectorSize !== 4096) {
    const [first] = disk.volumes;
    const evidence =
      table.kind === 'gpt'
        ? await diskEvidence(disk, 'GPT header in 4096-byte sectors', 4096, GPT_HEADER_BYTES, options)
        : first === undefined
          ? []
          : await entryEvidence(disk, first, options);
    found.push(obstacle('sector-size', null, { evidence, data: { sectorSize: 4096 } }));
  }
  if (table.header === 'backup' || table.issues.some(({ severity }) => severity === 'error')) {
    const offset = table.kind === 'gpt' ? table.sectorSize : 0;
    const evidence = await diskEvidence(disk, 'damaged partition table', offset, GPT_HEADER_BYTES, options);
    const data = { issues: table.issues.map(({ code }) => code) };
    found.push(obstacle('damaged-table-or-boot-sector', null, { evidence, data }));
  }
  found.push(...(await wrongPartitions(disk, windows, options)));
  return found;
}

/** NTFS volumes without Windows that a user who takes "the first NTFS partition" would mount instead. */
async function wrongPartitions(
  disk: Disk,
  windows: readonly FoundWindows[],
  options: ReadOptions,
): Promise<Obstacle[]> {
  const first = windows.map(({ volume }) => volume).sort((a, b) => a - b)[0];
  const found: Obstacle[] = [];
  for (const volume of disk.volumes) {
    if (volume.fileSystem !== 'ntfs' || volume.locked || windows.some((other) => other.volume === volume.number))
      continue;
    const inTheWay =
      first === undefined ? volume.role === 'system-reserved' || volume.role === 'recovery' : volume.number < first;
    if (!inTheWay) continue;
    const evidence = await entryEvidence(disk, volume, options);
    const data = { role: volume.role, windows: first ?? null };
    found.push(obstacle('wrong-partition', volume.number, { evidence, data }));
  }
  return found;
}
