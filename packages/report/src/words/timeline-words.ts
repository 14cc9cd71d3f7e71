import type { TimelineKind } from '@deadbox/triage';
import type { Part, Phrase } from '../document/phrase.js';

/** Words of the time line of an installation. */
export interface TimelineWords {
  readonly title: string;
  /** What happened, by kind. @param what - stop code, package, device or path; `undefined` where nothing tells */
  readonly events: Readonly<Record<TimelineKind, (what: Part | undefined) => Phrase>>;
  readonly failed: string;
  lastRan(time: string, event: Phrase): Phrase;
  changed(time: string, event: Phrase): Phrase;
  firstFailed(time: string, event: Phrase): Phrase;
  readonly noFailure: Phrase;
}
