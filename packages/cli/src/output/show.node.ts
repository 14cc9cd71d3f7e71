import { ansiPaint, isTimeZone, noPaint, type Paint, type ShownZone, type TextOptions } from '@deadbox/report';
import { UsageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import type { Output } from './output.node.js';

/** Colours, zone and width for text output. */
export function textOptions(options: CommonOptions, output: Output): TextOptions {
  return {
    paint: paintFor(options, output),
    zone: zoneFor(options),
    width: output.isTerminal ? (process.stdout.columns ?? 100) : 100,
  };
}

/** https://no-color.org: a set NO_COLOR turns colours off unless they are asked for. */
function paintFor(options: CommonOptions, output: Output): Paint {
  if (options.color === 'always') return ansiPaint;
  if (options.color === 'never' || (process.env.NO_COLOR ?? '') !== '') return noPaint;
  return output.isTerminal && process.env.TERM !== 'dumb' ? ansiPaint : noPaint;
}

/** The asked zone, else the reader's. */
function zoneFor(options: CommonOptions): ShownZone {
  if (options.timeZone === undefined) return new ReadersZone();
  if (!isTimeZone(options.timeZone))
    throw new UsageError(`${options.timeZone} is not a time zone; use an IANA name like Asia/Tokyo`);
  return { name: options.timeZone, whose: 'asked' };
}

/** The zone of this machine, asked for when a time is shown: the first question costs as much as all reads of a quick scan. */
class ReadersZone implements ShownZone {
  readonly whose = 'reader';
  #name: string | undefined;

  get name(): string {
    this.#name ??= process.env.TZ === 'UTC' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
    return this.#name;
  }
}
