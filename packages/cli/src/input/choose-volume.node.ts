import { isDamage, type ReadOptions } from '@deadbox/core';
import type { Disk, ReadableFileSystem, Volume } from '@deadbox/disk';
import { describeVolume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { findWindowsFolders } from '@deadbox/triage';
import { EXIT, UsageError, usageError } from '../exit-code.js';

/** Volumes of these roles never hold the Windows that runs. */
const HELPERS: ReadonlySet<string> = new Set(['efi-system', 'microsoft-reserved', 'system-reserved', 'recovery']);

/**
 * The volume that `--volume` names; without it the one with Windows, else the largest that can be read. A locked volume
 * goes before those, and a larger one that should be readable and is not: Windows is likelier there, and listing a
 * small helper partition instead would look like an answer.
 */
export async function chooseVolume(disk: Disk, number: number | undefined, reading: ReadOptions): Promise<Volume> {
  await refuseEncryptedContainer(disk, reading);
  if (number !== undefined) return numbered(disk, number);
  const readable: Volume[] = [];
  for (const volume of disk.volumes) {
    const tree = await treeOrNothing(volume, reading);
    if (tree === undefined) continue;
    if (tree instanceof NtfsVolume && (await findWindowsFolders(tree, reading)).length > 0) return volume;
    readable.push(volume);
  }
  const bySize = [...disk.volumes].sort((a, b) => b.length - a.length);
  const locked = bySize.filter((volume) => volume.locked);
  const lockedWindows = locked.find((volume) => !HELPERS.has(volume.role));
  if (lockedWindows !== undefined) return lockedWindows;
  const largest = bySize.find((volume) => readable.includes(volume));
  const damaged = bySize.find((volume) => !readable.includes(volume) && mayBeWindows(volume));
  if (largest !== undefined && damaged !== undefined && (damaged.length > largest.length || HELPERS.has(largest.role)))
    return damaged;
  if (largest !== undefined) return largest;
  if (locked[0] !== undefined) return locked[0];
  throw usageError('no-readable-volume', { image: disk.name, volumes: disk.volumes.length });
}

/**
 * Does nothing for a disk that can be read.
 * @throws ImageError `IMAGE_ENCRYPTED` when the container itself encrypts its content
 */
export async function refuseEncryptedContainer({ image }: Disk, reading: ReadOptions): Promise<void> {
  // Every read of such a disk is that error, which names the scheme.
  if (image.encryption !== undefined && image.size > 0) await image.read(0, 1, reading);
}

/** Whether an unreadable volume may be a damaged Windows volume, by its role and signature. */
function mayBeWindows(volume: Volume): boolean {
  return !HELPERS.has(volume.role) && (volume.fileSystem === 'ntfs' || volume.fileSystem === 'unknown');
}

function numbered(disk: Disk, number: number): Volume {
  const volume = disk.volumes.find((candidate) => candidate.number === number);
  if (volume === undefined) {
    const numbers = disk.volumes.map((candidate) => candidate.number);
    throw usageError('no-such-volume', { image: disk.name, number, numbers });
  }
  return volume;
}

async function treeOrNothing(volume: Volume, reading: ReadOptions): Promise<ReadableFileSystem | undefined> {
  if (volume.locked) return undefined;
  try {
    return await volume.fileTree(reading);
  } catch (error) {
    if (!isDamage(error, reading.signal)) throw error;
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
  if (volume.locked) throw await lockedError(volume, reading);
  return { volume, tree: await volume.fileTree(reading) };
}

/** Ends the program with code 3; its sentence names the key. */
export async function lockedError(volume: Volume, reading: ReadOptions): Promise<UsageError> {
  const facts = { volume: await describeVolume(volume, reading) };
  return new UsageError({ id: 'volume-locked', facts }, EXIT.locked);
}
