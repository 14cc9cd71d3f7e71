import { isDeadboxError, type ReadOptions } from '@deadbox/core';
import type { Disk, ReadableFileSystem, Volume } from '@deadbox/disk';
import { encryptionSentence } from '@deadbox/report';
import { describeVolume } from '@deadbox/disk';
import { findWindowsFolders } from '@deadbox/triage';
import { NtfsVolume } from '@deadbox/ntfs';
import { EXIT, UsageError } from './exit-code.js';

/** The volume that `--volume` names; without it the one with Windows, else the largest that can be read. */
export async function chooseVolume(disk: Disk, number: number | undefined, reading: ReadOptions): Promise<Volume> {
  if (number !== undefined) return numbered(disk, number);
  const readable: Volume[] = [];
  for (const volume of disk.volumes) {
    const tree = await treeOrNothing(volume, reading);
    if (tree === undefined) continue;
    if (tree instanceof NtfsVolume && (await findWindowsFolders(tree, reading)).length > 0) return volume;
    readable.push(volume);
  }
  const largest = readable.sort((a, b) => b.length - a.length)[0];
  if (largest !== undefined) return largest;
  const locked = disk.volumes.find((volume) => volume.locked);
  if (locked !== undefined) return locked;
  throw new UsageError(`${disk.name}: none of its ${disk.volumes.length} volumes has a file system that deadbox reads (see deadbox info)`);
}

function numbered(disk: Disk, number: number): Volume {
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  if (volume === undefined) {
    const numbers = disk.volumes.map((candidate) => candidate.number).join(', ');
    throw new UsageError(`${disk.name} has no volume ${number}; it has ${numbers === '' ? 'none' : numbers}`);
  }
  return volume;
}

async function treeOrNothing(volume: Volume, reading: ReadOptions): Promise<ReadableFileSystem | undefined> {
  if (volume.locked) return undefined;
  try {
    return await volume.fileTree(reading);
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    return undefined;
  }
}

/** The chosen volume's file system; a locked one ends the program with code 3 and names its key. */
export async function chooseTree(
  disk: Disk,
  number: number | undefined,
  reading: ReadOptions,
): Promise<{ volume: Volume; tree: ReadableFileSystem }> {
  const volume = await chooseVolume(disk, number, reading);
  if (volume.locked) throw new UsageError(encryptionSentence(await describeVolume(volume, reading)), EXIT.locked);
  return { volume, tree: await volume.fileTree(reading) };
}
