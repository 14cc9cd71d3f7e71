import {
  type ByteSource,
  CachedSource,
  Cursor,
  DeadboxError,
  type FileTime,
  fileTimeOf,
  IssueLog,
  type ReadOptions,
} from '@deadbox/core';
import type { WindowsErrorCode, WindowsIssueCode } from '../errors.js';
import { BASE_BLOCK_BYTES, type BaseBlock, parseBaseBlock, plausibleBinsSize } from './base-block.js';
import { HiveCells } from './hive-cells.js';
import type { HiveContext, ValuePlace } from './hive-context.js';
import { type HiveLog, readHiveLog } from './hive-log.js';
import { type RegistryRow, type WalkOptions, walkKeys } from './hive-walk.js';
import type { KeyNode } from './key-node.js';
import { readKeyNode } from './key-reader.js';
import { type ReplayResult, replayLogs } from './log-replay.js';
import { RegistryKey } from './registry-key.js';

/** The logs of a hive; they are read only when the hive is dirty. */
export interface HiveLogSources {
  /** `NAME.LOG1`. */
  log1?: ByteSource | undefined;
  /** `NAME.LOG2`. */
  log2?: ByteSource | undefined;
  /** `NAME.LOG`, the only one of Windows before Vista. */
  log?: ByteSource | undefined;
}

/** Options of {@link Hive.open}. */
export interface HiveOptions extends HiveLogSources, ReadOptions {
  /** Called for the logs when the hive turns out to be dirty and none were given: opening them costs nothing for a clean hive. */
  readonly openLogs?: () => Promise<HiveLogSources>;
  /** Receives what is damaged; a log of its own by default. */
  readonly issues?: IssueLog;
  /** Bytes of a page of the cache. Default 32 KiB. */
  readonly pageSize?: number;
  /** Called for every value that is found by name: where each fact comes from. */
  readonly onValue?: (place: ValuePlace) => void;
  /** Bytes the cache may keep. Default 16 MiB. */
  readonly cacheBytes?: number;
}

/** What a log of a dirty hive held. */
export interface HiveLogState {
  /** `log1`, `log2` or `log`. */
  readonly name: string;
  /** Format of the log. */
  format: HiveLog['format'];
  /** Valid entries (new format) or runs of dirty pages (old format). */
  readonly entries: number;
  /** Sequence number of the first entry. */
  readonly firstSequence?: number;
  /** Sequence number of the last entry. */
  readonly lastSequence?: number;
  /** Why the entries end there; `end` is normal. */
  endsWith?: string;
}

/** How the hive was left, and what its logs gave. */
export interface HiveState {
  /** Windows would replay the logs before it uses the hive. */
  readonly dirty: boolean;
  /** Why it is dirty. */
  readonly reasons: ('signature' | 'checksum' | 'sequence')[];
  /** `clean`; `replayed`: read with the logs laid over it; `no-log`: dirty, no log there; `log-unusable`: dirty, no log applies. */
  recovery: 'clean' | 'replayed' | 'no-log' | 'log-unusable';
  /** Log entries (or runs of dirty pages) applied, and bytes of the hive that come from them. */
  entriesApplied: number;
  /** Bytes that the logs replaced, in memory. */
  patchedBytes: number;
  /** No log entry was missing between others. True for a clean hive, false for a dirty one without a usable log. */
  contiguous: boolean;
  /** The logs that were read. */
  logs: HiveLogState[];
  /** The file's own sequence numbers and bins size, before any replay; absent without a readable base block. */
  readonly stored?: { primarySequence: number; secondarySequence: number; binsSize: number };
  /** Bytes of the hive file. */
  readonly fileSize: number;
  /** Bytes of hive bins that the hive (after replay) claims and that the file does not have. */
  missingBytes: number;
}

/**
 * A registry hive (`regf`), read page by page. A dirty hive is read as Windows would recover it: its logs are laid over it in memory, nothing is written.
 * Format: msuhanov/regf, "Windows registry file format specification".
 */
export class Hive {
  /** The root key; its own name varies and means nothing. */
  readonly root: RegistryKey;
  /** The base block in force, after any replay. */
  readonly baseBlock: BaseBlock;
  /** How the hive was left, and what its logs gave. */
  readonly state: HiveState;
  /** What is damaged. */
  readonly issues: IssueLog;
  /** The hive as it is read: the file, or the file with its logs laid over it. */
  readonly source: ByteSource;
  readonly #context: HiveContext;
  readonly #root: KeyNode;

