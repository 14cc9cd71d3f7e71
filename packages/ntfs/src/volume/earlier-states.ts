import type { ReadOptions } from '@deadbox/core';
import type { NtfsFile } from '../files/ntfs-file.js';
import { readIndexSlack, type SlackNode } from '../index/index-slack.js';
import { IndexTree } from '../index/index-tree.js';
import { ShadowCopies } from '../shadow-copy/shadow-copy.js';
import type { NtfsVolume } from './volume.js';

/** The shadow copies that the volume holds; `undefined` when it never had any. */
export function openShadowCopies(volume: NtfsVolume, options?: ReadOptions): Promise<ShadowCopies | undefined> {
  return ShadowCopies.open(volume.source, { ...options, issues: volume.issues });
}

/**
 * Old names in the unused parts of a directory's index.
 * @throws DeadboxError `NTFS_INDEX_INVALID` when the file is no directory
 */
export async function* readDirectorySlack(
  volume: NtfsVolume,
  directory: NtfsFile,
  options?: ReadOptions,
): AsyncGenerator<SlackNode> {
  const tree = await IndexTree.open(directory.attributeSet, '$I30', volume.geometry.clusterSize, options);
  yield* readIndexSlack(tree, directory.attributeSet, options);
}
