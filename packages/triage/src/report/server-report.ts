import type { TimelineEvent } from './timeline-report.js';
import type { Severity } from './words.js';

/**
 * What a state of a server is: an image as it lies there, a snapshot inside one, a shadow copy of one of its volumes.
 */
export type StateKind = 'image' | 'snapshot' | 'shadow-copy';

/**
 * What tells when a state was: its newest event, its last shutdown, the newest record of another file, the time that
 * the container or the volume gives a snapshot or a shadow copy.
 */
export type StateTimeSource = 'last-event' | 'last-shutdown' | 'newest-record' | 'taken';

/**
 * Why a state is not safe to restore: its files ask for something; something speaks against its start; its boot check
 * is not consistent, or was not made; its hives are not sound, or were not read; it is locked.
 */
export type UnsafeReason = 'verdict' | 'start' | 'boot' | 'hives' | 'locked' | 'not-checked';

/** By what two states are told to be of one server. */
export type SameServerReason = 'machine-id' | 'name' | 'domain' | 'disk-id' | 'partition-id' | 'volume-serial';

/** One state of a server. */
export interface ServerState {
  /** Path of the image. */
  readonly path: string;
  readonly kind: StateKind;
  /** Name of the snapshot, or number of the shadow copy; `null` for an image as it lies there. */
  readonly name: string | null;
  /** When it was, ISO-8601 UTC; `null` where nothing tells. */
  readonly at: string | null;
  /** What tells; `null` where nothing does. */
  readonly atFrom: StateTimeSource | null;
  /** Whether it is safe to restore: nothing speaks against its start, and nothing was left out. */
  readonly safe: boolean;
  /** Why not; empty when it is. */
  readonly unsafe: readonly UnsafeReason[];
  readonly severity: Severity;
  readonly verdict: string;
  /** Id of the worst cause; `null` without one. */
  readonly cause: string | null;
}

/** What would be lost by going back to a state. */
export interface LostSince {
  /** The state's time, and that of the newest one. ISO-8601 UTC. */
  readonly from: string;
  readonly to: string;
  readonly milliseconds: number;
  /** What is known to have been changed in between: updates, devices, driver files. */
  readonly changes: readonly TimelineEvent[];
}

/** The states of one server. */
export interface ServerReport {
  /** NetBIOS or DNS name; `null` where it could not be read. */
  readonly name: string | null;
  readonly domain: string | null;
  /** Windows' own id of the machine; `null` where it could not be read. */
  readonly machineId: string | null;
  /** By what its states are told to be of one server; empty for a single state. */
  readonly sameBy: readonly SameServerReason[];
  /** The newest first; those of an unknown time last. */
  readonly states: readonly ServerState[];
  /** Place in `states` of the newest one that is safe to restore; `null` without one. */
  readonly newestSafe: number | null;
  /** What is lost by restoring it; `null` where it is the newest state, or the times do not tell. */
  readonly lost: LostSince | null;
}
