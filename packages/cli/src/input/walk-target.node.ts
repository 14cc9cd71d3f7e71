import type { ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { findWindowsFolders, scanDisk } from '@deadbox/triage';
import { targetOfCause, type WalkTarget } from '@deadbox/triage/walk';
import { findBootStores, Hive } from '@deadbox/windows';
import { EXIT, usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import { chooseTree } from './choose-volume.node.js';
import { CONFIG_HIVES, resolveControlSet } from './open-hive.node.js';

/** What the second argument of `walk` names: a path, `HIVE\key`, `BCD\key`, `boot-log`, or the id of a cause. */
export async function walkTarget(
  disk: Disk,
  argument: string,
  options: CommonOptions,
  reading: ReadOptions,
): Promise<WalkTarget> {
  const volume = options.volume === undefined ? {} : { volume: options.volume };
  if (/^boot-log$/i.test(argument)) return { kind: 'boot-log', ...volume };
  const [hive = '', ...names] = argument.replace(/^\\/, '').split('\\');
  const known = CONFIG_HIVES.find((name) => name === hive.toUpperCase());
  if (/^BCD$/i.test(hive)) return bootStoreTarget(disk, names, volume, reading);
  if (known !== undefined) return registryTarget(disk, known, names, options, reading);
  if (/[\\/]/.test(argument)) return { kind: 'file', ...volume, path: argument };
  const report = await scanDisk(disk, reading);
  const target = await targetOfCause(disk, report, argument, reading);
  if (target !== undefined) return target;
  throw usageError('no-walk-target', { target: argument }, EXIT.notFound);
}

async function registryTarget(
  disk: Disk,
  known: string,
  names: readonly string[],
  options: CommonOptions,
  reading: ReadOptions,
): Promise<WalkTarget> {
  const { volume, tree } = await chooseTree(disk, options.volume, reading);
  const root = tree instanceof NtfsVolume ? (await findWindowsFolders(tree, reading))[0]?.path : undefined;
  const path = `${root ?? '/Windows'}/System32/config/${known}`;
  const file = await tree.lookup(path, reading);
  const target = { kind: 'registry', volume: volume.number, hive: path } as const;
  if (file?.type !== 'file') return { ...target, key: names.join('\\') };
  const hive = await Hive.open(await file.stream(undefined, reading), reading);
  return { ...target, ...(await keyOrValue(hive, await resolveControlSet(hive, names.join('\\')))) };
}

/** `BCD\{id}\12000004` stands for the element of that object, other paths for keys of the store. */
async function bootStoreTarget(
  disk: Disk,
  names: readonly string[],
  { volume }: { volume?: number },
  reading: ReadOptions,
): Promise<WalkTarget> {
  const [object = '', element] = names;
  const isElement = /^\{.*\}$/.test(object);
  const short = element === undefined ? `Objects\\${object}` : `Objects\\${object}\\Elements\\${element}`;
  const key = isElement ? short : names.join('\\');
  for (const candidate of disk.volumes) {
    if (candidate.locked || (volume !== undefined && candidate.number !== volume)) continue;
    const tree = await candidate.fileTree(reading).catch(() => undefined);
    const store = tree && (await findBootStores(tree, candidate.number, reading))[0];
    if (store === undefined) continue;
    const target = { kind: 'registry', volume: candidate.number, hive: store.path } as const;
    if (store.hive === undefined) return { ...target, key };
    if (isElement && element !== undefined) return { ...target, key, value: 'Element' };
    return { ...target, ...(await keyOrValue(store.hive, key)) };
  }
  throw usageError('no-walk-target', { target: ['BCD', ...names].join('\\') }, EXIT.notFound);
}

/**
 * A path that may end in the name of a value, which may have backslashes of its own, as those of `MountedDevices` do.
 */
async function keyOrValue(hive: Hive, path: string): Promise<{ key: string; value?: string }> {
  if ((await hive.key(path)) !== undefined) return { key: path };
  for (let cut = path.lastIndexOf('\\'); cut >= 0; cut = cut === 0 ? -1 : path.lastIndexOf('\\', cut - 1)) {
    const key = path.slice(0, cut);
    const value = path.slice(cut + 1);
    const parent = await hive.key(key);
    if ((await parent?.value(value)) !== undefined) return { key, value };
  }
  return { key: path };
}
