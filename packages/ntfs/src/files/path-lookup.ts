import { isDamage, type ReadOptions, splitPath } from '@deadbox/core';
import { NameSpace } from '../attributes/file-name.js';
import { ntfsError } from '../errors.js';
import { AttributeSet } from '../record/attribute-set.js';
import type { FileReference } from '../record/file-reference.js';
import { ROOT_RECORD } from '../record/known-records.js';
import { isDirectoryRecord } from './file-kind.js';
import { type DirectoryHandle, findNames } from './find-names.js';
import type { NamedReference } from './named-reference.js';
import { NtfsFile, openNamed } from './ntfs-file.js';
import type { SearchState } from './search-state.js';
import type { VolumeContext } from './volume-context.js';

/**
 * Finds a file by path through the directory indexes. Where anything contradicts an index on the way, `$MFT` is searched, and `state` tells.
 * @returns `undefined` when there is no such name
 */
export async function lookupPath(
  context: VolumeContext,
  path: string,
  state: SearchState,
  options?: ReadOptions,
): Promise<NtfsFile | undefined> {
  let directory = await rootHandle(context, options);
  let directoryPath = '/';
  const parts = splitPath(path);
  if (parts.length === 0) return openRoot(context, options);
  for (const [index, part] of parts.entries()) {
    const found = await findChild(context, directory, part, state, options);
    if (found === undefined) return undefined;
    if (index === parts.length - 1) return openNamed(context, found, directoryPath, options);
    const next = await directoryOf(context, found, state, options);
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

/** One name of a directory, by whichever route has it: exact case first, then any; one that its record denies only when there is no other. */
async function findChild(
  context: VolumeContext,
  directory: DirectoryHandle,
  name: string,
  state: SearchState,
  options?: ReadOptions,
): Promise<NamedReference | undefined> {
  let best: NamedReference | undefined;
  let denied: NamedReference | undefined;
  for await (const batch of findNames(context, directory, { text: name, match: 'equal' }, state, options)) {
    for (const found of batch) {
      if (found.contradicted === 'entry-name') denied ??= found;
      // Names equal but for case live side by side only where POSIX rules made them.
      else if (found.fileName.name === name || found.fileName.nameSpace !== NameSpace.posix) return found;
      else best ??= found;
    }
  }
  return best ?? denied;
}

async function rootHandle(context: VolumeContext, options?: ReadOptions): Promise<DirectoryHandle> {
  return readHandle(context, { record: ROOT_RECORD, sequence: 0 }, options);
}

/** The directory that a name leads to; without attributes when its record cannot be read, `undefined` when it is no directory. */
async function directoryOf(
  context: VolumeContext,
  named: NamedReference,
  state: SearchState,
  options?: ReadOptions,
): Promise<DirectoryHandle | undefined> {
  const handle = await readHandle(context, named.reference, options);
  const { attributes } = handle;
  if (attributes === undefined) return handle;
  return isDirectoryRecord(attributes.base, await attributes.all(undefined, options), state.found) ? handle : undefined;
}

async function readHandle(
  context: VolumeContext,
  reference: FileReference,
  options?: ReadOptions,
): Promise<DirectoryHandle> {
  try {
    const base = await context.reader.read(reference.record, options);
    return { reference, attributes: new AttributeSet(context.reader, base, context.issues) };
  } catch (error) {
    // The search notes it, and goes on through $MFT.
    if (!isDamage(error, options?.signal)) throw error;
    return { reference, attributes: undefined, reason: error.message };
  }
}
