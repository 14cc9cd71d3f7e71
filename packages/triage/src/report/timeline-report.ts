/**
 * What a moment of the time line is: Windows came up, was shut down, or was seen running; it crashed; something was
 * changed.
 */
export type TimelineKind = 'started' | 'stopped' | 'running' | 'crashed' | 'update' | 'device' | 'driver-file';

/** One moment that the disk tells of. */
export interface TimelineEvent {
  readonly kind: TimelineKind;
  /** ISO-8601 UTC. What a log tells in local time was turned round by the machine's own time zone. */
  readonly at: string;
  /** Stop code, package, device or path; `null` where the kind says all. */
  readonly what: string | null;
  /** Whether what was done failed; `null` where nothing tells. */
  readonly failed: boolean | null;
  /** The file that tells. */
  readonly path: string;
}

/** When Windows last ran, what was changed about then, and when it failed first after that. */
export interface TimelineReport {
  /** The last moment at which it is known to have run in good order; `null` where nothing tells. */
  readonly lastRan: TimelineEvent | null;
  /** The newest changes up to the first failure, oldest first. */
  readonly changes: readonly TimelineEvent[];
  /** The first crash after it last ran; `null` where nothing tells of one: many failures leave no trace. */
  readonly firstFailed: TimelineEvent | null;
}
