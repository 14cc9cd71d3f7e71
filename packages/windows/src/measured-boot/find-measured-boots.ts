import { defined, type FileNode, type FileTree, fileTimeText, type ReadOptions, survive } from '@deadbox/core';
import { MAX_MEASURED_LOG_BYTES } from '../limits.js';
import { type MeasuredBoot, parseMeasuredBoot } from './event-log.js';

/** The logs of measured starts of an installation: one a start with a TPM. */
export interface MeasuredBoots {
  /** How many logs there are. Windows keeps the newest ones. */
  readonly count: number;
  /** The newest one by its name, which counts starts and resumes. */
  readonly newest?: {
    /** Path of the file. */
    readonly path: string;
    /** When it was written, ISO-8601 UTC: that start reached Windows. */
    readonly written: string | null;
    /** Absent when the file is no such log. */
    readonly log?: MeasuredBoot;
  };
}

/** `0000000012-0000000000.log`: number of the start, number of the resume. */
const NAME = /^\d{10}-\d{10}\.log$/i;

/**
 * Lists `Logs\MeasuredBoot` below a Windows folder and reads the newest log; `undefined` when there is no such folder.
 */
export async function findMeasuredBoots(
  tree: FileTree,
  root: string,
  options: ReadOptions = {},
): Promise<MeasuredBoots | undefined> {
  const folder = await tree.lookup(`${root}/Logs/MeasuredBoot`, options);
  if (folder?.type !== 'directory') return undefined;
  let count = 0;
  let newest: { readonly name: string; open(options?: ReadOptions): Promise<FileNode> } | undefined;
  for await (const batch of folder.entries(options)) {
    for (const entry of batch) {
      if (!NAME.test(entry.name)) continue;
      count += 1;
      if (newest === undefined || entry.name > newest.name) newest = entry;
    }
  }
  if (newest === undefined) return { count };
  return { count, newest: await readLog(await newest.open(options), options) };
}

async function readLog(file: FileNode, options: ReadOptions): Promise<NonNullable<MeasuredBoots['newest']>> {
  const log = await survive(
    async () => {
      const source = await file.stream(undefined, options);
      const found = parseMeasuredBoot(await source.read(0, Math.min(source.size, MAX_MEASURED_LOG_BYTES), options));
      return source.size > MAX_MEASURED_LOG_BYTES && found !== undefined ? { ...found, damaged: true } : found;
    },
    () => undefined,
    options,
  );
  return { path: file.path, written: fileTimeText(file.modified), ...defined({ log }) };
}
