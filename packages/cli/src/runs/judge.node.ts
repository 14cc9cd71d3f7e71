import {
  type CoreErrorCode,
  DeadboxError,
  defined,
  isDeadboxError,
  type Json,
  monotonicMilliseconds,
} from '@deadbox/core';
import { type FailedImage, failedImage, type ImageReport, type Rule, scanDisk, withHints } from '@deadbox/triage';
import { UsageError } from '../exit-code.js';
import type { DiskTarget } from '../input/disk-targets.node.js';
import type { FileStamp } from '../input/in-use/image-hints.node.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import { isVolumeFolder, shownName } from '../input/targets.node.js';
import type { CommonOptions } from '../options.js';
import { standardError } from '../output/standard-streams.node.js';

/** Options of `deadbox scan`. */
export interface ScanVerbOptions extends CommonOptions {
  readonly quick?: boolean;
  readonly deep?: boolean;
  readonly include?: string;
  readonly explain?: boolean;
  readonly target?: string;
  readonly rules?: string;
  readonly report?: readonly string[];
  readonly jobs?: number;
  /** Of each image: seconds, or with `m` or `h`. */
  readonly timeLimit?: string;
  readonly journal?: string;
  readonly shard?: string;
  readonly targets?: string;
  readonly newestClean?: boolean;
  readonly diagnostics?: string;
  readonly diagnosticsContents?: boolean;
}

/** What the judgement of every image shares. */
export interface Judging {
  readonly options: ScanVerbOptions;
  readonly rules: readonly Rule[];
  readonly session: Session;
}

/** What came of an image. */
export interface JudgedTarget {
  readonly image: ImageReport | FailedImage;
  /** The files that were read, the image's own first. */
  readonly files: readonly FileStamp[];
}

/**
 * Judges one image. One that cannot be opened, or over which deadbox itself fails, has a report, too.
 * @throws UsageError when it cannot be judged the way that was asked for
 */
export async function judge(
  { path: name, disk, machine, snapshot }: DiskTarget,
  judging: Judging,
): Promise<JudgedTarget> {
  const { options, session } = judging;
  const ofMachine = machine === undefined ? {} : { machine };
  const started = monotonicMilliseconds();
  const locks = session.locks.read();
  try {
    if (await isVolumeFolder(name)) {
      const { judgeFolder } = await import('./judge-folder.node.js');
      const mode = options.quick === true ? 'quick' : 'full';
      const report = await judgeFolder(name, { mode, rules: judging.rules, signal: session.signal });
      return { image: { ...report, ...ofMachine }, files: [] };
    }
    const { disk: _, ...others } = options;
    const target = await openTarget(name, { ...others, ...defined({ disk, snapshot }) }, session);
    try {
      const report = await scanDisk(target.disk, scanOptions(judging, target.name));
      if (options.verbose === true) await (await import('../input/say-opening.node.js')).sayReport(report, session);
      const { reads, bytes } = target.counting;
      const hinted = withHints(report, [...target.useHints(locks), ...target.changeHints()]);
      const milliseconds = Math.round((monotonicMilliseconds() - started) * 10) / 10;
      const image = { ...hinted, ...ofMachine, cost: { ...report.cost, reads, bytes, milliseconds } };
      return { image, files: target.stamps() };
    } finally {
      // Whatever came of it: a recording is wanted most where something went wrong.
      await session.recorder?.look(target.disk);
      await target.close();
    }
  } catch (error) {
    const failure = failureOf(error, session.signal);
    return { image: { ...failedImage(shownName(name), failure), ...ofMachine }, files: [] };
  }
}

function scanOptions({ options, rules, session }: Judging, name: string): Parameters<typeof scanDisk>[1] {
  const included = (options.include ?? '').split(',');
  return {
    signal: session.signal,
    rules,
    explain: options.explain === true,
    told: session.toldBeside(name),
    mode: modeOf(options),
    includeOld: included.includes('old'),
    includeShadowCopies: included.includes('vss') || options.newestClean === true,
    ...defined({ target: options.target }),
  };
}

/** Why an image has no report: what ended it, where that was not the user, before what came of that. */
function failureOf(error: unknown, signal: AbortSignal): DeadboxError {
  if (signal.aborted && isDeadboxError(signal.reason)) return signal.reason;
  signal.throwIfAborted();
  if (error instanceof UsageError) throw error;
  return isDeadboxError(error) ? error : internalError(error);
}

/** A mistake of deadbox in one image must not cost the reports of the others. */
export function internalError(cause: unknown): DeadboxError<CoreErrorCode> {
  if ((process.env.DEADBOX_DEBUG ?? '') !== '' && cause instanceof Error) standardError().write(`${cause.stack}\n`);
  const what = cause instanceof Error ? cause.message : String(cause);
  return new DeadboxError('INTERNAL', `Unexpected error: ${what}. Please report it.`, { cause });
}

function modeOf(options: ScanVerbOptions): 'quick' | 'full' | 'deep' {
  return options.quick === true ? 'quick' : options.deep === true ? 'deep' : 'full';
}

/** The options that shaped the report; secrets are counted, never shown. */
export function shownOptions(options: ScanVerbOptions): Record<string, Json> {
  return {
    mode: modeOf(options),
    include: (options.include ?? '').split(',').filter((word) => word !== ''),
    explain: options.explain === true,
    target: options.target ?? null,
    timeZone: options.timeZone ?? null,
    parents: (options.parent ?? []).map(shownName),
    snapshot: options.snapshot ?? null,
    disk: options.disk ?? null,
    forceChain: options.forceChain === true,
    incomplete: options.incomplete === true,
    ...(options.newestClean === true ? { newestClean: true } : {}),
    keysGiven:
      (options.recoveryKey?.length ?? 0) +
      (options.password?.length ?? 0) +
      (options.startupKey?.length ?? 0) +
      (options.keys?.length ?? 0),
  };
}

/** ISO-8601 UTC with seven decimals, as every time of the report. */
export function isoTime(date: Date): string {
  return date.toISOString().replace('Z', '0000Z');
}
