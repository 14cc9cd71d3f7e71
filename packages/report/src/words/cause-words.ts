import type { CauseConfidence, CausePhase, DoubtReason, KnownCauseId } from '@deadbox/triage';
import type { Part, Phrase } from '../document/phrase.js';
import type { Sentence } from './facts.js';

/**
 * Words of one cause. The last three stand in docs/causes.md as well, so that they hold without the facts of one disk.
 */
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

/** The answer in a word or two. */
export type StartBadge = 'no' | 'doubtful' | 'nothing-found' | 'not-checked' | 'blocked';

/** Words of the answer: whether Windows starts, and why not. */
export interface StartWords {
  readonly badges: Readonly<Record<StartBadge, string>>;
  readonly nothingFound: Phrase;
  /** Something could not be examined, and nothing else was found. */
  readonly undecided: Phrase;
  readonly notChecked: Phrase;
  /** `key`: the protector that would open it, with its id; `product`: what encrypts it. */
  blocked(volume: number, product: string, key: Phrase | undefined): Phrase;
  /** How to give the key. */
  giveKey(command: string): Phrase;
  readonly confidences: Readonly<Record<CauseConfidence, string>>;
  readonly phases: Readonly<Record<CausePhase, string>>;
  /** Heading of the causes. */
  readonly causes: string;
  /** How many findings of the same kind are not listed, behind the last one that is. */
  moreAlike(count: number): Phrase;
  /** Confidence, phase and codes of a cause, after its sentence. */
  facts(confidence: string, phase: string, codes: Phrase | undefined): Phrase;
  readonly labels: Readonly<Record<'screen' | 'proof' | 'remedy' | 'evidence' | 'source', string>>;
  /** Where the bytes that prove it lie. */
  evidence(what: Phrase, offset: number, bytes: string): Phrase;
  /** Where more is said of a cause. */
  more(id: string): Phrase;
  readonly worthKnowing: string;
  /** Heading of what could not be examined. */
  readonly notDecided: string;
  readonly doubtReasons: Readonly<Record<DoubtReason, string>>;
  /** What could not be examined. @param where - path, key or volume; `undefined` for the disk */
  doubt(where: Part | undefined, reason: Phrase): Phrase;
  lastFailure(status: string, path: string | null, at: string | null): Phrase;
  /** Text of a cause whose words are not loaded, or that a rule without words found. */
  unnamed(id: string): Phrase;
}
