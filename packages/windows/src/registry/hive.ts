import {
  type ByteSource,
  type Bytes,
  CachedSource,
  Cursor,
  DeadboxError,
  defined,
  type FileTime,
  IssueLog,
  isDamage,
  type OverlaySource,
  type ReadOptions,
} from '@deadbox/core';
import type { WindowsErrorCode, WindowsIssueCode } from '../errors.js';
import { HIVE_WORK, LEAST_HIVE_WORK } from '../limits.js';
import { BASE_BLOCK_BYTES, type BaseBlock, parseBaseBlock, plausibleBinsSize } from './base-block.js';
import { HIVE_BIN, HIVE_BIN_HEADER_BYTES, HiveCells } from './hive-cells.js';
import type { HiveContext, ValuePlace } from './hive-context.js';
import { type RegistryRow, type WalkOptions, walkKeys } from './hive-walk.js';
import type { KeyNode } from './key-node.js';
import { readKeyNode } from './key-reader.js';
import { jsonLines, type RegistryLinesOptions } from './lines/json-lines.js';
import { type HiveLog, readHiveLog } from './log/hive-log.js';
import { type ReplayResult, replayLogs } from './log/log-replay.js';
import { RegistryKey } from './registry-key.js';

/** The logs of a hive; they are read only when the hive is dirty. */
export interface HiveLogSources {
  /** `NAME.LOG1`. */
  readonly log1?: ByteSource | undefined;
  /** `NAME.LOG2`. */
  readonly log2?: ByteSource | undefined;
  /** `NAME.LOG`, the only one of Windows before Vista. */
  readonly log?: ByteSource | undefined;
}

/** Options of {@link Hive.open}. */
export interface HiveOptions extends HiveLogSources, ReadOptions {
  /**
   * Called for the logs when the hive turns out to be dirty and none were given: opening them costs nothing for a clean
   * hive.
   */
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
  readonly format: HiveLog['format'];
  /** Valid entries (new format) or runs of dirty pages (old format). */
  readonly entries: number;
  /** Sequence number of the first entry. */
  readonly firstSequence?: number;
  /** Sequence number of the last entry. */
  readonly lastSequence?: number;
  /** Why the entries end there; `end` is normal. */
  readonly endsWith?: HiveLog['endsWith'];
}

/** Why a hive is not as Windows closes it. */
export type HiveDirtyReason = 'signature' | 'checksum' | 'sequence';

/**
 * `clean`; `replayed`: read with the logs laid over it; `no-log`: dirty, no log there; `log-unusable`: dirty, no log
 * applies.
 */
export type HiveRecovery = 'clean' | 'replayed' | 'no-log' | 'log-unusable';

/** How the hive was left, and what its logs gave. */
export interface HiveState {
  /** Windows would replay the logs before it uses the hive. */
  readonly dirty: boolean;
  /** Why it is dirty. */
  readonly reasons: readonly HiveDirtyReason[];
  readonly recovery: HiveRecovery;
  /** Log entries (or runs of dirty pages) applied. */
  readonly entriesApplied: number;
  /** Bytes that the logs replaced, in memory. */
  readonly patchedBytes: number;
  /** No log entry was missing between others. True for a clean hive, false for a dirty one without a usable log. */
  readonly contiguous: boolean;
  /** The logs that were read. */
  readonly logs: readonly HiveLogState[];
  /** The file's own sequence numbers and bins size, before any replay; absent without a readable base block. */
  readonly stored?: Pick<BaseBlock, 'primarySequence' | 'secondarySequence' | 'binsSize'>;
  /** Bytes of the hive file. */
  readonly fileSize: number;
  /** Bytes of hive bins that the hive (after replay) claims and that the file does not have. */
  readonly missingBytes: number;
}

