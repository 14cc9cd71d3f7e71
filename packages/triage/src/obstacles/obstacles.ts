import type { Json, ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { ToldParents } from '@deadbox/image';
import type { ImageReport, Obstacle } from '../report/report-types.js';
import type { Rule } from '../rules/rule.js';
import { type FoundWindows, obstacle } from './obstacle.js';
import { diskObstacles } from './obstacles-of-disk.js';
import { siblingObstacles } from './obstacles-of-siblings.js';
import { volumeObstacles } from './obstacles-of-volume.js';

/** Something the caller knows about the image that its bytes do not tell: a mounted device, a running machine. */
export interface ImageHint {
  /** Id of the obstacle. */
  readonly id: 'in-use' | 'saved-vm-state' | 'snapshot-beside';
  /** The facts behind it. */
  readonly data: Record<string, Json>;
}

/** Ids after which nothing reassuring is said: the disk may not be what the machine will see. */
const STALE: ReadonlySet<string> = new Set(['in-use', 'saved-vm-state', 'snapshot-beside']);

/** Whether the disk may be older, or changing while it is read. */
export function mayBeStale(obstacles: readonly Obstacle[]): boolean {
  return obstacles.some(({ id }) => STALE.has(id));
}

/**
 * The report with what is known only beside the scan or after it: an image that is in use, or changed while it was
 * read.
 */
export function withHints(report: ImageReport, hints: readonly ImageHint[]): ImageReport {
  const obstacles = [...report.obstacles, ...hints.map(({ id, data }) => obstacle(id, null, { data }))];
  if (!mayBeStale(obstacles)) return { ...report, obstacles };
  return {
    ...report,
    obstacles,
    severity: report.severity === 'none' ? 'review' : report.severity,
    // What is not the machine's present disk is not to be changed.
    installations: report.installations.map((installation) => ({
      ...installation,
      nextSteps: installation.nextSteps.filter(({ id }) => id !== 'repair-in-place'),
    })),
  };
}

/**
 * What keeps the disk's content from being seen or trusted by other tools, as far as the disk tells; docs/obstacles.md
 * lists all.
 */
export async function findObstacles(
  disk: Disk,
  windows: readonly FoundWindows[],
  options: ReadOptions & { quick?: boolean; rules?: readonly Rule[]; told?: ToldParents | undefined } = {},
): Promise<Obstacle[]> {
  const reading: ReadOptions = options.signal === undefined ? {} : { signal: options.signal };
  const found = await diskObstacles(disk, windows, reading);
  found.push(...(await siblingObstacles(disk, { ...reading, told: options.told })));
  for (const volume of disk.volumes) found.push(...(await volumeObstacles(disk, volume, reading)));
  if (options.quick === true) return found;
  // A quick scan does not load it.
  const { fileObstacles } = await import('./obstacles-of-files.js');
  return [...found, ...(await fileObstacles(disk, windows, options.rules ?? [], reading))];
}
