import {
  type ByteSource,
  defined,
  type FileTree,
  fileTimeText,
  IssueLog,
  type ReadOptions,
  survive,
} from '@deadbox/core';
import type { SourceFact } from '../source-fact.js';
import { Hive, type HiveLogSources } from './hive.js';
import type { ValuePlace } from './hive-context.js';
import {
  checkHiveBins,
  type HiveHealth,
  type HiveHealthFindingId,
  healthOf,
  missingHive,
  unreadableHive,
} from './hive-health.js';

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
  /**
   * Follow the chain of hive bins, which reads the whole hive: without it nobody knows that a hive is clean. Default
   * true.
   */
  readonly checkBins?: boolean;
}

/**
 * Opens a hive file of a tree by path. Its logs (`.LOG1`, `.LOG2`, else `.LOG`) are looked up only when the hive is
 * dirty. A missing or unreadable hive is a finding of `health`, never an error.
 */
export async function openHiveFile(tree: FileTree, path: string, options: OpenHiveFileOptions = {}): Promise<HiveFile> {
  const read: ReadOptions = defined({ signal: options.signal });
  const { issues = new IssueLog(), onValue } = options;
  let stored = path;
  return survive(
    async (): Promise<HiveFile> => {
      const file = await tree.lookup(path, read);
      if (file === undefined || file.type === 'directory') return { path, health: missingHive(path) };
      stored = file.path;
      if (file.size === 0) return { path: stored, health: unreadableHive(stored, 'hive-empty', { size: 0 }) };
      const source = await file.stream(undefined, read);
      const openLogs = (): Promise<HiveLogSources> => findLogs(tree, path, read);
      const hive = await Hive.open(source, { ...read, issues, openLogs, ...defined({ onValue }) });
      const health = healthOf(stored, hive);
      const checked = options.checkBins === false ? health : await checkHiveBins(health, hive, read);
      return { path: stored, hive: hive.bounded(), health: checked };
    },
    ({ code, message }) => ({ path: stored, health: unreadableHive(stored, findingOf(code), { code, message }) }),
    read,
  );
}

function findingOf(code: string): HiveHealthFindingId {
  if (code === 'HIVE_ROOT_UNREADABLE') return 'hive-root-unreadable';
  return code.startsWith('HIVE_') ? 'hive-not-regf' : 'hive-unreadable';
}

async function findLogs(tree: FileTree, path: string, read: ReadOptions): Promise<HiveLogSources> {
  const log = async (end: string): Promise<ByteSource | undefined> => {
    const file = await tree.lookup(`${path}${end}`, read);
    return file?.type === 'file' && file.size > 0 ? file.stream(undefined, read) : undefined;
  };
  return { log1: await log('.LOG1'), log2: await log('.LOG2'), log: await log('.LOG') };
}

/** A hive file as a source: `stale` where its log holds newer records, which were read as well. */
export function hiveSource({ path, health, hive }: HiveFile): SourceFact {
  const { verdict } = health;
  const state =
    verdict === 'missing' ? 'absent' : verdict === 'damaged' ? 'damaged' : verdict === 'clean' ? 'whole' : 'stale';
  return { path, kind: 'hive', state, newest: fileTimeText(hive?.root.lastWritten) };
}
