import { defined, type Issue } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { findChildrenAround } from '@deadbox/image';
import type { Obstacle } from '../report/report-types.js';
import { obstacle } from './obstacle.js';
import { newerLinkObstacles, type SiblingOptions } from './obstacles-of-siblings.js';

/** What the files around an image add to its report. */
export interface AroundResult {
  readonly obstacles: readonly Obstacle[];
  readonly issues: readonly Issue[];
}

/**
 * Asks every file around the image whether it was made on it, whatever its name is. That costs reads of files that have
 * nothing to do with the image: it is for those of which the report would say that all is well.
 */
export async function lookAround(disk: Disk, { signal, told }: SiblingOptions): Promise<AroundResult> {
  const { siblings, name } = disk;
  if (siblings?.around === undefined) return { obstacles: [], issues: [] };
  const found = await findChildrenAround(disk.image, { name, siblings, ...defined({ signal, told }) });
  const newer = found.children.map((child) => child.name);
  if (newer.length > 0) return { obstacles: newerLinkObstacles(disk, newer), issues: [] };
  const { unread = [], packed = [] } = found;
  if (unread.length > 0) {
    const data = { files: unread.slice(0, 8).map((file) => file.name), unread: unread[0].unread };
    return { obstacles: [obstacle('snapshot-beside', null, { data })], issues: [] };
  }
  if (found.passedOver === 0 && packed.length === 0) return { obstacles: [], issues: [] };
  // Files that nobody asked are no doubt: most folders hold other disks.
  const data = { asked: found.looked, atLeast: found.passedOver + packed.length, ...named(packed) };
  return { obstacles: [], issues: [{ code: 'image.files-not-asked', severity: 'note', data }] };
}

/** Packed images by their names: with what they hold, the report might be another. */
function named(packed: readonly string[]): { packed?: string[] } {
  return packed.length === 0 ? {} : { packed: packed.slice(0, 8) };
}
