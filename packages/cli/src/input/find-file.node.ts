import type { FileNode, ReadOptions } from '@deadbox/core';
import type { ReadableFileSystem } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { EXIT, usageError } from '../exit-code.js';
import { recordNumber } from './image-path.js';
import { nearestPath } from './nearest-name.node.js';

/** The file that a path or `#record` argument names; `follow` goes on through links inside the volume. */
export async function findFile(
  tree: ReadableFileSystem,
  argument: string,
  reading: ReadOptions,
  follow = false,
): Promise<FileNode> {
  const record = recordNumber(argument);
  if (record !== undefined) {
    if (!(tree instanceof NtfsVolume)) throw usageError('records-need-ntfs', {});
    return tree.file(record, reading);
  }
  const file =
    tree instanceof NtfsVolume
      ? await tree.lookup(argument, { ...reading, followLinks: follow })
      : await tree.lookup(argument, reading);
  if (file === undefined) {
    const meant = (await nearestPath(tree, argument, reading)) ?? null;
    throw usageError('not-on-volume', { path: argument, meant }, EXIT.notFound);
  }
  return file;
}
