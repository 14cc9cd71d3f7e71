import type { HiveHealthFindingId, HiveHealthVerdict } from '@deadbox/windows';
import type { Phrase } from '../document/phrase.js';
import type { Sentence } from './facts.js';

/** What a hive's sentence is built from. */
export interface HiveFacts {
  readonly path: string;
  readonly findings: Phrase;
  /** Codes that Windows would stop with; `undefined` where none is expected. */
  readonly codes: Phrase | undefined;
}

/** Words of the registry. */
export interface HiveWords {
  readonly verdicts: Readonly<Record<Exclude<HiveHealthVerdict, 'clean'>, (facts: HiveFacts) => Phrase>>;
  /** Parts of a sentence, without a full stop. */
  readonly findings: Readonly<Record<HiveHealthFindingId, Sentence>>;
  readonly findingSeparator: string;
  readonly defaultValue: string;
  readonly unreadableValue: string;
  /** How a hive that was not closed cleanly was read. */
  notClosed(replayed: boolean): Phrase;
}