  private constructor(source: ByteSource, context: HiveContext, baseBlock: BaseBlock, state: HiveState, root: KeyNode) {
    this.source = source;
    this.#context = context;
    this.baseBlock = baseBlock;
    this.state = state;
    this.issues = context.issues;
    this.#root = root;
    this.root = new RegistryKey(context, root, '', 0);
  }

  /**
   * Opens a hive. The source stays the caller's to close.
   * @throws DeadboxError `HIVE_TOO_SHORT`, `HIVE_NOT_REGF`, `HIVE_ROOT_UNREADABLE`; everything else is an issue
   */
  static async open(source: ByteSource, options: HiveOptions = {}): Promise<Hive> {
    const issues = options.issues ?? new IssueLog();
    const cache = { blockSize: options.pageSize ?? 32 << 10, capacity: options.cacheBytes ?? 16 << 20 };
    const stored = new CachedSource(source, cache);
    const head = await readHead(stored, options);
    const state = initialState(head, source.size);
    let baseBlock = head;
    let replayed: ReplayResult | undefined;
    if (state.dirty) replayed = await recover(stored, head, state, issues, options);
    if (replayed !== undefined) baseBlock = replayed.baseBlock;
    if (baseBlock === undefined) throw notRegf(source);
    noteState(issues, state, baseBlock);
    const read = replayed === undefined ? stored : new CachedSource(replayed.source, cache);
    const available = read.size - BASE_BLOCK_BYTES;
    const binsSize = plausibleBinsSize(baseBlock.binsSize) ? baseBlock.binsSize : available;
    state.missingBytes = Math.max(0, binsSize - available);
    if (state.missingBytes > 0)
      add(issues, 'hive.truncated', 'error', read.size, { claimed: BASE_BLOCK_BYTES + binsSize, found: read.size });
    const damaged = state.missingBytes > 0 || (state.dirty && (replayed === undefined || !replayed.contiguous));
    const context: HiveContext = {
      cells: new HiveCells(read, binsSize, options.signal === undefined ? undefined : { signal: options.signal }),
      // A damaged base block says nothing about the version; big data records are told by their signature then.
      minorVersion: baseBlock.checksumValid ? baseBlock.minorVersion : 6,
      issues,
      trustHints: !damaged,
      signal: options.signal,
      onValue: options.onValue,
    };
    return new Hive(read, context, baseBlock, state, await readRoot(context, baseBlock));
  }

  /** The key at `path` (`\` or `/` separated, any case, with or without a leading separator); `undefined` when there is none. */
  key(path: string): Promise<RegistryKey | undefined> {
    return this.root.key(path);
  }

