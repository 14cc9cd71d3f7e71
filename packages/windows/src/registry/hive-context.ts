import { type IssueLog, isDeadboxError, type Json } from '@deadbox/core';
import type { WindowsIssueCode } from '../errors.js';
import type { HiveCells } from './hive-cells.js';

/** What every reader of a hive's records needs. */
export interface HiveContext {
  readonly cells: HiveCells;
  /** Minor version of the format: big data exists above 3. */
  readonly minorVersion: number;
  readonly issues: IssueLog;
  /** Whether name hints and hashes may be trusted when a name is looked up: not in a hive that is known to be damaged. */
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

/** Notes damage at `offset` of the hive bins. */
export function noteDamage(
  context: HiveContext,
  code: WindowsIssueCode,
  offset: number,
  data: Record<string, Json> = {},
): void {
  context.issues.add({ code, severity: 'warning', at: { layer: 'hive', offset: 0x1000 + offset }, data });
}

/**
 * Turns what was thrown while a record was read into an issue, so that reading goes on. What is no damage (an aborted signal) is thrown again.
 * @param code - issue code of the record that could not be read
 */
export function surviveDamage(context: HiveContext, error: unknown, code: WindowsIssueCode, offset: number): void {
  context.signal?.throwIfAborted();
  if (!isDeadboxError(error)) throw error;
  const free = error.data.what === 'cell-free';
  const failed = error.code === 'READ_FAILED';
  noteDamage(context, failed ? 'hive.read-error' : free ? 'hive.cell-free' : code, offset, {
    reason: error.code,
    ...(error.at === undefined ? {} : { byte: error.at.offset }),
    ...(typeof error.data.what === 'string' ? { what: error.data.what } : {}),
  });
}
