import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, sep } from 'node:path';
import { usageError } from '../exit-code.js';
import type { DiskTarget } from '../input/disk-targets.node.js';
import { addressName, isUrl, shownName } from '../input/targets.node.js';

/** One image to judge in a run. */
export interface RunTask {
  readonly target: DiskTarget;
  /** Place among all images of the run, whatever its shard. */
  readonly index: number;
  /** What the image is known by in the journal. */
  readonly key: string;
  /** The first image of its machine, or its own place: disks of one machine are seen together. */
  readonly group: number;
  /**
   * The name by which the same file stands in the run before: two names of one disk are not two disks with one
   * identity.
   */
  readonly sameAs?: string;
}

/** The images of a run. */
export function runTasks(groups: readonly (readonly DiskTarget[])[]): RunTask[] {
  const tasks: RunTask[] = [];
  const keys = new Map<string, number>();
  const identities = new Map<string, string>();
  for (const group of groups) {
    const first = tasks.length;
    for (const target of group) {
      const identity = identityOf(target);
      const sameAs = identity === undefined ? undefined : identities.get(identity);
      if (identity !== undefined && sameAs === undefined) identities.set(identity, shownName(target.path));
      const task = { target, index: tasks.length, key: uniqueKey(target, keys), group: first };
      tasks.push(sameAs === undefined ? task : { ...task, sameAs });
    }
  }
  return tasks;
}

/** What tells one image from another whatever it is called; `undefined` where only the name does. */
function identityOf({ path, disk, snapshot, silent }: DiskTarget): string | undefined {
  if (silent === true) return undefined;
  if (isUrl(path)) return `${path} ${disk ?? ''} ${snapshot ?? ''}`;
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || stats.isDirectory()) return undefined;
    const place = stats.isBlockDevice() ? `device ${stats.rdev}` : `${stats.dev}:${stats.ino}`;
    return `${place} ${disk ?? ''} ${snapshot ?? ''}`;
  } catch {
    return undefined;
  }
}

/** A web address is known without its query, which may be a secret. */
function uniqueKey({ path, disk, snapshot }: DiskTarget, keys: Map<string, number>): string {
  const name = shownName(path);
  const ofDisk = disk === undefined ? name : `${name}#${disk}`;
  const key = snapshot === undefined ? ofDisk : `${ofDisk}@${snapshot}`;
  const count = (keys.get(key) ?? 0) + 1;
  keys.set(key, count);
  return count === 1 ? key : `${key} (${count})`;
}

/** Part `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @throws UsageError when `text` is not like `2/4` */
export function parseShard(text: string): Shard {
  const match = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || index > count) throw usageError('shard-malformed', { text });
  return { index, count };
}

/**
 * Whether an image is in a shard: by its path below the folder that was named, so that machines agree that mounted the
 * folder elsewhere, or looked
 * at it while a file came or went. The disks of a machine stay together.
 */
export function inShard({ path, machine }: DiskTarget, { index, count }: Shard, names: readonly string[]): boolean {
  const place = isUrl(path) ? addressName(path) : relativePlace(machine?.path ?? path, names);
  return createHash('sha256').update(place).digest().readUInt32BE(0) % count === index - 1;
}

function relativePlace(path: string, names: readonly string[]): string {
  const folders = names.map((name) => (/[\\/]$/.test(name) ? name : `${name}${sep}`));
  const [folder] = folders.filter((name) => path.startsWith(name)).sort((a, b) => b.length - a.length);
  const place = folder === undefined ? basename(path) : path.slice(folder.length);
  return place.replaceAll('\\', '/');
}
