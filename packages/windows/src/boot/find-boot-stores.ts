import { defined, type FileTree, type Issue, type ReadOptions, survive } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';
import { openHiveFile } from '../registry/hive-file.js';
import { type HiveHealth, unreadableHive } from '../registry/hive-health.js';
import { type BootStore, readBootStore } from './boot-store.js';

/** A boot store file of a volume. */
export interface BootStoreFile {
  /** Number of the partition that holds it. */
  readonly partition: number;
  /** Path of the file on that partition. */
  readonly path: string;
  /** Which firmware starts from it; `recovery` is the copy that only Windows' recovery uses. */
  readonly role: 'uefi' | 'bios' | 'recovery';
  /** Absent when the file is no readable store. */
  readonly store?: BootStore;
  /** The hive that the store is. */
  readonly hive?: Hive;
  /** Condition of the hive. */
  readonly health: HiveHealth;
  /** What reading it survived. */
  readonly issues: readonly Issue[];
}

const PLACES = [
  { path: '/EFI/Microsoft/Boot/BCD', role: 'uefi' },
  { path: '/Boot/BCD', role: 'bios' },
  { path: '/EFI/Microsoft/Recovery/BCD', role: 'recovery' },
] as const;

/**
 * The boot stores of a volume, readable or not.
 * @param partition - number of the volume's partition, for the results
 */
export async function findBootStores(
  tree: FileTree,
  partition: number,
  options: ReadOptions = {},
): Promise<BootStoreFile[]> {
  const files: BootStoreFile[] = [];
  for (const { path, role } of PLACES) {
    const file = await openBootStore(tree, path, partition, role, options);
    if (file.health.verdict !== 'missing') files.push(file);
  }
  return files;
}

/** Opens the boot store at `path`; damage is in `health`, never an error. */
export async function openBootStore(
  tree: FileTree,
  path: string,
  partition: number,
  role: BootStoreFile['role'],
  options: ReadOptions = {},
): Promise<BootStoreFile> {
  const { hive, health, path: stored } = await openHiveFile(tree, path, options);
  const file = { partition, path: stored, role, health, ...defined({ hive }) };
  if (hive === undefined) return { ...file, issues: [] };
  return survive(
    async (): Promise<BootStoreFile> => ({ ...file, store: await readBootStore(hive), issues: hive.issues.issues }),
    ({ code, message }) => {
      const broken = unreadableHive(stored, 'hive-unreadable', { code, message });
      return { ...file, health: broken, issues: hive.issues.issues };
    },
    options,
  );
}
