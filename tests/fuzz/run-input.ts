import { isDeadboxError } from '@deadbox/core';
import type { FuzzTarget } from './target.js';

/** What reading one input came to. */
export type Outcome =
  | { readonly kind: 'answer' | 'refusal'; readonly signature: string }
  | { readonly kind: Failure; readonly message: string; readonly stack: string };

/** How a parser can fail; the last two are seen from outside, when the worker is ended. */
export type Failure = 'untyped-error' | 'input-changed' | 'slow' | 'memory' | 'hang';

export function isFailure(outcome: Outcome): outcome is Extract<Outcome, { kind: Failure }> {
  return outcome.kind !== 'answer' && outcome.kind !== 'refusal';
}

/**
 * Processor time that an input may cost: what the whole product promises is a second a megabyte, for much more work.
 */
function allowedMs(bytes: number): number {
  return 3000 + (bytes / 2 ** 20) * 1000;
}

/** How much the memory of the process may grow over one input. */
const ALLOWED_BYTES = 512 * 2 ** 20;

/** Reads one input and judges how that went. */
export async function runInput(target: FuzzTarget, input: Buffer<ArrayBuffer>): Promise<Outcome> {
  const before = Buffer.from(input);
  const peak = process.resourceUsage().maxRSS;
  const started = process.cpuUsage();
  let outcome: Outcome;
  try {
    outcome = { kind: 'answer', signature: String(await target.parse(input)) };
  } catch (error) {
    outcome =
      isDeadboxError(error) && error.code !== 'INTERNAL' && error.code !== 'INVALID_ARGUMENT'
        ? { kind: 'refusal', signature: `${error.code} ${error.message.replace(/\d+/g, '#').slice(0, 120)}` }
        : { kind: 'untyped-error', message: String(error), stack: (error as Error).stack ?? '' };
  }
  if (isFailure(outcome)) return outcome;
  const used = process.cpuUsage(started);
  const ms = (used.user + used.system) / 1000;
  if (Buffer.compare(before, input) !== 0)
    return { kind: 'input-changed', message: 'the parser wrote into its input', stack: target.name };
  if (ms > allowedMs(input.length))
    return { kind: 'slow', message: `${Math.round(ms)} ms for ${input.length} bytes`, stack: target.name };
  const grown = (process.resourceUsage().maxRSS - peak) * 1024;
  if (grown > ALLOWED_BYTES + 8 * input.length)
    return { kind: 'memory', message: `${grown >> 20} MiB for ${input.length} bytes`, stack: target.name };
  return outcome;
}
