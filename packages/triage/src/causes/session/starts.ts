import type { InstallationSubject } from '../../subject/installation-subject.js';

/** What the logs tell of the starts since a moment. */
export interface StartsSince {
  /** Windows came up, far enough to write its log. */
  readonly started: boolean;
  /** Starts or sessions that ended in a crash. */
  readonly failed: number;
  /** It was shut down in good order, and has not been started since. */
  readonly atRest: boolean;
}

/** @param since - ISO-8601 UTC; `undefined`: nothing is known of when */
export function startsSince({ crash, machine }: InstallationSubject, since: string | undefined): StartsSince {
  const later = (time: string | null | undefined): boolean =>
    since !== undefined && time !== undefined && time !== null && time > since;
  const events = crash?.events ?? [];
  const started = events.some(({ kind, time }) => kind === 'start' && later(time));
  const crashes = events.filter(({ kind, time }) => kind !== 'start' && kind !== 'stop' && later(time));
  const dumps = (crash?.reports ?? []).filter(({ source, time }) => source !== 'event' && later(time));
  const failed = Math.max(crashes.length, dumps.length);
  const shutdown = machine?.machine.start?.lastShutdown;
  return { started, failed, atRest: later(shutdown) && !started && failed === 0 && crash?.failedStart !== true };
}