/**
 * A registry hive (`regf`), read page by page. A dirty hive is read as Windows would recover it: its logs are laid over
 * it in memory, nothing is written. Format: msuhanov/regf, "Windows registry file format specification".
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
  readonly #replayed: OverlaySource | undefined;

  private constructor(
    source: ByteSource,
    context: HiveContext,
    baseBlock: BaseBlock,
    state: HiveState,
    root: KeyNode,
    replayed: OverlaySource | undefined,
  ) {
    this.source = source;
    this.#replayed = replayed;
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
    const reasons = dirtyReasons(head);
    const { replayed, ...recovered } = await recover(stored, head, reasons, issues, options);
    const baseBlock = replayed?.baseBlock ?? head;
    if (baseBlock === undefined) throw notRegf(source);
    const read = replayed === undefined ? stored : new CachedSource(replayed.source, cache);
    const available = read.size - BASE_BLOCK_BYTES;
    const binsSize = plausibleBinsSize(baseBlock.binsSize) ? baseBlock.binsSize : available;
    const state: HiveState = {
      dirty: reasons.length > 0,
      reasons,
      ...recovered,
      ...defined({ stored: head && storedNumbers(head) }),
      fileSize: source.size,
      missingBytes: Math.max(0, binsSize - available),
    };
    noteState(issues, state, baseBlock, read.size);
    const damaged = state.missingBytes > 0 || (state.dirty && !state.contiguous);
    // A log may claim any size; what it does not fill costs nothing to read.
    const storedBytes = source.size - BASE_BLOCK_BYTES + state.patchedBytes;
    const context: HiveContext = {
      cells: new HiveCells(read, { binsSize, storedBytes }, defined({ signal: options.signal })),
      // A damaged base block says nothing about the version; big data records are told by their signature then.
      minorVersion: baseBlock.checksumValid ? baseBlock.minorVersion : 6,
      issues,
      trustHints: !damaged,
      signal: options.signal,
      onValue: options.onValue,
    };
    return new Hive(read, context, baseBlock, state, await readRoot(context, baseBlock), replayed?.source);
  }

  /**
   * The same hive for one task: all that is read through it together is bounded by the bytes of the hive. Each question
   * to a hive is bounded anyway; a task that asks one for every answer of another needs this against forged hives.
   */
  bounded(): Hive {
    const context = { ...this.#context, cells: this.#context.cells.bounded(HIVE_WORK, LEAST_HIVE_WORK) };
    return new Hive(this.source, context, this.baseBlock, this.state, this.#root, this.#replayed);
  }

  /** Whether any of `[offset, offset + length)` of the file is replaced by a log when Windows loads the hive. */
  isFromLog(offset: number, length: number): boolean {
    return this.#replayed?.touches(offset, length) === true;
  }

  /**
   * The key at `path` (`\` or `/` separated, any case, with or without a leading separator); `undefined` when there is
   * none.
   */
  key(path: string): Promise<RegistryKey | undefined> {
    return this.root.key(path);
  }

  /** Every key and value below `options.from` (default the root), depth first, in batches. */
  walk(options: WalkOptions = {}): AsyncGenerator<readonly RegistryRow[]> {
    return walkKeys(this.#context, options.from ?? this.root, this.#root.offset, options);
  }

  /**
   * The same as lines of JSON in UTF-8, each row as `registryLine` has it: a listing at the speed of hashing. Two
   * buffers are filled by turns: a chunk stays as it is while the next one is made, and is overwritten by the one after
   * that.
   */
  jsonLines(options: RegistryLinesOptions = {}): AsyncGenerator<Bytes> {
    return jsonLines(this.#context, options.from ?? this.root, this.#root.offset, options);
  }
}

async function readHead(source: ByteSource, options: HiveOptions): Promise<BaseBlock | undefined> {
  if (source.size < 512) {
    const { size } = source;
    const message = `A hive has at least 4096 bytes, this file has ${size}`;
    const at = { layer: 'hive', offset: 0 };
    throw new DeadboxError<WindowsErrorCode>('HIVE_TOO_SHORT', message, { at, data: { size } });
  }
  return parseBaseBlock(await source.read(0, Math.min(BASE_BLOCK_BYTES, source.size), options));
}

function notRegf(source: ByteSource): DeadboxError<WindowsErrorCode> {
  return new DeadboxError('HIVE_NOT_REGF', `No "regf" signature at byte 0, and no log to take the base block from`, {
    at: { layer: 'hive', offset: 0 },
    data: { size: source.size },
  });
}

function dirtyReasons(head: BaseBlock | undefined): HiveDirtyReason[] {
  if (head === undefined) return ['signature'];
  const reasons: HiveDirtyReason[] = [];
  if (!head.checksumValid) reasons.push('checksum');
  if (head.primarySequence !== head.secondarySequence) reasons.push('sequence');
  return reasons;
}

function storedNumbers({ primarySequence, secondarySequence, binsSize }: BaseBlock): HiveState['stored'] {
  return { primarySequence, secondarySequence, binsSize };
}

type Recovered = Pick<HiveState, 'recovery' | 'entriesApplied' | 'patchedBytes' | 'contiguous' | 'logs'> & {
  readonly replayed?: ReplayResult;
};

/** Reads the logs of a dirty hive and lays them over it. */
async function recover(
  source: ByteSource,
  head: BaseBlock | undefined,
  reasons: readonly HiveDirtyReason[],
  issues: IssueLog,
  options: HiveOptions,
): Promise<Recovered> {
  const none = { entriesApplied: 0, patchedBytes: 0 };
  if (reasons.length === 0) return { ...none, recovery: 'clean', contiguous: true, logs: [] };
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
  const usable = head?.checksumValid === true ? head : undefined;
  const replayed = await replayLogs(source, usable, await firstBinTime(source, options), logs, issues, options);
  const states = logs.map(logState);
  if (replayed === undefined) {
    const recovery = logs.some((log) => log.format !== 'empty') ? 'log-unusable' : 'no-log';
    return { ...none, recovery, contiguous: false, logs: states };
  }
  const { contiguous, applied: entriesApplied, patchedBytes } = replayed;
  return { recovery: 'replayed', entriesApplied, patchedBytes, contiguous, logs: states, replayed };
}

function logState(log: HiveLog): HiveLogState {
  return defined({
    name: log.name,
    format: log.format,
    entries: log.format === 'old' ? log.runs.length : log.entries.length,
    firstSequence: log.entries[0]?.sequence,
    lastSequence: log.entries.at(-1)?.sequence,
    endsWith: log.endsWith,
  });
}

async function firstBinTime(source: ByteSource, options: ReadOptions): Promise<FileTime | undefined> {
  if (source.size < BASE_BLOCK_BYTES + HIVE_BIN_HEADER_BYTES) return undefined;
  const bin = new Cursor(await source.read(BASE_BLOCK_BYTES, HIVE_BIN_HEADER_BYTES, options), 'hive', BASE_BLOCK_BYTES);
  return HIVE_BIN.fields.lastWritten.read(bin);
}

function noteState(issues: IssueLog, state: HiveState, baseBlock: BaseBlock, size: number): void {
  const { reasons, recovery, entriesApplied, missingBytes } = state;
  if (reasons.includes('checksum'))
    add(issues, 'hive.base-block-checksum', 'warning', 0x1fc, { stored: baseBlock.checksum });
  if (state.dirty) add(issues, 'hive.dirty', 'note', 4, { reasons: [...reasons], recovery, entriesApplied });
  if (baseBlock.majorVersion !== 1 || baseBlock.minorVersion > 6)
    add(issues, 'hive.version', 'warning', 0x14, { major: baseBlock.majorVersion, minor: baseBlock.minorVersion });
  if (missingBytes > 0) add(issues, 'hive.truncated', 'error', size, { claimed: size + missingBytes, found: size });
}

/** The root key; when its offset is damaged, the first cell, where it is in every hive that Windows writes. */
async function readRoot(context: HiveContext, baseBlock: BaseBlock): Promise<KeyNode> {
  const first = HIVE_BIN_HEADER_BYTES;
  const { rootOffset } = baseBlock;
  try {
    return await readKeyNode(context, rootOffset);
  } catch (error) {
    if (!isDamage(error, context.signal)) throw error;
    add(context.issues, 'hive.root-offset', 'error', 0x24, { rootOffset });
    try {
      if (rootOffset !== first) return await readKeyNode(context, first);
    } catch (second) {
      if (!isDamage(second, context.signal)) throw second;
      // Both places are damaged: the error of the first one says more.
    }
    const at = { layer: 'hive', offset: BASE_BLOCK_BYTES + rootOffset };
    const message = `The root key at byte ${at.offset} cannot be read`;
    throw new DeadboxError<WindowsErrorCode>('HIVE_ROOT_UNREADABLE', message, {
      at,
      data: { rootOffset },
      cause: error,
    });
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
