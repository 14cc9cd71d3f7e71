import type { Part, Phrase } from '../document/phrase.js';

/** What a verb says on the side: warnings and progress. */
export interface NoticeWords {
  readonly literalSecret: Phrase;
  volumeRefused(volume: number, why: Phrase): Phrase;
  notNeeded(labels: readonly string[], image: string): Phrase;
  /** A server that fails is asked again; `reason` is what failed, in English. */
  askedAgain(retry: { name: string; reason: string; waitSeconds: number; limitSeconds: number }): Phrase;
  writtenAsZeros(bytes: number): Phrase;
  issueCount(code: string, count: number): Phrase;
  readonly labels: Readonly<Record<'scan' | 'export' | 'unlocking' | 'hashes', string>>;
  imageOf(index: number, count: number, name: Part): Phrase;
  progress(facts: { percent: number; done: string; total: string; rate: string; secondsLeft: number }): Phrase;
  ruleValid(file: string, rule: string): Phrase;
  readonly ruleLevels: Readonly<Record<'informational' | 'low' | 'medium' | 'high' | 'critical', string>>;
}
