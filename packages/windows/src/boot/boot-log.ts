import {
  type Bytes,
  Cursor,
  defined,
  type FileTree,
  formatFileTime,
  type ReadOptions,
  type Structure,
  structure,
  survive,
  untilNul,
  utf16Text,
} from '@deadbox/core';
import { MAX_BOOT_LOG_BYTES } from '../limits.js';
import type { SourceFact } from '../source-fact.js';

/** Places of the boot manager's log on the partition that the firmware starts from. */
export const BOOT_LOG_PATHS: readonly string[] = ['/EFI/Microsoft/Boot/BOOTSTAT.DAT', '/Boot/BOOTSTAT.DAT'];

/** Which program wrote an entry; other numbers are kept as they are. */
export const BootLogWriter = { bootManager: 2, loader: 3, resume: 4 } as const;

/** Types of entries whose meaning is known; others occur (debug blocks, 24 bytes of unknown content). */
export const BootLogType = {
  start: 0x01,
  launched: 0x11,
  returned: 0x12,
  applicationFailed: 0x13,
  bootDataFailed: 0x14,
  noValidEntry: 0x15,
  failed: 0x16,
  policyRefused: 0x32,
  systemRunning: 0x53,
} as const;

/** One entry of the log. */
export interface BootLogEntry {
  /** Byte offset in the log. */
  readonly offset: number;
  /** See {@link BootLogType}. */
  readonly type: number;
  /** 1 information, 3 error. */
  readonly level: number;
  /** See {@link BootLogWriter}. */
  readonly writer: number;
  /** Boot store object that wrote it: upper-case GUID. */
  readonly source: string;
  /** What belongs to the type. */
  readonly data: Bytes;
}

/** What went wrong before Windows ran. */
export interface BootLogFailure {
  /** 0x13 an application could not be loaded, 0x14 the boot store, 0x15 no valid entry, 0x16 in general. */
  readonly type: number;
  /** NTSTATUS, e.g. `0xC000000E`. */
  readonly status: string;
  /** File that it is about. */
  readonly path?: string;
}

/**
 * How far a run of the boot manager came. `started`: the loader was called and nothing came back, so the kernel took
 * over; `resumed`: the same of a hibernated system; `recovery`: the recovery environment was started; `failed`: the
 * last record is a failure, whose status stood on the screen; `returned`: the program that was started gave up;
 * `unknown`: nothing was started.
 */
export type BootOutcome = 'started' | 'resumed' | 'recovery' | 'failed' | 'returned' | 'unknown';

/** One run of the boot manager. */
export interface BootLogStart {
  /**
   * Time of the firmware's clock, `2024-02-21T01:05:40`: mostly local time, the log does not say of which zone. Absent
   * where the beginning of the oldest start is overwritten.
   */
  readonly at?: string;
  /** Programs that were started, in order. */
  readonly launched: readonly {
    /** Boot store object: upper-case GUID. */
    readonly entry: string;
    /** E.g. `\Windows\system32\winload.efi`. */
    readonly path: string;
    /** The entry's recovery sequence is run, not the entry itself. */
    readonly recovery: boolean;
  }[];
  readonly failures: readonly BootLogFailure[];
  readonly outcome: BootOutcome;
  /** Time that an entry of the running system carries, ISO-8601 UTC. */
  readonly running?: string;
}

/**
 * The log of the boot manager (`BOOTSTAT.DAT` of the system partition), or of the loader (behind {@link BootStatus}).
 */
export interface BootLog {
  readonly version: number;
  readonly headerSize: number;
  /** Bytes of the ring. */
  readonly logSize: number;
  /** Where the newest data ends. */
  readonly nextOffset: number;
  /** Where the oldest data begins; before version 4 the log does not say and the beginning is meant. */
  readonly firstOffset: number;
  /** From the oldest to the newest. */
  readonly entries: readonly BootLogEntry[];
  /** From the oldest to the newest; of the oldest the beginning may be overwritten. */
  readonly starts: readonly BootLogStart[];
  /** The entries do not lead from the oldest to the newest without a break, or the header names no place of the oldest. */
  readonly damaged: boolean;
}

const SOURCE = 'read off files of real machines, versions 2 to 4';

export const BOOT_LOG_HEADER_FIELDS = {
  version: [0, 'u32', 'Version of the log: 2 Windows Vista, 4 now'],
  headerSize: [4, 'u32', 'Bytes of the header'],
  logSize: [8, 'u32', 'Bytes of header and ring'],
  nextOffset: [12, 'u32', 'Where the newest data ends'],
} as const;
export const BOOT_LOG_HEADER: Structure<typeof BOOT_LOG_HEADER_FIELDS> = structure(
  'boot-log-header',
  SOURCE,
  BOOT_LOG_HEADER_FIELDS,
);
/** Where the oldest data begins; only in headers of 24 bytes. */
const FIRST_OFFSET_AT = 16;

