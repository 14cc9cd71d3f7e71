import { DeadboxError, type FileNode, isDamage, type ReadOptions, splitPath } from '@deadbox/core';
import type { Disk, ReadableFileSystem, Volume } from '@deadbox/disk';
import { FatFile, FatVolume } from '@deadbox/fat';
import { NtfsFile } from '@deadbox/ntfs';
import { BOOT_LOG_PATHS } from '@deadbox/windows';
import { MAX_WALK_STEPS } from '../limits.js';
import { bitLockerSteps } from './bitlocker-steps.js';
import { bootLogSteps } from './boot-log-steps.js';
import { diskSteps } from './disk-steps.js';
import { fatContentSteps, fatFileSteps } from './fat-steps.js';
import { hiveSteps } from './hive-steps.js';
import { type MissingName, ntfsContentSteps, ntfsFileSteps } from './ntfs-steps.js';
import { placeSteps } from './place-steps.js';
import { RecordSteps } from './record-steps.js';
import { Trail } from './trail.js';
import type { Walk, WalkTarget } from './walk-types.js';

/** Options of {@link walkTo}. */
export interface WalkToOptions extends ReadOptions {
  /** 1-based volume number where the target names none; default the only volume that has the target. */
  readonly volume?: number;
}

/**
 * The way from sector 0 to what `target` names: every structure on it, with its bytes, its place on the disk and in the
 * image file, and what leads to the next. Damage ends the walk early, which `reached` and `end` tell.
 * @throws DeadboxError only where the source does not deliver
 */
export async function walkTo(disk: Disk, target: WalkTarget, options: WalkToOptions = {}): Promise<Walk> {
  const reading: ReadOptions = options.signal === undefined ? {} : { signal: options.signal };
  const trail = new Trail(disk, reading);
  let end: Walk['end'] = null;
  try {
    const missing = await follow(trail, target, options);
    if (missing !== undefined) end = { code: 'NOT_FOUND', message: missing.missing };
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    end = { code: error.code, message: error.message };
  }
  disk.throwIfSourceFailed();
  if (trail.isCut) end = { code: 'WALK_TOO_LONG', message: `the way has more than ${MAX_WALK_STEPS} steps` };
  const { format, variant, size } = disk.image;
  return {
    schema: 'deadbox.walk/1',
    image: { path: disk.name, format, variant, size },
    target,
    steps: trail.steps,
    reached: end === null,
    end,
  };
}

async function follow(trail: Trail, target: WalkTarget, options: WalkToOptions): Promise<MissingName | undefined> {
  const volume = await volumeOf(trail, target, options);
  await diskSteps(trail, volume);
  if (volume === undefined) {
    if (target.kind !== 'place') return { missing: nameOf(target) };
    await placeSteps(trail, undefined, target);
    return undefined;
  }
  if (volume.unlock !== undefined) await bitLockerSteps(trail, volume);
  if (target.kind === 'place') {
    await placeSteps(trail, volume, target);
    return undefined;
  }
  const tree = await volume.fileTree(trail.options);
  switch (target.kind) {
    case 'file': {
      const [path, stream] = splitStream(target.path);
      const { missing } = await fileSteps(trail, volume, tree, path, stream);
      return missing;
    }
    case 'registry': {
      const { file, missing } = await fileSteps(trail, volume, tree, target.hive, undefined);
      if (file === undefined) return missing;
      const log = (ending: string): Promise<FileNode | undefined> =>
        tree.lookup(`${target.hive}${ending}`, trail.options);
      return hiveSteps(trail, { file, log }, target.key, target.value);
    }
    case 'boot-log': {
      const path = await bootLogPath(tree, trail.options);
      const { file, missing } = await fileSteps(trail, volume, tree, path, undefined);
      if (file === undefined) return missing;
      return (await bootLogSteps(trail, file)) ? undefined : { missing: path };
    }
  }
}

/**
 * @param stream - name of the stream whose content is shown; `undefined` where what the file holds is walked through
 * instead
 */
