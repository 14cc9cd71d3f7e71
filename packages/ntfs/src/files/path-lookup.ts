import { isDamage, type MaybePromise, type ReadOptions, splitPath } from '@deadbox/core';
import { NameSpace } from '../attributes/file-name.js';
import { ntfsError } from '../errors.js';
import { AttributeSet } from '../record/attribute-set.js';
import type { FileReference } from '../record/file-reference.js';
import { ROOT_RECORD } from '../record/known-records.js';
import { isDirectoryRecord } from './file-kind.js';
import { findNames } from './find-names.js';
import type { DirectoryHandle, KnownName } from './known-names.js';
import type { NamedReference } from './named-reference.js';
import { NtfsFile, openNamed } from './ntfs-file.js';
import type { SearchState } from './search-state.js';
import type { VolumeContext } from './volume-context.js';

/**
 * Finds a file by path through the directory indexes. Where anything contradicts an index on the way, `$MFT` is
 * searched, and `state` tells.
 * @returns `undefined` when there is no such name
 */
export async function lookupPath(
  context: VolumeContext,
  path: string,
  state: SearchState,
  options?: ReadOptions,
): Promise<NtfsFile | undefined> {
  const parts = splitPath(path);
  const last = parts.pop();
  if (last === undefined) return openRoot(context, options);
  let directory = await rootHandle(context, options);
  let directoryPath = '/';
  for (const part of parts) {
    const known = await findChild(context, directory, part, state, options);
    const [child] = known.found;
    const next = child && (await directoryOf(context, known, state, options));
    if (next === undefined) return undefined;
    directory = next;
    directoryPath = directoryPath === '/' ? `/${child.fileName.name}` : `${directoryPath}/${child.fileName.name}`;
  }
  const [found] = (await findChild(context, directory, last, state, options)).found;
  return found && openNamed(context, found, directoryPath, options);
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

/** One name of a directory: none or one, known or searched for. */
function findChild(
  context: VolumeContext,
  directory: DirectoryHandle,
  name: string,
  state: SearchState,
  options?: ReadOptions,
): MaybePromise<KnownName> {
  const match = `equal:${name}`;
  const { known } = context;
  return (
    known.get(directory.reference, match) ??
    known.search(directory.reference, match, state, async () => {
      const found = await searchChild(context, directory, name, state, options);
      return found === undefined ? [] : [found];
    })
  );
}

/**
 * One name of a directory, by whichever route has it: exact case first, then any; one that its record denies only when
 * there is no other.
 */
async function searchChild(
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
  const { known } = context;
  if (known.root !== undefined) return known.root;
  const handle = await readHandle(context, { record: ROOT_RECORD, sequence: 0 }, options);
  const { attributes } = handle;
  if (attributes !== undefined && !attributes.base.damaged && !attributes.hasList) known.root = handle;
  return handle;
}

/**
 * The directory that a name leads to; without attributes when its record cannot be read, `undefined` when it is no
 * directory.
 */
async function directoryOf(
  context: VolumeContext,
  known: KnownName,
  state: SearchState,
  options?: ReadOptions,
): Promise<DirectoryHandle | undefined> {
  if (known.directory !== undefined) return known.directory;
  const handle = await readHandle(context, known.found[0].reference, options);
  const { attributes } = handle;
  if (attributes === undefined) return handle;
  const { base } = attributes;
  if (!isDirectoryRecord(base, await attributes.all(undefined, options), state.found)) return undefined;
  // What may still have to be said of it is said again to each search.
  if (state.complete && !base.damaged && !attributes.hasList) known.directory = handle;
  return handle;
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
