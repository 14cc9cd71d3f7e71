import { isDeadboxError, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { FileAttribute, NtfsVolume, ReparseTag, type NtfsFile } from '@deadbox/ntfs';
import { obstacle, type FoundWindows } from './obstacle.js';
import type { Obstacle } from './report-types.js';

/** Files that compact installations compress. */
const SYSTEM_FILES = ['System32/ntoskrnl.exe', 'System32/kernel32.dll', 'explorer.exe', 'System32/winload.efi'] as const;
const CANONICAL = ['Windows', 'System32', 'drivers', 'CrowdStrike'] as const;
const RECALL = FileAttribute.recallOnOpen | FileAttribute.recallOnDataAccess;
/** User folders looked at for placeholders of cloud storage. */
const MAX_USERS = 16;
const MAX_ENTRIES = 64;

/** Obstacles that single files of a Windows volume tell of. */
export async function fileObstacles(disk: Disk, windows: readonly FoundWindows[], options: ReadOptions): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  for (const { volume: number, root } of windows) {
    const volume = disk.volumes.find((candidate) => candidate.number === number);
    try {
      const tree = await volume?.fileTree(options);
      if (!(tree instanceof NtfsVolume)) continue;
      found.push(...(await compressedSystem(tree, number, root, options)));
      found.push(...(await pathObstacles(tree, number, root, options)));
      if ((await tree.lookup('/System Volume Information/Dedup/ChunkStore', options)) !== undefined) found.push(obstacle('dedup', number));
      found.push(...(await cloudPlaceholders(tree, number, options)));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isDeadboxError(error)) throw error;
    }
  }
  return found;
}

async function compressedSystem(tree: NtfsVolume, volume: number, root: string, options: ReadOptions): Promise<Obstacle[]> {
  for (const name of SYSTEM_FILES) {
    const file = await tree.lookup(`${root}/${name}`, options);
    if (file?.reparseTag === ReparseTag.wof) return [obstacle('wof', volume, { data: { file: file.path } })];
  }
  return [];
}

/** The way to the sensor's folder: links on it, and names in another case than usual. */
async function pathObstacles(tree: NtfsVolume, volume: number, root: string, options: ReadOptions): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  let path = '';
  const stored: string[] = [];
  for (const [depth, name] of [root.slice(1), ...CANONICAL.slice(1)].entries()) {
    const file: NtfsFile | undefined = await tree.lookup(`${path}/${name}`, options);
    if (file === undefined) break;
    if (file.type === 'junction' || file.type === 'symlink')
      found.push(obstacle('link', volume, { data: { path: file.path, type: file.type } }));
    if (file.name !== CANONICAL[depth] && file.name.toUpperCase() === CANONICAL[depth]?.toUpperCase()) stored.push(file.path);
    path = file.path;
  }
  if (stored.length > 0) found.push(obstacle('case-or-short-name', volume, { data: { paths: stored } }));
  return found;
}

/** Files whose content stays in cloud storage until they are opened. */
async function cloudPlaceholders(tree: NtfsVolume, volume: number, options: ReadOptions): Promise<Obstacle[]> {
  const users = await tree.lookup('/Users', options);
  if (users?.isDirectory !== true) return [];
  let looked = 0;
  for await (const batch of users.entries(options)) {
    for (const user of batch) {
      if (user.type !== 'directory' || looked >= MAX_USERS) continue;
      looked += 1;
      const file = await placeholderIn(tree, `/Users/${user.name}`, options);
      if (file !== undefined) return [obstacle('cloud-placeholder', volume, { data: { file } })];
    }
  }
  return [];
}

async function placeholderIn(tree: NtfsVolume, home: string, options: ReadOptions): Promise<string | undefined> {
  const folder = await tree.lookup(home, options);
  if (folder?.isDirectory !== true) return undefined;
  const clouds = await tree.findInDirectory(folder, 'OneDrive', options);
  for (const cloud of clouds.entries) {
    let seen = 0;
    const root = await cloud.open(options);
    for await (const batch of root.entries(options)) {
      for (const entry of batch) {
        seen += 1;
        const attributes = (entry as { fileName?: { attributes: number } }).fileName?.attributes ?? 0;
        if ((attributes & RECALL) !== 0) return `${root.path}/${entry.name}`;
      }
      if (seen >= MAX_ENTRIES) break;
    }
  }
  return undefined;
}
