import { type Evidence, isDamage, type Json, type ReadOptions } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { type NtfsFile, NtfsVolume, ReparseTag } from '@deadbox/ntfs';
import type { LeftOutCode } from '../errors.js';
import type { Obstacle, ObstacleId } from '../report/report-types.js';
import { resolvePattern } from '../rules/files/path-pattern.js';
import type { Rule } from '../rules/rule.js';
import { findPlaceholder } from './cloud-placeholder.js';
import { type FoundWindows, obstacle } from './obstacle.js';
import { recordEvidence } from './obstacle-evidence.js';

/** Files that compact installations compress. */
const SYSTEM_FILES = [
  'System32/ntoskrnl.exe',
  'System32/kernel32.dll',
  'explorer.exe',
  'System32/winload.efi',
] as const;
/** Where the Data Deduplication role keeps the chunks of a volume; it never works on a system volume. */
const CHUNK_STORE = '/System Volume Information/Dedup/ChunkStore';

/** An NTFS volume whose files are looked at. */
interface Place {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
}

/** Obstacles that single files of a volume tell of. */
export async function fileObstacles(
  disk: Disk,
  windows: readonly FoundWindows[],
  rules: readonly Rule[],
  options: ReadOptions,
): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  const folders = ruleFolders(rules);
  for (const volume of disk.volumes) {
    if (
      volume.locked ||
      (volume.fileSystem !== 'ntfs' && volume.fileSystem !== 'unknown') ||
      volume.role === 'microsoft-reserved'
    )
      continue;
    try {
      const tree = await volume.fileTree(options);
      if (!(tree instanceof NtfsVolume)) continue;
      const roots = windows.filter((place) => place.volume === volume.number).map(({ root }) => root);
      await addObstacles(found, { volume, tree }, roots, folders, options);
    } catch (error) {
      if (!isDamage(error, options.signal)) throw error;
    }
  }
  return found;
}

/** Adds one by one: what was found before a damaged folder stays. */
async function addObstacles(
  found: Obstacle[],
  place: Place,
  roots: readonly string[],
  folders: readonly string[],
  options: ReadOptions,
): Promise<void> {
  const { tree } = place;
  for (const root of roots) {
    found.push(...(await compressedSystem(place, root, options)));
    for (const folder of folders) found.push(...(await pathObstacles(place, root, folder, options)));
  }
  // A Windows folder that is only a link leads elsewhere: nothing was found under it.
  if (roots.length === 0) found.push(...(await linkAt(place, await tree.lookup('/Windows', options), options)));
  const store = await tree.lookup(CHUNK_STORE, options);
  if (store !== undefined) found.push(await fileObstacle('dedup', place, store, { path: store.path }, options));
  if (roots.length > 0) await addPlaceholder(found, place, options);
}

async function addPlaceholder(found: Obstacle[], place: Place, options: ReadOptions): Promise<void> {
  const { tree, volume } = place;
  const { placeholder, complete } = await findPlaceholder(tree, options);
  if (placeholder !== undefined) {
    const { path, record } = placeholder;
    const evidence = await evidenceOf(place, () => tree.file(record, options), options);
    found.push(obstacle('cloud-placeholder', volume.number, { evidence, data: { file: path } }));
  } else if (!complete) {
    const code: LeftOutCode = 'triage.placeholders-left';
    volume.issues.add({ code, severity: 'note', data: { volume: volume.number } });
  }
}

async function compressedSystem(place: Place, root: string, options: ReadOptions): Promise<Obstacle[]> {
  for (const name of SYSTEM_FILES) {
    const file = await place.tree.lookup(`${root}/${name}`, options);
    if (file?.reparseTag === ReparseTag.wof)
      return [await fileObstacle('wof', place, file, { file: file.path }, options)];
  }
  return [];
}

/** The folders that rules classify files in, as they are called in a usual Windows. */
function ruleFolders(rules: readonly Rule[]): string[] {
  const selections = rules.flatMap((rule) => Object.values(rule.selections));
  const paths = selections.flatMap((selection) =>
    selection.type === 'FILE' && selection.classes.length > 0 ? selection.paths : [],
  );
  const folders = [...new Set(paths.map((path) => resolvePattern(path, '/Windows').folder))];
  // The way to a folder is part of the way to those below it, and is looked at once.
  return folders.filter((folder) => !folders.some((other) => other.startsWith(`${folder}/`)));
}

/** The path to a folder that a rule looks at: links on it, and names in another case than usual. */
async function pathObstacles(place: Place, root: string, folder: string, options: ReadOptions): Promise<Obstacle[]> {
  const found: Obstacle[] = [];
  let path = '';
  const renamed: NtfsFile[] = [];
  const [, windows, ...below] = folder.split('/');
  for (const [name, usual] of [[root.slice(1), windows], ...below.map((part) => [part, part])]) {
    const file = await place.tree.lookup(`${path}/${name}`, options);
    if (file === undefined) break;
    found.push(...(await linkAt(place, file, options)));
    if (file.name !== usual && file.name.toUpperCase() === usual?.toUpperCase()) renamed.push(file);
    path = file.path;
  }
  const [first] = renamed;
  if (first !== undefined)
    found.push(
      await fileObstacle('case-or-short-name', place, first, { paths: renamed.map((file) => file.path) }, options),
    );
  return found;
}

async function linkAt(place: Place, file: NtfsFile | undefined, options: ReadOptions): Promise<Obstacle[]> {
  if (file === undefined || (file.type !== 'junction' && file.type !== 'symlink')) return [];
  return [await fileObstacle('link', place, file, { path: file.path, type: file.type }, options)];
}

async function fileObstacle(
  id: ObstacleId,
  place: Place,
  file: NtfsFile,
  data: Record<string, Json>,
  options: ReadOptions,
): Promise<Obstacle> {
  const evidence = await evidenceOf(place, () => Promise.resolve(file), options);
  return obstacle(id, place.volume.number, { evidence, data });
}

function evidenceOf({ volume, tree }: Place, open: () => Promise<NtfsFile>, options: ReadOptions): Promise<Evidence[]> {
  return recordEvidence(volume, open, tree.geometry.recordSize, options);
}
