import { realpathSync } from 'node:fs';
import { isDeadboxError } from '@deadbox/core';
import type { CommonOptions } from '../options.js';
import type { DiskTarget } from './disk-targets.node.js';
import { openTarget } from './open-target.node.js';
import type { Session } from './session.node.js';
import { isUrl } from './targets.node.js';

/**
 * The targets, and the other states of the same servers that they lead to: the snapshots inside an image, and the
 * parents of its chain that were not named.
 */
export async function withOtherStates(
  groups: readonly (readonly DiskTarget[])[],
  options: CommonOptions,
  session: Session,
): Promise<DiskTarget[][]> {
  const known = new Set(groups.flat().map(({ path }) => placeOf(path)));
  const found: DiskTarget[][] = [];
  // A parent has snapshots, too.
  const queue = groups.map((group) => [...group]);
  for (const group of queue) {
    found.push(group);
    for (const target of group) {
      const { snapshots, parents } = await statesBeside(target, options, session);
      for (const snapshot of snapshots) found.push([{ ...target, snapshot }]);
      for (const path of parents) {
        if (known.has(placeOf(path))) continue;
        known.add(placeOf(path));
        queue.push([{ path }]);
      }
    }
  }
  return found;
}

/** What an image leads to; nothing for one that cannot be opened, which its own report says. */
async function statesBeside(
  { path, disk }: DiskTarget,
  options: CommonOptions,
  session: Session,
): Promise<{ snapshots: string[]; parents: string[] }> {
  session.signal.throwIfAborted();
  try {
    const quiet = { ...options, quiet: true };
    const target = await openTarget(path, disk === undefined ? quiet : { ...quiet, disk }, session);
    try {
      const { details, parents } = target.disk.image;
      return { snapshots: snapshotIds(details.snapshots), parents: parents.map(({ name }) => name) };
    } finally {
      await target.close();
    }
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    return { snapshots: [], parents: [] };
  }
}

function snapshotIds(listed: unknown): string[] {
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((snapshot: { id?: unknown } | null) => (typeof snapshot?.id === 'string' ? [snapshot.id] : []));
}

/** One file has many names. */
function placeOf(path: string): string {
  if (isUrl(path)) return path;
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
