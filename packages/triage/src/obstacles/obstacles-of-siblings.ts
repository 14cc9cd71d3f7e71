import { defined, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { findChildren, ToldParents } from '@deadbox/image';
import { isLockName, isSavedStateName } from '@deadbox/image/internals';
import type { Obstacle } from '../report/report-types.js';
import { obstacle } from './obstacle.js';

/** How far the files beside the image are looked at. */
export interface SiblingOptions extends ReadOptions {
  /** What the files beside the image told in earlier scans. */
  readonly told?: ToldParents | undefined;
}

/** What lies beside the image: saved machine state, newer links of a snapshot chain, locks. */
export async function siblingObstacles(disk: Disk, options: SiblingOptions): Promise<Obstacle[]> {
  const names = (await disk.siblings?.list?.(options)) ?? [];
  const related = relatedAmong(names, ownName(disk), options.told ?? new ToldParents());
  const found: Obstacle[] = [];
  const saved = related.filter(isSavedStateName);
  if (saved.length > 0) found.push(obstacle('saved-vm-state', null, { data: { files: saved.slice(0, 8) } }));
  const locks = related.filter(isLockName);
  if (locks.length > 0) found.push(obstacle('in-use', null, { data: { files: locks.slice(0, 8) } }));
  const newer = await newerLinks(disk, names, related, options);
  return [...found, ...newerLinkObstacles(disk, newer), ...(await otherParts(disk, names, options))];
}

/** Names that begin with the machine's name in the name of the image `own`. */
function relatedAmong(names: readonly string[], own: string, told: ToldParents): string[] {
  const stem = stemOf(own).toLowerCase();
  if (stem === '') return [];
  return told
    .names(names, own)
    .where(({ lower }) => lower.startsWith(stem))
    .filter((name) => name !== own);
}

/** The other parts of a disk of which the image is only the first one. */
async function otherParts(disk: Disk, names: readonly string[], options: ReadOptions): Promise<Obstacle[]> {
  const end = names.length === 0 ? undefined : endBehindFile(disk);
  if (end === undefined) return [];
  // Few disks end too early.
  const { partsBeside } = await import('./obstacles-of-parts.js');
  return partsBeside(disk, end, names, options);
}

/**
 * Where the disk ends by its partition table; `undefined` where that is not behind the end of the file, or where the
 * file is not the disk itself.
 */
function endBehindFile({ image, table }: Disk): number | undefined {
  if (image.format !== 'raw' || image.variant !== 'flat') return undefined;
  let end = 0;
  for (const { offset, length } of table.partitions) end = Math.max(end, offset + length);
  for (const { code, at, data } of table.issues)
    if (code === 'gpt.header-damaged' && data.copy === 'backup' && data.reason === 'not on the disk')
      end = Math.max(end, (at?.offset ?? 0) + table.sectorSize);
  return end > image.size ? end : undefined;
}

/** What newer links of the chain mean for the image. */
export function newerLinkObstacles(disk: Disk, newer: readonly string[]): Obstacle[] {
  if (newer.length === 0) return [];
  const files = newer.slice(0, 8);
  const beside = obstacle('snapshot-beside', null, { data: { files } });
  // A whole chain that is opened at its newest link is no obstacle; `image.parents` lists it.
  if (disk.image.parents.length === 0) return [beside];
  const parents = disk.image.parents.map(({ name }) => name);
  return [beside, obstacle('snapshot-chain', null, { data: { parents, files } })];
}

/**
 * The files beside the image that were made on it: by what they say of their parents, and those whose name says so.
 * @param names - all files beside the image
 * @param related - those that may belong to the same machine
 */
async function newerLinks(
  disk: Disk,
  names: readonly string[],
  related: readonly string[],
  options: SiblingOptions,
): Promise<string[]> {
  const own = ownName(disk);
  const named = related.filter((name) => isNewerLink(own, name));
  if (disk.siblings?.list === undefined) return named;
  const { signal, told } = options;
  const siblings = { open: disk.siblings.open.bind(disk.siblings), list: () => Promise.resolve([...names]) };
  const { children } = await findChildren(disk.image, { name: disk.name, siblings, ...defined({ signal, told }) });
  return [...new Set([...children.map(({ name }) => name), ...named])];
}

function ownName({ name }: Disk): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}

/** The machine's name in an image's name: without ending, snapshot number, GUID and extent suffix. */
function stemOf(name: string): string {
  return name
    .replace(/\.[^.]*$/, '')
    .replace(/_[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i, '')
    .replace(/-\d{6}$/, '')
    .replace(/-(flat|delta|sesparse|s\d{3}|f\d{3})$/i, '');
}

/** Whether `name` is a later link of the chain that begins with `own`: reading `own` then shows an old state. */
function isNewerLink(own: string, name: string): boolean {
  if (name.toLowerCase() === own.toLowerCase()) return false;
  if (/\.vhdx?$/i.test(own)) return /_[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\.avhdx?$/i.test(name);
  if (!/\.vmdk$/i.test(own)) return false;
  const number = (text: string): number => Number(/-(\d{6})(-delta|-sesparse)?\.vmdk$/i.exec(text)?.[1] ?? 0);
  return number(name) > number(own);
}
