import { readlinkSync } from 'node:fs';
import {
  ansiPaint,
  markdownWriter,
  noPaint,
  type PageOptions,
  type Paint,
  type ShownZone,
  textWriter,
  type Writer,
} from '@deadbox/report';
import { isTimeZone } from '@deadbox/report/internals';
import { usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import type { Output } from './output.node.js';
import { standardOutput } from './standard-streams.node.js';

/** Columns of what is no terminal. */
const FILE_WIDTH = 100;
/** Fewer columns are for no reader. */
const LEAST_WIDTH = 20;

/** The writer that the options ask for. */
export function writerFor(options: CommonOptions, output: Output): Writer {
  if (options.markdown === true) return markdownWriter();
  return textWriter({
    paint: paintFor(options, output),
    width: output.isTerminal ? terminalWidth(standardOutput()) : (askedWidth() ?? FILE_WIDTH),
  });
}

/** Columns of a terminal, unless COLUMNS asks for others; a terminal that does not say has 0. */
export function terminalWidth(stream: { readonly columns?: number }): number {
  return askedWidth() ?? stream.columns ?? 0;
}

/**
 * The columns that COLUMNS asks for, also where the output is no terminal. Shells keep it to themselves: whoever
 * exports it means it. `undefined` where it is no number of columns.
 */
export function askedWidth(): number | undefined {
  const asked = process.env.COLUMNS ?? '';
  return /^[1-9]\d{0,3}$/.test(asked) ? Math.max(Number(asked), LEAST_WIDTH) : undefined;
}

/** https://no-color.org and https://force-color.org: NO_COLOR wins; both yield to `--color`. */
export function paintFor(options: CommonOptions, output: Output): Paint {
  if (options.color === 'always') return ansiPaint;
  if (options.color === 'never' || isSet(process.env.NO_COLOR)) return noPaint;
  if (isSet(process.env.FORCE_COLOR)) return process.env.FORCE_COLOR === '0' ? noPaint : ansiPaint;
  return output.isTerminal && process.env.TERM !== 'dumb' ? ansiPaint : noPaint;
}

const isSet = (value: string | undefined): boolean => (value ?? '') !== '';

/** In which zone times are shown besides UTC: the asked one, else the reader's. */
export function zoneFor(options: CommonOptions): Pick<PageOptions, 'zone'> {
  const { timeZone } = options;
  if (timeZone === undefined) return { zone: new ReadersZone() };
  if (!isTimeZone(timeZone)) throw usageError('zone-unknown', { zone: timeZone });
  return { zone: { name: timeZone, whose: 'asked' } };
}

/**
 * The zone of this machine, asked for when a time is shown: the first question to Intl costs as much as all reads of a
 * quick scan.
 */
class ReadersZone implements ShownZone {
  readonly whose = 'reader';
  #name: string | undefined;

  get name(): string {
    this.#name ??= isUtc() ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
    return this.#name;
  }
}

/** Whether the system's own setting says UTC, as most servers' does. */
function isUtc(): boolean {
  const { TZ } = process.env;
  if (TZ !== undefined) return TZ === 'UTC' || TZ === 'Etc/UTC';
  try {
    return /\/zoneinfo\/(Etc\/)?UTC$/.test(readlinkSync('/etc/localtime'));
  } catch {
    // No such link: another kind of system.
    return false;
  }
}
