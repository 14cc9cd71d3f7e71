import type { ReadOptions } from '@deadbox/core';
import { addIssue, ntfsError } from '../errors.js';
import type { NamedReference } from './directory-listing.js';
import { isAlive, longNameFor } from './file-naming.js';
import { NtfsFile } from './ntfs-file.js';
import type { VolumeContext } from './volume-context.js';

/**
 * Opens the file that a directory's name leads to.
 * @throws DeadboxError `NTFS_ENTRY_STALE` when its record is free or has another sequence number; what reading a record throws
 */
export async function openNamed(
  context: VolumeContext,
  named: NamedReference,
  directoryPath: string,
  options?: ReadOptions,
): Promise<NtfsFile> {
  const { reference, fileName } = named;
  const base = await context.reader.read(reference.record, options);
  if (!isAlive(base, reference)) {
    throw ntfsError(
      'NTFS_ENTRY_STALE',
      `The directory entry "${fileName.name}" names record ${reference.record}, sequence ${reference.sequence}, which is ${base.inUse ? `sequence ${base.sequence}` : 'free'}`,
      { ...base.place, record: reference.record },
      { name: fileName.name, expected: reference.sequence, found: base.sequence, inUse: base.inUse },
    );
  }
  return NtfsFile.open(
    context,
    base,
    (names) => {
      if (!names.some((name) => name.parent.record === fileName.parent.record && name.name === fileName.name)) {
        addIssue(
          context.issues,
          'ntfs.index-mismatch',
          { ...base.place, record: base.number },
          { name: fileName.name, parent: fileName.parent.record, found: 'the record has no such name' },
        );
      }
      const name = longNameFor(names, fileName);
      return { name, path: directoryPath === '/' ? `/${name}` : `${directoryPath}/${name}`, entry: named };
    },
    options,
  );
}
