import type { KnownCauseId } from '@deadbox/triage';
import type { Sentence } from './facts.js';

/** Words of one cause. The last three stand in docs/causes.md as well, so that they hold without the facts of one disk. */
export interface CauseText {
  /** What is wrong on this disk, in one sentence that a tired person understands, from its facts. */
  readonly title: Sentence;
  /** What the screen shows. */
  readonly screen: string;
  /** How the disk proves it, and what rules it out. */
  readonly proof: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Words of some causes. */
export type CauseTexts<Id extends KnownCauseId> = Readonly<Record<Id, CauseText>>;

/** Words of every cause in one language. They are many: a program loads them when it shows causes. */
export type CauseWords = CauseTexts<KnownCauseId>;
