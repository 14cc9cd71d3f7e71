import { basename } from 'node:path';
import type { ByteSource, FileTree, ReadOptions } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { NtfsVolume } from '@deadbox/ntfs';
import { escapeText } from '@deadbox/report';
import { findWindowsFolders } from '@deadbox/triage';
import { Hive, type HiveLogSources } from '@deadbox/windows';
import { EXIT, UsageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import { chooseTree } from './choose-volume.node.js';
import { openTarget } from './open-target.node.js';

/** A hive and the key path that the arguments name. */
export interface OpenedHive {
  readonly hive: Hive;
  /** Key path from the hive's root; empty for the root. */
  readonly keyPath: string;
  close(): Promise<void>;
}

/** Hives in `System32\config`, by the name that `reg` calls them. */
const CONFIG_HIVES = [
  'SYSTEM',
  'SOFTWARE',
  'SAM',
  'SECURITY',
  'DEFAULT',
  'COMPONENTS',
  'DRIVERS',
  'BBI',
  'ELAM',
] as const;

/** Whether the file at `path` is a registry hive itself, not a disk. */
export async function isHiveFile(path: string): Promise<boolean> {
  const source = await openFile(path);
  try {
    if (source.size < 4096) return false;
    const head = await source.read(0, 4);
    return String.fromCharCode(...head) === 'regf';
  } finally {
    await source.close?.();
  }
}

/** Opens the hive that `image` is, or that `HIVE\key` names on the disk `image`. */
export async function openHive(
  image: string,
  argument: string | undefined,
  options: CommonOptions,
  reading: ReadOptions,
): Promise<OpenedHive> {
  if (!/^https?:/i.test(image) && (await isHiveFile(image))) return openHiveFile(image, argument ?? '', reading);
  const [name = '', ...keys] = (argument ?? '').replace(/^\\/, '').split('\\');
  const known = CONFIG_HIVES.find((candidate) => candidate === name.toUpperCase());
  if (known === undefined)
    throw new UsageError(
      `${escapeText(image)} is no hive file itself; of a disk, name a hive: ${CONFIG_HIVES.map((hive) => `${hive}\\…`).join(', ')}`,
    );
  const target = await openTarget(image, options, reading);
  try {
    const { tree } = await chooseTree(target.disk, options.volume, reading);
    const root = tree instanceof NtfsVolume ? (await findWindowsFolders(tree, reading))[0]?.path : undefined;
    const path = `${root ?? '/Windows'}/System32/config/${known}`;
    const hive = await hiveOnTree(tree, path, reading);
    return { hive, keyPath: await resolveControlSet(hive, keys.join('\\')), close: () => target.close() };
  } catch (error) {
    await target.close();
    throw error;
  }
}

/** Opens a hive file with the logs beside it. */
export async function openHiveFile(path: string, keyPath: string, reading: ReadOptions): Promise<OpenedHive> {
  const source = await openFile(path);
  const siblings = fileSiblings(path);
  const opened: ByteSource[] = [source];
  const log = async (ending: string): Promise<ByteSource | undefined> => {
    const found = await siblings.open(`${basename(path)}${ending}`);
    if (found !== undefined) opened.push(found);
    return found;
  };
  const openLogs = async (): Promise<HiveLogSources> => ({
    log1: await log('.LOG1'),
    log2: await log('.LOG2'),
    log: await log('.LOG'),
  });
  const close = async (): Promise<void> => {
    for (const one of opened) await one.close?.();
  };
  try {
    const hive = await Hive.open(source, { ...reading, openLogs });
    return { hive, keyPath: await resolveControlSet(hive, keyPath.replace(/^\\/, '')), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function hiveOnTree(tree: FileTree, path: string, reading: ReadOptions): Promise<Hive> {
  const file = await tree.lookup(path, reading);
  if (file === undefined) throw new UsageError(`${path} is not on this volume`, EXIT.notFound);
  const log = async (ending: string): Promise<ByteSource | undefined> =>
    (await tree.lookup(`${path}${ending}`, reading))?.stream('', reading);
  return Hive.open(await file.stream('', reading), {
    ...reading,
    openLogs: async () => ({ log1: await log('.LOG1'), log2: await log('.LOG2'), log: await log('.LOG') }),
  });
}

/** `CurrentControlSet` exists only in a running Windows: `Select\Current` says which set it is. */
async function resolveControlSet(hive: Hive, keyPath: string): Promise<string> {
  if (!/^CurrentControlSet(\\|$)/i.test(keyPath) || (await hive.key('CurrentControlSet')) !== undefined) return keyPath;
  const current = await (await hive.key('Select'))?.number('Current');
  return current === undefined ? keyPath : keyPath.replace(/^[^\\]+/, `ControlSet${String(current).padStart(3, '0')}`);
}