export const BOOT_LOG_ENTRY_FIELDS = {
  timeStamp: [0, 'u64big', 'Seconds since midnight or since the start of the firmware'],
  source: [8, 'guid', 'Boot store object that wrote the entry'],
  size: [24, 'u32', 'Bytes of the entry'],
  level: [28, 'u32', 'Weight', { values: { 1: 'information', 3: 'error' } }],
  writer: [32, 'u32', 'Program that wrote it', { values: { 2: 'boot manager', 3: 'loader', 4: 'resume' } }],
  type: [36, 'u32', 'What the data is'],
} as const;
export const BOOT_LOG_ENTRY: Structure<typeof BOOT_LOG_ENTRY_FIELDS> = structure(
  'boot-log-entry',
  SOURCE,
  BOOT_LOG_ENTRY_FIELDS,
);

const FAILURES: ReadonlySet<number> = new Set([
  BootLogType.applicationFailed,
  BootLogType.bootDataFailed,
  BootLogType.noValidEntry,
  BootLogType.failed,
]);

/**
 * Parses a log. Read off files of real machines (versions 2 to 4): a header, then a ring of entries that never straddle
 * its end.
 * @returns `undefined` when the bytes do not begin with such a header
 */
export function parseBootLog(bytes: Bytes): BootLog | undefined {
  if (bytes.length < 24) return undefined;
  const cursor = new Cursor(bytes, 'boot log');
  const { version, headerSize, logSize, nextOffset } = BOOT_LOG_HEADER.read(cursor);
  const known = version >= 1 && version <= 16 && headerSize >= 16 && headerSize <= 64 && headerSize % 4 === 0;
  if (!known || logSize < headerSize || nextOffset > logSize) return undefined;
  const stored = headerSize >= 24 ? cursor.u32(FIRST_OFFSET_AT) : headerSize;
  const firstOffset = stored >= headerSize && stored <= logSize ? stored : headerSize;
  const end = Math.min(logSize, bytes.length);
  const wrapped = firstOffset > nextOffset;
  const older = readEntries(cursor, firstOffset, wrapped ? end : Math.min(nextOffset, end));
  const newer = wrapped
    ? readEntries(cursor, headerSize, Math.min(nextOffset, end))
    : { entries: [], at: Math.min(nextOffset, end) };
  const entries = [...older.entries, ...newer.entries];
  return {
    version,
    headerSize,
    logSize,
    nextOffset,
    firstOffset,
    entries,
    starts: startsOf(entries),
    damaged: firstOffset !== stored || (wrapped ? newer : older).at !== nextOffset,
  };
}

/** Entries from `from` on; `at` is where no further one begins. */
function readEntries(cursor: Cursor, from: number, end: number): { entries: BootLogEntry[]; at: number } {
  const entries: BootLogEntry[] = [];
  let at = from;
  while (at + BOOT_LOG_ENTRY.size <= end) {
    const { size, type, level, writer, source } = BOOT_LOG_ENTRY.read(cursor, at);
    if (size < BOOT_LOG_ENTRY.size || at + size > end) break;
    const data = cursor.slice(at + BOOT_LOG_ENTRY.size, size - BOOT_LOG_ENTRY.size);
    entries.push({ offset: at, type, level, writer, source, data });
    at += size;
  }
  return { entries, at };
}

type OpenStart = {
  -readonly [K in keyof BootLogStart]: BootLogStart[K] extends readonly (infer T)[] ? T[] : BootLogStart[K];
};

const newStart = (): OpenStart => ({ launched: [], failures: [], outcome: 'unknown' });

function startsOf(entries: readonly BootLogEntry[]): BootLogStart[] {
  const starts: OpenStart[] = [];
  for (const { type, data } of entries) {
    if (type === BootLogType.start) starts.push(newStart());
    else if (!TOLD.has(type)) continue;
    else if (starts.length === 0) starts.push(newStart());
    takeEntry(starts[starts.length - 1], type, new Cursor(data, 'boot log'));
  }
  return starts;
}

function takeEntry(start: OpenStart, type: number, data: Cursor): void {
  if (type === BootLogType.start && data.length >= 12) start.at = clockText(data);
  else if (type === BootLogType.launched && data.length >= 20) {
    const launched = { entry: data.guid(0), path: textAt(data, 20), recovery: data.u32(16) !== NORMAL };
    start.launched.push(launched);
    start.outcome = /winresume\.(efi|exe)$/i.test(launched.path)
      ? 'resumed'
      : launched.recovery
        ? 'recovery'
        : 'started';
  } else if (type === BootLogType.returned) start.outcome = 'returned';
  else if (type === BootLogType.systemRunning && data.length >= 8) {
    const time = formatFileTime(data.u64(0));
    if (time !== undefined) start.running = time;
  } else if (FAILURES.has(type) && data.length >= 4) {
    start.failures.push(failureOf(type, data));
    start.outcome = 'failed';
  }
}

/** What is told of a start whose beginning is overwritten. */
const TOLD: ReadonlySet<number> = new Set([
  BootLogType.launched,
  BootLogType.returned,
  BootLogType.systemRunning,
  ...FAILURES,
]);

