import type { FileNode } from '@deadbox/core';
import { BootLogType, parseBootLog } from '@deadbox/windows';
import { BOOT_LOG_ENTRY, BOOT_LOG_HEADER } from '@deadbox/windows/internals';
import { MAX_WALK_CONTENT } from '../limits.js';
import { pointer, type Trail, term } from './trail.js';

const MAX_LOG_BYTES: number = 1 << 20;

/** The steps from the first byte of a boot manager's log to the record of its last failure, or to its last record. */
export async function bootLogSteps(trail: Trail, file: FileNode): Promise<boolean> {
  const source = await file.stream(undefined, trail.options);
  const log = parseBootLog(await source.read(0, Math.min(source.size, MAX_LOG_BYTES), trail.options));
  if (log === undefined) return false;
  const failed = log.entries.findLast(({ type }) => FAILED.has(type));
  const entry = failed ?? log.entries.at(-1);
  await trail.add({
    id: 'boot-log-header',
    data: { path: file.path, version: log.version, entries: log.entries.length, starts: log.starts.length, at: 0 },
    source,
    offset: 0,
    length: Math.max(BOOT_LOG_HEADER.size, log.headerSize),
    tables: [{ table: BOOT_LOG_HEADER, at: 0 }],
    keys: ['headerSize', 'nextOffset'],
    ...(entry === undefined ? {} : { next: pointer('file', term('entry', entry.offset)) }),
  });
  if (entry === undefined) return false;
  const failure = failed === undefined ? undefined : log.starts.flatMap(({ failures }) => failures).at(-1);
  await trail.add({
    id: 'boot-log-entry',
    data: {
      at: entry.offset,
      number: log.entries.indexOf(entry) + 1,
      status: failure?.status ?? null,
      file: failure?.path ?? null,
    },
    source,
    offset: entry.offset,
    length: Math.min(BOOT_LOG_ENTRY.size + entry.data.length, MAX_WALK_CONTENT),
    tables: [{ table: BOOT_LOG_ENTRY, at: 0 }],
    keys: ['level', 'writer', 'type'],
  });
  return true;
}

/** Types of records that tell a failure. */
const FAILED: ReadonlySet<number> = new Set([
  BootLogType.applicationFailed,
  BootLogType.bootDataFailed,
  BootLogType.noValidEntry,
  BootLogType.failed,
]);
