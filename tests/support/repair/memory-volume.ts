import { type ByteSource, type Bytes, type Json, MemorySource } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { mbrPartitionId } from '@deadbox/partitions';
import { RefusedRepair, type RepairOperation } from '../../../packages/repair/src/plan/repair-plan.js';
import { EditedVolume } from '../ntfs/edited-volume.js';
import type { VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import type { FileOptions } from '../ntfs-writer/tree.js';

/** Where the volume of a disk in memory begins, and the signature of its MBR. */
export const MEMORY_VOLUME = { offset: 1 << 20, signature: '5EEDA1B2' } as const;

/** Volumes that were made last, by their files. */
const made = new Map<string, Bytes>();
const MOST_KEPT = 24;

/** The volumes are small: many are made. */
export const SMALL: Partial<VolumeOptions> = { size: 2 << 20, logBytes: 256 << 10 };

/**
 * An NTFS volume of 2 MiB in memory with these files, as a copy of the caller's own. The same files of the same lengths
 * stand at the same places.
 */
export function volumeOf(
  files: Readonly<Record<string, FileOptions>>,
  options: Partial<VolumeOptions> = {},
): EditedVolume {
  const key = JSON.stringify([files, options], (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  const bytes = made.get(key) ?? writtenVolume(files, options).bytes;
  if (made.size >= MOST_KEPT) made.clear();
  made.set(key, bytes);
  return new EditedVolume(bytes.slice());
}

function writtenVolume(files: Readonly<Record<string, FileOptions>>, options: Partial<VolumeOptions>): EditedVolume {
  return new EditedVolume(
    (tree) => {
      for (const [path, file] of Object.entries(files)) {
        const cut = path.lastIndexOf('/');
        tree.addFile(tree.folder(path.slice(0, cut)), path.slice(cut + 1), file);
      }
    },
    { ...SMALL, ...options },
  );
}

/** What an operation looks at of a disk: an MBR, and the NTFS volume with these bytes as number 1. */
export async function memoryDisk(bytes: Bytes, more: Partial<Volume> = {}): Promise<Disk> {
  const content: ByteSource = new MemorySource(bytes);
  const tree = await NtfsVolume.open(content);
  return diskWith({
    number: 1,
    offset: MEMORY_VOLUME.offset,
    length: bytes.length,
    fileSystem: 'ntfs',
    locked: false,
    content,
    source: content,
    ntfs: () => Promise.resolve(tree),
    fileTree: () => Promise.resolve(tree),
    ...more,
  });
}

/** The same for any volumes. */
export function diskWith(...volumes: readonly Partial<Volume>[]): Disk {
  const { offset, signature } = MEMORY_VOLUME;
  const partitions = [{ number: 1, id: mbrPartitionId(signature, offset) }];
  return { table: { kind: 'mbr', sectorSize: 512, partitions }, volumes } as unknown as Disk;
}

/** The bytes of the volume after an operation; every edit must find what it says is there. */
export function appliedTo(bytes: Bytes, { edits, volume }: RepairOperation): Bytes {
  const result = bytes.slice();
  for (const edit of edits) {
    const before = Buffer.from(edit.before, 'hex');
    const after = Buffer.from(edit.after, 'hex');
    const found = result.subarray(edit.offset, edit.offset + before.length);
    if (edit.volume !== volume || after.length !== before.length || !before.equals(found) || before.equals(after))
      throw new Error(`the edit at ${edit.offset} is none`);
    result.set(after, edit.offset);
  }
  return result;
}

/** Id and facts of a refusal. */
export async function refusalOf(work: Promise<unknown>): Promise<readonly [string, Record<string, Json>]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RefusedRepair) return [error.id, error.data];
    throw error;
  }
  throw new Error('not refused');
}
