import { defined, type FileNode, type FileTree, type ReadOptions } from '@deadbox/core';

/** A folder that holds an installation of Windows. */
export interface WindowsInstallation {
  /** Absolute path with the names as stored, e.g. `/Windows`. */
  readonly path: string;
  /** False for an earlier installation that was moved aside (`/Windows.old/Windows`). */
  readonly active: boolean;
  /** Why the folder is taken for one. */
  readonly foundBy: 'name' | 'boot-store';
  /** Files below the folder that every start needs and that are not there: a finding, not a reason to ignore it. */
  readonly missing: readonly string[];
}

/** Options of {@link findInstallations}. */
export interface FindInstallationsOptions extends ReadOptions {
  /** System roots that boot stores name for this volume, e.g. `\Windows` (element 0x22000002). */
  readonly bootRoots?: readonly string[];
}

const NEEDED = ['System32/config/SYSTEM', 'System32/config/SOFTWARE', 'System32/ntoskrnl.exe'] as const;
/** Folders that Setup moves an earlier installation to. */
const MOVED_ASIDE = /^windows\.old(\.\d{3})?$/i;
const ROOT_NAME = /^(windows|winnt)$/i;

/**
 * The Windows installations of a volume: folders in its root that hold `System32\drivers` and are called `Windows` or
 * `WINNT` (any case), or that a boot store names; and, inactive, those inside `Windows.old`. Reads the names of the
 * root that begin with `win`, not the volume.
 */
export async function findInstallations(
  tree: FileTree,
  options: FindInstallationsOptions = {},
): Promise<WindowsInstallation[]> {
  const read: ReadOptions = defined({ signal: options.signal });
  const found = new Map<string, WindowsInstallation>();
  const add = async (path: string, active: boolean, foundBy: WindowsInstallation['foundBy']): Promise<void> => {
    const installation = await examine(tree, path, active, foundBy, read);
    const key = installation?.path.toUpperCase();
    if (installation !== undefined && key !== undefined && !found.has(key)) found.set(key, installation);
  };
  const root = await tree.lookup('/', read);
  if (root === undefined) return [];
  for (const name of await namesOf(root, read)) {
    if (ROOT_NAME.test(name)) await add(`/${name}`, true, 'name');
    if (MOVED_ASIDE.test(name)) for (const inner of ['Windows', 'WINNT']) await add(`/${name}/${inner}`, false, 'name');
  }
  for (const bootRoot of options.bootRoots ?? []) await add(bootRoot, true, 'boot-store');
  return [...found.values()];
}

async function namesOf(root: FileNode, read: ReadOptions): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of root.entries({ ...read, prefix: 'win' })) for (const entry of batch) names.push(entry.name);
  return names;
}

async function examine(
  tree: FileTree,
  path: string,
  active: boolean,
  foundBy: WindowsInstallation['foundBy'],
  read: ReadOptions,
): Promise<WindowsInstallation | undefined> {
  const folder = await tree.lookup(path, read);
  if (folder === undefined || folder.type !== 'directory') return undefined;
  const drivers = await tree.lookup(`${folder.path}/System32/drivers`, read);
  if (drivers === undefined || drivers.type !== 'directory') return undefined;
  const missing: string[] = [];
  for (const needed of NEEDED)
    if ((await tree.lookup(`${folder.path}/${needed}`, read)) === undefined) missing.push(needed);
  return { path: folder.path, active, foundBy, missing };
}
