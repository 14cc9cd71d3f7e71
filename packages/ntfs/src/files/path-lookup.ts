import { type ReadOptions, splitPath } from '@deadbox/core';
import { NameSpace } from '../attributes/file-name.js';
import { addIssue, isSurvivable, ntfsError } from '../errors.js';
import { AttributeSet } from '../record/attribute-set.js';
import type { FileRecord } from '../record/file-record.js';
import { ROOT_RECORD } from '../record/file-reference.js';
import { type DirectoryHandle, findNames, type NamedReference } from './directory-listing.js';
import { isAlive } from './file-naming.js';
import { NtfsFile } from './ntfs-file.js';
import type { VolumeContext } from './volume-context.js';

/**
 * Finds a file by path through the directory indexes. A directory whose record or index is damaged on the way is searched through `$MFT`.
 * @returns `undefined` when there is no such name
 */
export async function lookupPath(
  context: VolumeContext,
  path: string,
  options?: ReadOptions,
): Promise<NtfsFile | undefined> {
  let directory = await rootHandle(context, options);
  let directoryPath = '/';
  const parts = splitPath(path);
  if (parts.length === 0) return openRoot(context, options);
  for (const [index, part] of parts.entries()) {
    const found = await findChild(context, directory, part, options);
    if (found === undefined) return undefined;
    if (index === parts.length - 1) return context.openNamed(found, directoryPath, options);
    const next = await directoryOf(context, found, options);
    if (next === undefined) return undefined;
    directory = next;
    directoryPath = directoryPath === '/' ? `/${found.fileName.name}` : `${directoryPath}/${found.fileName.name}`;
  }
  return undefined;
}

/**
 * The root directory.
 * @throws what reading record 5 throws
 */
export async function openRoot(context: VolumeContext, options?: ReadOptions): Promise<NtfsFile> {
  const base = await context.reader.read(ROOT_RECORD, options);
  if (!base.isDirectory)
    throw ntfsError('NTFS_NOT_A_DIRECTORY', `File record ${ROOT_RECORD}, the root, is no directory`, base.place);
  return NtfsFile.open(context, base, () => ({ name: '', path: '/' }), options);
}

/** One name of a directory, by whichever route has it: exact case first, then any. */
async function findChild(
  context: VolumeContext,
  directory: DirectoryHandle,
  name: string,
  options?: ReadOptions,
): Promise<NamedReference | undefined> {
  const state = { complete: true, foundBy: 'index' as const };
  let best: NamedReference | undefined;
  for await (const batch of findNames(context, directory, { text: name, match: 'equal' }, state, options)) {
    for (const found of batch) {
      if (!(await leadsSomewhere(context, found, options))) continue;
      // Names equal but for case live side by side only where POSIX rules made them.
      if (found.fileName.name === name || found.fileName.nameSpace !== NameSpace.posix) return found;
      best ??= found;
    }
  }
  return best;
}

/** Whether an index entry's record is what the entry means. A record that cannot be read is: the caller's open then says why. */
async function leadsSomewhere(context: VolumeContext, found: NamedReference, options?: ReadOptions): Promise<boolean> {
  if (found.foundBy === 'mft') return true;
  let base: FileRecord;
  try {
    base = await context.reader.read(found.reference.record, options);
  } catch (error) {
    if (!isSurvivable(error, options)) throw error;
    return true;
  }
  if (isAlive(base, found.reference)) return true;
  addIssue(
    context.issues,
    'ntfs.index-mismatch',
    {
      offset: found.place === undefined ? base.place.offset : found.place.nodeOffset + found.place.entryOffset,
      record: found.reference.record,
    },
    { name: found.fileName.name, expected: found.reference.sequence, found: base.sequence, inUse: base.inUse },
  );
  return false;
}

async function rootHandle(context: VolumeContext, options?: ReadOptions): Promise<DirectoryHandle> {
  const reference = { record: ROOT_RECORD, sequence: 0 };
  return { reference, attributes: await readAttributes(context, ROOT_RECORD, options) };
}

/** The directory that a name leads to; without attributes when its record cannot be read, `undefined` when it is no directory. */
async function directoryOf(
  context: VolumeContext,
  found: NamedReference,
  options?: ReadOptions,
): Promise<DirectoryHandle | undefined> {
  const attributes = await readAttributes(context, found.reference.record, options);
  if (attributes !== undefined && !attributes.base.isDirectory) return undefined;
  return { reference: found.reference, attributes };
}

async function readAttributes(
  context: VolumeContext,
  record: number,
  options?: ReadOptions,
): Promise<AttributeSet | undefined> {
  try {
    return new AttributeSet(context.reader, await context.reader.read(record, options), context.issues);
  } catch (error) {
    if (!isSurvivable(error, options)) throw error;
    addIssue(context.issues, 'ntfs.record', { offset: 0, record }, { reason: (error as Error).message });
    return undefined;
  }
}
