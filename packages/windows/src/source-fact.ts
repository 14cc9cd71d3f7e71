/** What a file that was read for a report is. */
export type SourceKind =
  | 'hive'
  | 'event-log'
  | 'boot-status'
  | 'boot-log'
  | 'dump'
  | 'error-report'
  | 'startup-repair'
  | 'setup-log';

/**
 * How much of a source could be read: `whole`; `damaged`: parts are lost or wrong; `stale`: it was not closed, so that
 * its own header (of a hive:
 * the file itself, without its log) is older than what it holds; `absent`.
 */
export type SourceState = 'whole' | 'damaged' | 'stale' | 'absent';

/** A file that was read, or looked for, to tell what happened to a machine. */
export interface SourceFact {
  readonly path: string;
  readonly kind: SourceKind;
  readonly state: SourceState;
  /** Time of the newest record in it, ISO-8601 UTC; `null` where it has none or none could be read. */
  readonly newest: string | null;
}
