import { stat } from 'node:fs/promises';
import { DeadboxError } from '@deadbox/core';
import { usageError } from '../exit-code.js';
import { isUrl } from '../input/targets.node.js';

const UNITS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 };
/** Timers of Node take no more: 24 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * Milliseconds that `--time-limit` allows each image; `undefined` without it.
 * @throws UsageError when the text is not like `90`, `10m` or `2h`
 */
export function timeLimitOf({ timeLimit }: { readonly timeLimit?: string }): number | undefined {
  if (timeLimit === undefined) return undefined;
  const [, digits, unit = ''] = /^([1-9]\d{0,6})([smh]?)$/.exec(timeLimit) ?? [];
  const limit = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (!(limit <= LONGEST)) throw usageError('time-limit-malformed', { text: timeLimit });
  return limit;
}

/** The error for an image whose time is up. */
export function timeIsUp(limit: number): DeadboxError {
  const seconds = limit / 1000;
  const message = `This image was not judged within ${seconds} s: it does not answer, or needs more time than --time-limit allows.`;
  return new DeadboxError('TIME_LIMIT', message, { data: { seconds } });
}

/**
 * The names whose file system answers within the limit, and those whose does not: a share whose server is gone keeps
 * whoever asks for a file of it, and the main thread must not be among them.
 */
export async function answering(
  names: readonly string[],
  limit: number,
): Promise<{ answer: readonly string[]; silent: readonly string[] }> {
  const silent = new Set<string>();
  await Promise.all(
    names.map(async (name) => {
      if (isUrl(name) || !(await isSilent(name, limit))) return;
      silent.add(name);
    }),
  );
  return { answer: names.filter((name) => !silent.has(name)), silent: [...silent] };
}

function isSilent(path: string, limit: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), limit);
    const done = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    stat(path).then(done, done);
  });
}
