import { type ReadOptions, survive } from '@deadbox/core';
import type { NtfsVolume, PathSearch } from '@deadbox/ntfs';
import { MAX_INSTALLATIONS } from '../limits.js';

/** A folder in a volume's root that holds a Windows. */
export interface WindowsFolder {
  /** Path with the names as stored. */
  readonly path: string;
  /** False for `Windows.old`. */
  readonly active: boolean;
}

/** Names that Windows setup gives its folder. */
const NAMES: readonly string[] = ['Windows', 'WINNT'];
/** Where setup moves an older Windows. */
const OLD_PREFIX = 'Windows.old';

/** What came of looking for Windows on a volume. */
export interface WindowsSearch {
  readonly folders: readonly WindowsFolder[];
  /** Nothing contradicts the indexes on the way: a Windows that was not found is not there. */
  readonly complete: boolean;
}

/** Where Windows is looked for. */
export interface FindWindowsOptions extends ReadOptions {
  readonly includeOld?: boolean;
  /** Folders that boot stores name. */
  readonly bootRoots?: readonly string[];
}

/**
 * The Windows installations of a volume: a folder called `Windows` or `WINNT` (any case), or named by a boot store,
 * that holds `System32\drivers`.
 */
export async function findWindowsFolders(
  tree: NtfsVolume,
  options: FindWindowsOptions = {},
): Promise<readonly WindowsFolder[]> {
  return (await searchWindows(tree, options)).folders;
}

/**
 * The same, and whether anything may have been missed. A folder whose `System32\drivers` cannot be looked for, because
 * something on the way is damaged, counts as an installation: that it is none is not proven.
 */
export async function searchWindows(tree: NtfsVolume, options: FindWindowsOptions = {}): Promise<WindowsSearch> {
  const folders: WindowsFolder[] = [];
  const looked = new Set<string>();
  const records = new Set<number>();
  let complete = true;
  const look = async (path: string, active: boolean): Promise<void> => {
    const key = path.toUpperCase();
    if (looked.has(key)) return;
    looked.add(key);
    if (folders.length >= MAX_INSTALLATIONS) {
      complete = false;
      return;
    }
    const found = await windowsAt(tree, path, options);
    if (!found.complete) complete = false;
    const { folder, record } = found;
    // One folder has one name; a hostile index gives it thousands, and each would be scanned.
    if (folder === undefined || record === undefined || records.has(record)) return;
    records.add(record);
    folders.push({ path: folder, active });
  };
  for (const name of NAMES) await look(`/${name}`, true);
  for (const root of options.bootRoots ?? []) await look(`/${root.replaceAll('\\', '/').replace(/^\/+/, '')}`, true);
  if (options.includeOld === true) {
    const listing = await tree.findInDirectory(await tree.root(options), OLD_PREFIX, options);
    for (const entry of listing.entries) await look(`/${entry.name}/Windows`, false);
  }
  return { folders, complete };
}

async function windowsAt(
  tree: NtfsVolume,
  path: string,
  options: ReadOptions,
): Promise<{ folder?: string; record?: number; complete: boolean }> {
  const { file, complete } = await search(tree, path, options);
  if (file?.isDirectory !== true) return { complete };
  const drivers = await search(tree, `${path}/System32/drivers`, options);
  const holds = drivers.file?.isDirectory === true || !drivers.complete;
  return { complete: complete && drivers.complete, ...(holds ? { folder: file.path, record: file.record } : {}) };
}

/** A search that damage of the file's own record does not end. */
function search(tree: NtfsVolume, path: string, options: ReadOptions): Promise<Pick<PathSearch, 'file' | 'complete'>> {
  return survive<Promise<Pick<PathSearch, 'file' | 'complete'>>, { complete: boolean }>(
    () => tree.search(path, options),
    () => ({ complete: false }),
    options,
  );
}