async function fileSteps(
  trail: Trail,
  volume: Volume,
  tree: ReadableFileSystem,
  path: string,
  stream: string | undefined,
): Promise<{ readonly file?: FileNode; readonly missing?: MissingName }> {
  if (tree instanceof FatVolume) {
    const file = await fatFileSteps(trail, volume, tree, path);
    if (!(file instanceof FatFile)) return { missing: file };
    await fatContentSteps(trail, volume, tree, file, stream !== undefined);
    return { file };
  }
  const steps = new RecordSteps(trail, volume, tree);
  const file = await ntfsFileSteps(steps, path);
  if (!(file instanceof NtfsFile)) return { missing: file };
  await ntfsContentSteps(steps, file, stream ?? '', stream !== undefined);
  return { file };
}

/** The volume that the target names, or the first that has it. */
async function volumeOf(
  { disk, options }: Trail,
  target: WalkTarget,
  asked: WalkToOptions,
): Promise<Volume | undefined> {
  const number = target.volume ?? asked.volume;
  if (number !== undefined) {
    const volume = disk.volumes.find((candidate) => candidate.number === number);
    if (volume !== undefined) return volume;
    throw new DeadboxError('INVALID_ARGUMENT', `There is no volume ${number}`, { data: { volume: number } });
  }
  if (target.kind === 'place')
    return disk.volumes.find(({ offset, length }) => target.offset >= offset && target.offset < offset + length);
  const paths = target.kind === 'boot-log' ? BOOT_LOG_PATHS : [target.kind === 'file' ? target.path : target.hive];
  let best: { readonly volume: Volume; readonly depth: number } | undefined;
  let hidden: Volume | undefined;
  for (const volume of disk.volumes) {
    const tree = await treeOf(volume, options);
    if (tree === undefined) {
      hidden ??= mayHold(volume) ? volume : undefined;
      continue;
    }
    const depth = Math.max(...(await Promise.all(paths.map((path) => depthOf(tree, path, options)))));
    if (depth === WHOLE) return volume;
    if (best === undefined || depth > best.depth) best = { volume, depth };
  }
  // The way ends where the volume is locked or damaged; else where the first name is missing.
  return best !== undefined && (best.depth > 0 || hidden === undefined) ? best.volume : hidden;
}

const mayHold = ({ role }: Volume): boolean => role !== 'microsoft-reserved' && role !== 'recovery';

async function treeOf(volume: Volume, options: ReadOptions): Promise<ReadableFileSystem | undefined> {
  try {
    return await volume.fileTree(options);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return undefined;
  }
}

/** {@link depthOf}: all of the path is there. */
const WHOLE: number = Number.POSITIVE_INFINITY;

/** How many names of a path a volume has. */
async function depthOf(tree: ReadableFileSystem, path: string, options: ReadOptions): Promise<number> {
  const names = splitPath(splitStream(path)[0]);
  for (let count = names.length; count > 0; count -= 1) {
    try {
      const found = await tree.lookup(`/${names.slice(0, count).join('/')}`, options);
      if (found !== undefined) return count === names.length ? WHOLE : count;
    } catch (error) {
      if (!isDamage(error, options.signal)) throw error;
      // Something is there, and cannot be read: the way leads to it.
      return count;
    }
  }
  return names.length === 0 ? WHOLE : 0;
}

async function bootLogPath(tree: ReadableFileSystem, options: ReadOptions): Promise<string> {
  for (const path of BOOT_LOG_PATHS) if ((await tree.lookup(path, options)) !== undefined) return path;
  return BOOT_LOG_PATHS[0];
}

/** A path and the name of the stream behind a colon, which a drive letter's colon is none of. */
function splitStream(path: string): [string, string] {
  const colon = path.lastIndexOf(':');
  return colon > 1 ? [path.slice(0, colon), path.slice(colon + 1)] : [path, ''];
}

function nameOf(target: WalkTarget): string {
  if (target.kind === 'file') return target.path;
  return target.kind === 'registry' ? target.hive : BOOT_LOG_PATHS[0];
}
