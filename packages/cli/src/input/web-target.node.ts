import {
  type ByteSource,
  type HttpOptions,
  type HttpRetry,
  httpSiblings,
  monotonicMilliseconds,
  openHttp,
  type Siblings,
} from '@deadbox/core';
import { usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import type { ReadCounter } from './read-counter.js';
import type { Session } from './session.node.js';

/** Opens the file at a web address, its requests counted. */
export function openWeb(
  name: string,
  options: CommonOptions,
  session: Session,
  { onRequest }: ReadCounter,
): Promise<ByteSource> {
  return openHttp(name, { ...httpOptions(options, session), signal: session.signal, onRequest });
}

/** The files beside a web address, their requests counted. */
export function webSiblings(
  name: string,
  options: CommonOptions,
  session: Session,
  { onRequest }: ReadCounter,
): Siblings {
  return httpSiblings(name, { ...httpOptions(options, session), onRequest });
}

/** A server that fails is spoken of at most this often, in milliseconds: many requests are under way at once. */
const SAID_EVERY = 5000;

/** Says that a failing server is asked again, and how long that may go on. */
function retryNotice(session: Session): (retry: HttpRetry) => void {
  let said = Number.NEGATIVE_INFINITY;
  return ({ name, reason, wait, limit }) => {
    if (monotonicMilliseconds() - said < SAID_EVERY) return;
    said = monotonicMilliseconds();
    const [waitSeconds, limitSeconds] = [Math.ceil(wait / 1000), Math.round(limit / 1000)];
    session.say(session.language.notices.askedAgain({ name, reason, waitSeconds, limitSeconds }));
  };
}

/** The `--header` lines, whose values are secrets, and what is said of a server that fails. */
function httpOptions(options: CommonOptions, session: Session): HttpOptions {
  const headers: Record<string, string> = {};
  for (const [index, line] of (options.header ?? []).entries()) {
    const colon = line.indexOf(':');
    if (colon < 1) throw usageError('header-malformed', { position: index + 1 });
    headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return options.quiet === true ? { headers } : { headers, onRetry: retryNotice(session) };
}
