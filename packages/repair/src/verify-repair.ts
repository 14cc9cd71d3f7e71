import { equalBytes, hashSource, type Json, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { DirectoryIndex } from './operations/ntfs/directory-index.js';
import { fromHex } from './plan/hex.js';
import { type ByteEdit, RefusedRepair, type RepairOperation, type RepairPlan } from './plan/repair-plan.js';

/** What is not as it must be after a repair. */
export type RepairProblemId =
  | 'bytes-differ'
  | 'old-name-found'
  | 'new-name-missing'
  | 'content-changed'
  | 'index-wrong';

/** One thing that a fresh look at the disk found. */
export interface RepairProblem {
  readonly id: RepairProblemId;
  readonly data: Record<string, Json>;
}

/**
 * Looks at a repaired disk with fresh eyes: every planned byte is there, a renamed file opens by its new names and not
 * by the old ones, its content is what it was, and the whole folder is in order.
 * @param disk - opened anew after writing
 * @returns what is wrong; empty when nothing is
 */
export async function verifyRepair(disk: Disk, plan: RepairPlan, options: ReadOptions = {}): Promise<RepairProblem[]> {
  const problems: RepairProblem[] = [];
  for (const operation of plan.operations) {
    for (const edit of operation.edits) if (!(await holds(disk, edit, options))) problems.push(differs(edit));
    if (operation.id === 'neutralise-file') problems.push(...(await renamed(disk, operation, options)));
  }
  return problems;
}

async function holds(disk: Disk, edit: ByteEdit, options: ReadOptions): Promise<boolean> {
  const volume = disk.volumes.find(({ number }) => number === edit.volume);
  const source = edit.volume === null ? disk.image : volume?.content;
  const after = fromHex(edit.after);
  return source !== undefined && equalBytes(await source.read(edit.offset, after.length, options), after);
}

function differs({ volume, offset, what }: ByteEdit): RepairProblem {
  return { id: 'bytes-differ', data: { volume, offset, what } };
}

async function renamed(disk: Disk, operation: RepairOperation, options: ReadOptions): Promise<RepairProblem[]> {
  const { data, volume: number } = operation;
  const tree = await disk.volumes.find((volume) => volume.number === number)?.ntfs(options);
  const path = typeof data.path === 'string' ? data.path : '';
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const names = data.names as unknown as readonly { readonly from: string; readonly to: string }[];
  const directory = await tree?.lookup(folder, options);
  if (tree === undefined || directory === undefined) return [{ id: 'index-wrong', data: { folder } }];
  const problems: RepairProblem[] = [];
  try {
    await DirectoryIndex.open(tree, directory, await tree.upCase(options), options);
  } catch (error) {
    if (!(error instanceof RefusedRepair)) throw error;
    problems.push({ id: 'index-wrong', data: { folder, reason: error.id, ...error.data } });
  }
  for (const { from, to } of names) {
    if ((await tree.lookup(folder + from, options)) !== undefined)
      problems.push({ id: 'old-name-found', data: { path: folder + from } });
    const file = await tree.lookup(folder + to, options);
    if (file === undefined || file.record !== data.record) {
      problems.push({ id: 'new-name-missing', data: { path: folder + to } });
      continue;
    }
    const sha256 = await hashSource(await file.stream('', { ...options, raw: true }), options);
    if (sha256 !== data.sha256) problems.push({ id: 'content-changed', data: { path: folder + to, sha256 } });
  }
  return problems;
}