/** Kind of a launch in which the entry itself is started; 1, 2 and 5 were seen on recovery environments. */
const NORMAL = 0;

/** The last failure of a log, with the start that it belongs to. */
export interface LastBootFailure extends BootLogFailure {
  /** Clock of that start, see {@link BootLogStart.at}. */
  readonly at?: string;
  /**
   * It belongs to the newest start, and nothing but a recovery environment was started after it: its status was the
   * last thing on the screen.
   */
  readonly newest: boolean;
}

/** The failure that a log recorded last; of a general one, the file that the same start named with the same status. */
export function lastBootFailure(log: BootLog): LastBootFailure | undefined {
  const start = log.starts.findLast(({ failures }) => failures.length > 0);
  const failure = start?.failures.at(-1);
  if (start === undefined || failure === undefined) return undefined;
  const path = failure.path ?? start.failures.findLast((one) => one.status === failure.status && one.path)?.path;
  const final = start.outcome === 'failed' || start.outcome === 'recovery';
  return { ...failure, ...defined({ at: start.at, path }), newest: final && start === log.starts.at(-1) };
}

/** A code integrity policy that the boot manager or the loader could not use; most machines start all the same. */
export interface RefusedPolicy {
  /** NTSTATUS, e.g. `0xC0E90002`. */
  readonly status: string;
  readonly path: string;
}

/** The policies that the newest start of a log could not use, each once. */
export function refusedPolicies({ entries }: BootLog): RefusedPolicy[] {
  const newest = entries.slice(entries.findLastIndex(({ type }) => type === BootLogType.start) + 1);
  const found = new Map<string, RefusedPolicy>();
  for (const { type, data } of newest) {
    if (type !== BootLogType.policyRefused || data.length < POLICY_PATH_AT) continue;
    const cursor = new Cursor(data, 'boot log');
    const path = textAt(cursor, POLICY_PATH_AT);
    if (path !== '') found.set(path.toUpperCase(), { status: statusText(cursor.u32(POLICY_STATUS_AT)), path });
  }
  return [...found.values()];
}

/** Places in the data of such an entry, behind two numbers whose meaning is open. */
const POLICY_STATUS_AT = 8;
const POLICY_PATH_AT = 12;

const statusText = (status: number): string => `0x${status.toString(16).toUpperCase().padStart(8, '0')}`;

function failureOf(type: number, cursor: Cursor): BootLogFailure {
  const path = textAt(cursor, 4);
  const status = statusText(cursor.u32(0));
  return defined({ type, status, path: type === BootLogType.failed || path === '' ? undefined : path });
}

function textAt(cursor: Cursor, at: number): string {
  return untilNul(utf16Text(cursor.slice(Math.min(at, cursor.length), Math.max(0, cursor.length - at))));
}

/** Year, month, day, hour, minute, second as 16-bit numbers. */
function clockText(cursor: Cursor): string {
  const [year, ...rest] = [0, 2, 4, 6, 8, 10].map((at) => String(cursor.u16(at)).padStart(2, '0'));
  return `${year.padStart(4, '0')}-${rest[0]}-${rest[1]}T${rest[2]}:${rest[3]}:${rest[4]}`;
}

/** A boot manager's log of a volume. */
export interface BootLogFile {
  /** Path of the file. */
  readonly path: string;
  /** Absent when the file is no such log. */
  readonly log?: BootLog;
  /** The file as a source. The time of its newest record is the firmware's clock, without a zone. */
  readonly source: SourceFact;
}

/** Reads the boot manager's logs of a volume, in both places; an unreadable one is damaged, never an error. */
export async function findBootLogs(tree: FileTree, options: ReadOptions = {}): Promise<BootLogFile[]> {
  const files: (BootLogFile | undefined)[] = [];
  for (const path of BOOT_LOG_PATHS) files.push(await readBootLog(tree, path, options));
  return files.filter((file) => file !== undefined);
}

/** Reads the log at `path`: damaged where it goes on behind what is read; `undefined` when there is no such file. */
export async function readBootLog(
  tree: FileTree,
  path: string,
  options: ReadOptions = {},
): Promise<BootLogFile | undefined> {
  let stored = path;
  return survive(
    async () => {
      const file = await tree.lookup(path, options);
      if (file?.type !== 'file') return undefined;
      stored = file.path;
      const source = await file.stream(undefined, options);
      const log = parseBootLog(await source.read(0, Math.min(source.size, MAX_BOOT_LOG_BYTES), options));
      return fileOf(stored, source.size > MAX_BOOT_LOG_BYTES && log !== undefined ? { ...log, damaged: true } : log);
    },
    () => fileOf(stored, undefined),
    options,
  );
}

function fileOf(path: string, log: BootLog | undefined): BootLogFile {
  const newest = log?.starts.at(-1)?.at ?? null;
  const state = log === undefined || log.damaged ? 'damaged' : 'whole';
  return { path, ...defined({ log }), source: { path, kind: 'boot-log', state, newest } };
}