  /** Every key and value below `options.from` (default the root), depth first, in batches. */
  walk(options: WalkOptions = {}): AsyncGenerator<readonly RegistryRow[]> {
    return walkKeys(this.#context, options.from ?? this.root, this.#root.offset, options);
  }
}

async function readHead(source: ByteSource, options: HiveOptions): Promise<BaseBlock | undefined> {
  if (source.size < 512) {
    throw new DeadboxError<WindowsErrorCode>(
      'HIVE_TOO_SHORT',
      `A hive has at least 4096 bytes, this file has ${source.size}`,
      {
        at: { layer: 'hive', offset: 0 },
        data: { size: source.size },
      },
    );
  }
  return parseBaseBlock(await source.read(0, Math.min(BASE_BLOCK_BYTES, source.size), options));
}

function notRegf(source: ByteSource): DeadboxError<WindowsErrorCode> {
  return new DeadboxError('HIVE_NOT_REGF', `No "regf" signature at byte 0, and no log to take the base block from`, {
    at: { layer: 'hive', offset: 0 },
    data: { size: source.size },
  });
}

function initialState(head: BaseBlock | undefined, fileSize: number): HiveState {
  const reasons: HiveState['reasons'] = [];
  if (head === undefined) reasons.push('signature');
  else {
    if (!head.checksumValid) reasons.push('checksum');
    if (head.primarySequence !== head.secondarySequence) reasons.push('sequence');
  }
  return {
    dirty: reasons.length > 0,
    reasons,
    recovery: reasons.length > 0 ? 'no-log' : 'clean',
    entriesApplied: 0,
    patchedBytes: 0,
    contiguous: true,
    logs: [],
    ...(head === undefined
      ? {}
      : {
          stored: {
            primarySequence: head.primarySequence,
            secondarySequence: head.secondarySequence,
            binsSize: head.binsSize,
          },
        }),
    fileSize,
    missingBytes: 0,
  };
}

/** Reads the logs and lays them over the hive; fills `state`. */
async function recover(
  source: ByteSource,
  head: BaseBlock | undefined,
  state: HiveState,
  issues: IssueLog,
  options: HiveOptions,
): Promise<ReplayResult | undefined> {
  const given = options.log1 !== undefined || options.log2 !== undefined || options.log !== undefined;
  const sources = given ? options : ((await options.openLogs?.()) ?? {});
  const logs: HiveLog[] = [];
  for (const [name, log] of [
    ['LOG1', sources.log1],
    ['LOG2', sources.log2],
    ['LOG', sources.log],
  ] as const) {
    if (log !== undefined) logs.push(await readHiveLog(log, name, issues, options));
  }
  state.logs = logs.map(logState);
  if (logs.some((log) => log.format !== 'empty')) state.recovery = 'log-unusable';
  const usable = head?.checksumValid === true ? head : undefined;
  const result = await replayLogs(source, usable, await firstBinTime(source, options), logs, issues, options);
  state.contiguous = result?.contiguous ?? false;
  if (result === undefined) return undefined;
  state.recovery = 'replayed';
  state.entriesApplied = result.applied;
  state.patchedBytes = result.patchedBytes;
  return result;
}

function logState(log: HiveLog): HiveLogState {
  const first = log.entries[0];
  const last = log.entries.at(-1);
  return {
    name: log.name,
    format: log.format,
    entries: log.format === 'old' ? log.runs.length : log.entries.length,
    ...(first === undefined || last === undefined
      ? {}
      : { firstSequence: first.sequence, lastSequence: last.sequence }),
    ...(log.endsWith === undefined ? {} : { endsWith: log.endsWith }),
  };
}

async function firstBinTime(source: ByteSource, options: ReadOptions): Promise<FileTime | undefined> {
  if (source.size < BASE_BLOCK_BYTES + 32) return undefined;
  const bin = new Cursor(await source.read(BASE_BLOCK_BYTES, 32, options), 'hive', BASE_BLOCK_BYTES);
  return fileTimeOf(bin.u32(20), bin.u32(24));
}

function noteState(issues: IssueLog, state: HiveState, baseBlock: BaseBlock): void {
  if (state.reasons.includes('checksum'))
    add(issues, 'hive.base-block-checksum', 'warning', 0x1fc, { stored: baseBlock.checksum });
  if (state.dirty) {
    add(issues, 'hive.dirty', 'note', 4, {
      reasons: state.reasons,
      recovery: state.recovery,
      entriesApplied: state.entriesApplied,
    });
  }
  if (baseBlock.majorVersion !== 1 || baseBlock.minorVersion > 6) {
    add(issues, 'hive.version', 'warning', 0x14, { major: baseBlock.majorVersion, minor: baseBlock.minorVersion });
  }
}

/** The root key; when its offset is damaged, the first cell, where it is in every hive that Windows writes. */
async function readRoot(context: HiveContext, baseBlock: BaseBlock): Promise<KeyNode> {
  const first = 0x20;
  try {
    return await readKeyNode(context, baseBlock.rootOffset);
  } catch (error) {
    context.signal?.throwIfAborted();
    add(context.issues, 'hive.root-offset', 'error', 0x24, { rootOffset: baseBlock.rootOffset });
    try {
      if (baseBlock.rootOffset !== first) return await readKeyNode(context, first);
    } catch {
      // Both places are damaged: the error of the first one says more.
    }
    throw new DeadboxError<WindowsErrorCode>(
      'HIVE_ROOT_UNREADABLE',
      `The root key at byte ${0x1000 + baseBlock.rootOffset} cannot be read`,
      {
        at: { layer: 'hive', offset: 0x1000 + baseBlock.rootOffset },
        data: { rootOffset: baseBlock.rootOffset },
        cause: error,
      },
    );
  }
}

function add(
  issues: IssueLog,
  code: WindowsIssueCode,
  severity: 'note' | 'warning' | 'error',
  offset: number,
  data: Record<string, string | number | string[]>,
): void {
  issues.add({ code, severity, at: { layer: 'hive', offset }, data });
}
