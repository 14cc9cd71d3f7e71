import { defined, type IssueLog, isDamage, type Json } from '@deadbox/core';
import type { WindowsIssueCode } from '../errors.js';
import { HIVE_OPERATION_WORK } from '../limits.js';
import { BASE_BLOCK_BYTES } from './base-block.js';
import type { HiveCells } from './hive-cells.js';

/** What every reader of a hive's records needs. */
export interface HiveContext {
  readonly cells: HiveCells;
  /** Minor version of the format: big data exists above 3. */
  readonly minorVersion: number;
  readonly issues: IssueLog;
  /**
   * Whether name hints and hashes may be trusted when a name is looked up: not in a hive that is known to be damaged.
   */
  readonly trustHints: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told of every value that is found by name. */
  readonly onValue?: ((place: ValuePlace) => void) | undefined;
}

/** Where a value stands: what `--explain` shows beside a fact. */
export interface ValuePlace {
  /** Path of the key from the root, e.g. `\\ControlSet001\\Control`. */
  readonly key: string;
  /** Name of the value as stored; empty for the default value. */
  readonly name: string;
  /** Byte offset of the value record in the hive file. */
  readonly fileOffset: number;
  /** Byte offset of its data. */
  readonly dataFileOffset: number;
}

/** The context for one question: what it reads is bounded by the bytes of the hive. */
export function forOperation(context: HiveContext): HiveContext {
  return { ...context, cells: context.cells.bounded(HIVE_OPERATION_WORK) };
}

/** Whether the work of an operation is used up; noted once. */
export function isExhausted(context: HiveContext, offset: number): boolean {
  if (context.cells.work?.exhausted !== true) return false;
  if (context.issues.count('hive.work-exhausted') === 0) noteDamage(context, 'hive.work-exhausted', offset);
  return true;
}

/** Notes damage at `offset` of the hive bins. */
export function noteDamage(
  context: HiveContext,
  code: WindowsIssueCode,
  offset: number,
  data: Record<string, Json> = {},
): void {
  context.issues.add({ code, severity: 'warning', at: { layer: 'hive', offset: BASE_BLOCK_BYTES + offset }, data });
}

/**
 * Turns what was thrown while a record was read into an issue, so that reading goes on. What is no damage is thrown
 * again.
 * @param code - issue code of the record that could not be read
 */
export function surviveDamage(context: HiveContext, error: unknown, code: WindowsIssueCode, offset: number): undefined {
  if (!isDamage(error, context.signal)) throw context.signal?.aborted === true ? context.signal.reason : error;
  const { what } = error.data;
  if (what === 'work-exhausted') {
    isExhausted(context, offset);
    return undefined;
  }
  const kind = error.code === 'READ_FAILED' ? 'hive.read-error' : what === 'cell-free' ? 'hive.cell-free' : code;
  const data = defined({ byte: error.at?.offset, what: typeof what === 'string' ? what : undefined });
  noteDamage(context, kind, offset, { reason: error.code, ...data });
  return undefined;
}
