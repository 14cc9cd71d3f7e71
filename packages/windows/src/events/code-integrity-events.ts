import { type FileTree, isDamage, type ReadOptions } from '@deadbox/core';
import type { SourceFact } from '../source-fact.js';
import type { EventRecord } from './event-chunk.js';
import { readNewestRecords } from './newest-records.js';

/** A file that Windows refused to load, because its signature or a policy does not allow it. */
export interface BlockedImage {
  /** 3004 and 3023: no valid signature; 3033 and 3077: does not meet the level or the policy that is demanded. */
  readonly eventId: number;
  /** ISO-8601 UTC. */
  readonly time: string;
  /** File as logged, e.g. `\Device\HarddiskVolume2\Windows\System32\drivers\x.sys`. */
  readonly image: string;
}

/** What the newest part of the log of code integrity says. */
export interface CodeIntegrityEvents {
  /** Newest first. */
  readonly blocked: readonly BlockedImage[];
  readonly source: SourceFact;
}

const BLOCKING: ReadonlySet<number> = new Set([3004, 3023, 3033, 3077]);
const PROVIDER = 'Microsoft-Windows-CodeIntegrity';
const CHUNKS = 4;

/**
 * Reads the newest chunks of `Microsoft-Windows-CodeIntegrity%4Operational.evtx`.
 * @param root - the Windows folder, e.g. `/Windows`
 * @returns `undefined` when there is no such log
 */
export async function readCodeIntegrityEvents(
  tree: FileTree,
  root: string,
  options: ReadOptions = {},
): Promise<CodeIntegrityEvents | undefined> {
  let path = `${root}/System32/winevt/Logs/Microsoft-Windows-CodeIntegrity%4Operational.evtx`;
  const damaged = (): CodeIntegrityEvents => ({
    blocked: [],
    source: { path, kind: 'event-log', state: 'damaged', newest: null },
  });
  try {
    const file = await tree.lookup(path, options);
    if (file?.type !== 'file') return undefined;
    path = file.path;
    const log = await readNewestRecords(await file.stream(undefined, options), CHUNKS, options);
    if (log === undefined) return damaged();
    const records = log.records.toSorted((left, right) => (left.id < right.id ? 1 : -1));
    const source: SourceFact = { path, kind: 'event-log', state: log.state, newest: records[0]?.time ?? null };
    return { blocked: records.flatMap(blockedImage), source };
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return damaged();
  }
}

function blockedImage({ provider, eventId, time, data }: EventRecord): BlockedImage[] {
  if (provider !== PROVIDER || !BLOCKING.has(eventId)) return [];
  const image = data.FileNameBuffer ?? data['File Name'] ?? data.FileName;
  return image === undefined || image === '' ? [] : [{ eventId, time, image }];
}
