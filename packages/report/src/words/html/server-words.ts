import type { SameServerReason, StateTimeSource, UnsafeReason } from '@deadbox/triage';
import type { Phrase } from '../../document/phrase.js';

/** Words of the states of servers, and which of them to restore. */
export interface ServerWords {
  readonly title: string;
  /** How many states there are, and by what they are told to be of one server. */
  states(count: number, sameBy: readonly string[]): Phrase;
  readonly sameBy: Readonly<Record<SameServerReason, string>>;
  readonly timeFrom: Readonly<Record<StateTimeSource, string>>;
  readonly unsafe: Readonly<Record<UnsafeReason, string>>;
  /** A server that nothing names. */
  readonly unnamed: string;
  snapshot(path: string, name: string): Phrase;
  shadowCopy(path: string, number: string): Phrase;
  /** The newest state is safe. */
  newestIsSafe(state: Phrase): Phrase;
  restore(state: Phrase, when: Phrase): Phrase;
  readonly noneSafe: Phrase;
  lost(span: string, from: string, to: string): Phrase;
  /** Nothing tells how much would be lost. */
  readonly lostUnknown: Phrase;
  changed(changes: Phrase): Phrase;
  readonly columns: Readonly<Record<'state' | 'when' | 'safe', string>>;
  readonly safe: string;
  readonly unknownTime: string;
  /** When a state was, and what tells. */
  when(time: string, source: string): Phrase;
  readonly noServers: Phrase;
}
