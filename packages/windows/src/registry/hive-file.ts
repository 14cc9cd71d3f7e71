import { type FileNode, type FileTree, IssueLog, isDeadboxError, type ReadOptions } from '@deadbox/core';
import { Hive, type HiveLogSources } from './hive.js';
import type { ValuePlace } from './hive-context.js';
import { type HiveHealth, healthOf, missingHive, unreadableHive } from './hive-health.js';

/** A hive of a file tree: opened where that was possible, and how healthy it is. */
export interface HiveFile {
  /** Path of the file. */
  readonly path: string;
  /** Absent when the file is missing or no hive. */
  readonly hive?: Hive;
  /** Condition of the hive. */
  readonly health: HiveHealth;
}

/** Options of {@link openHiveFile}. */
export interface OpenHiveFileOptions extends ReadOptions {
  /** Receives the hive's issues; a log of its own by default. */
  readonly issues?: IssueLog;
  /** Called for every value that is found by name. */
  readonly onValue?: (place: ValuePlace) => void;
}

/**
 * Opens a hive file of a tree by path. Its logs (`.LOG1`, `.LOG2`, else `.LOG`) are looked up only when the hive is dirty. A missing or unreadable hive
 * is a finding of `health`, never an error.
 */
export async function openHiveFile(tree: FileTree, path: string, options: OpenHiveFileOptions = {}): Promise<HiveFile> {
  const read: ReadOptions = options.signal === undefined ? {} : { signal: options.signal };
  const issues = options.issues ?? new IssueLog();
  let file: FileNode | undefined;
  try {
    file = await tree.lookup(path, read);
    if (file === undefined || file.type === 'directory') return { path, health: missingHive(path) };
    if (file.size === 0) return { path: file.path, health: unreadableHive(file.path, 'hive-empty', { size: 0 }) };
    const source = await file.stream(undefined, read);
    const hive = await Hive.open(source, {
      ...read,
      issues,
      openLogs: () => openLogs(tree, path, read),
      ...(options.onValue === undefined ? {} : { onValue: options.onValue }),
    });
    return { path: file.path, hive, health: healthOf(file.path, hive) };
  } catch (error) {
    read.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    const id =
      error.code === 'HIVE_ROOT_UNREADABLE'
        ? 'hive-root-unreadable'
        : error.code.startsWith('HIVE_')
          ? 'hive-not-regf'
          : 'hive-unreadable';
    return {
      path: file?.path ?? path,
      health: unreadableHive(file?.path ?? path, id, { code: error.code, message: error.message }),
    };
  }
}

async function openLogs(tree: FileTree, path: string, read: ReadOptions): Promise<HiveLogSources> {
  const sources: HiveLogSources = {};
  for (const [name, end] of [
    ['log1', '.LOG1'],
    ['log2', '.LOG2'],
    ['log', '.LOG'],
  ] as const) {
    const file = await tree.lookup(`${path}${end}`, read);
    if (file !== undefined && file.type === 'file' && file.size > 0) sources[name] = await file.stream(undefined, read);
  }
  return sources;
}
