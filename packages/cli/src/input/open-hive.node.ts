import { basename } from 'node:path';
import type { ByteSource, FileTree, ReadOptions } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { NtfsVolume } from '@deadbox/ntfs';
import { findWindowsFolders } from '@deadbox/triage';
import { Hive, type HiveLogSources } from '@deadbox/windows';
import { EXIT, usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import { chooseTree } from './choose-volume.node.js';
import { openTarget } from './open-target.node.js';
import type { Session } from './session.node.js';
import { isUrl } from './targets.node.js';

/** A hive and the key path that the arguments name. */
export interface OpenedHive {
  readonly hive: Hive;
  /** Key path from the hive's root; empty for the root. */
  readonly keyPath: string;
  close(): Promise<void>;
}

/** Hives in `System32\config`, by the name that `reg` calls them. */
export const CONFIG_HIVES = [
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

const LOG_ENDINGS = ['.LOG1', '.LOG2', '.LOG'];

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
  session: Session,
): Promise<OpenedHive> {
  const reading = { signal: session.signal };
  if (!isUrl(image) && (await isHiveFile(image))) return openHiveFile(image, argument ?? '', session);
  const [name = '', ...keys] = (argument ?? '').replace(/^\\/, '').split('\\');
  const known = CONFIG_HIVES.find((candidate) => candidate === name.toUpperCase());
  if (known === undefined) throw usageError('not-a-hive', { name: image, hives: CONFIG_HIVES });
  const target = await openTarget(image, options, session);
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
export async function openHiveFile(path: string, keyPath: string, session: Session): Promise<OpenedHive> {
  // Logs that a closed hive does not need are still its logs.
  session.inputs.add(path, ...LOG_ENDINGS.map((ending) => path + ending));
  const source = await openFile(path);
  const siblings = fileSiblings(path);
  const opened: ByteSource[] = [source];
  const log = async (ending: string): Promise<ByteSource | undefined> => {
    const found = await siblings.open(`${basename(path)}${ending}`);
    if (found !== undefined) opened.push(found);
    if (found?.name !== undefined) session.inputs.add(found.name);
    return found;
  };
  const close = async (): Promise<void> => {
    for (const one of opened) await one.close?.();
  };
  try {
    const hive = await Hive.open(source, { signal: session.signal, openLogs: () => openLogs(log) });
    return { hive, keyPath: await resolveControlSet(hive, keyPath.replace(/^\\/, '')), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function hiveOnTree(tree: FileTree, path: string, reading: ReadOptions): Promise<Hive> {
  const file = await tree.lookup(path, reading);
  if (file === undefined) throw usageError('not-on-volume', { path, meant: null }, EXIT.notFound);
  const log = async (ending: string): Promise<ByteSource | undefined> =>
    (await tree.lookup(`${path}${ending}`, reading))?.stream('', reading);
  return Hive.open(await file.stream('', reading), {
    ...reading,
    openLogs: () => openLogs(log),
  });
}

/** The logs of a hive, by the endings of their names: two in newer Windows, one in older. */
async function openLogs(open: (ending: string) => Promise<ByteSource | undefined>): Promise<HiveLogSources> {
  return { log1: await open('.LOG1'), log2: await open('.LOG2'), log: await open('.LOG') };
}

/** `CurrentControlSet` exists only in a running Windows: `Select\Current` says which set it is. */
export async function resolveControlSet(hive: Hive, keyPath: string): Promise<string> {
  if (!/^CurrentControlSet(\\|$)/i.test(keyPath) || (await hive.key('CurrentControlSet')) !== undefined) return keyPath;
  const current = await (await hive.key('Select'))?.number('Current');
  return current === undefined ? keyPath : keyPath.replace(/^[^\\]+/, `ControlSet${String(current).padStart(3, '0')}`);
}
