import type { ReadOptions } from '@deadbox/core';
import type { NtfsVolume } from '@deadbox/ntfs';

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

/** The Windows installations of a volume: a folder called `Windows` or `WINNT` (any case), or named by a boot store, that holds `System32\drivers`. */
export async function findWindowsFolders(
  tree: NtfsVolume,
  options: ReadOptions & { includeOld?: boolean; bootRoots?: readonly string[] } = {},
): Promise<WindowsFolder[]> {
  const found: WindowsFolder[] = [];
  for (const name of NAMES) {
    const folder = await windowsAt(tree, `/${name}`, options);
    if (folder !== undefined) found.push({ path: folder, active: true });
  }
  for (const root of options.bootRoots ?? []) {
    const folder = await windowsAt(tree, `/${root.replaceAll('\\', '/').replace(/^\/+/, '')}`, options);
    if (folder !== undefined && !found.some(({ path }) => path.toUpperCase() === folder.toUpperCase()))
      found.push({ path: folder, active: true });
  }
  if (options.includeOld !== true) return found;
  const root = await tree.root(options);
  const listing = await tree.findInDirectory(root, OLD_PREFIX, options);
  for (const entry of listing.entries) {
    const folder = await windowsAt(tree, `/${entry.name}/Windows`, options);
    if (folder !== undefined) found.push({ path: folder, active: false });
  }
  return found;
}

async function windowsAt(tree: NtfsVolume, path: string, options: ReadOptions): Promise<string | undefined> {
  const folder = await tree.lookup(path, options);
  if (folder?.isDirectory !== true) return undefined;
  const drivers = await tree.lookup(`${path}/System32/drivers`, options);
  return drivers?.isDirectory === true ? folder.path : undefined;
}
