import type { EditTarget, OperationId, RefusalId, RepairProblemId, SectorState } from '@deadbox/repair';
import type { Part, Phrase } from '../document/phrase.js';
import type { Sentence } from './facts.js';

/** Verdicts after which nobody knows whether there is something to repair. */
export type UnexaminedVerdict = 'blocked-encrypted' | 'unreadable';

/** What `fix` and `undo` say. */
export interface RepairWords {
  planOf(image: Part): Phrase;
  readonly nothing: Phrase;
  /** Instead of `nothing`: the disk could not be looked into. */
  readonly unexamined: Readonly<Record<UnexaminedVerdict, Phrase>>;
  readonly onlyRefusals: Phrase;
  /** What an operation does, of its data. */
  readonly operations: Readonly<Record<OperationId, Sentence>>;
  /** An operation's name where it is refused. */
  readonly names: Readonly<Record<OperationId, string>>;
  /** Why, and what to do instead. */
  readonly refusals: Readonly<Record<RefusalId, Sentence>>;
  refused(name: string, what: Part | undefined, why: Phrase): Phrase;
  readonly targets: Readonly<Record<EditTarget, string>>;
  place(volume: number | null, offset: number): Phrase;
  readonly columns: readonly [place: string, what: string, before: string, after: string];
  moreEdits(count: number): Phrase;
  bytes(count: number): Phrase;
  /** Stands above the command. */
  readonly howToWrite: Phrase;
  /** Stands above the command that takes it back. */
  written(sectors: number, bytes: number): Phrase;
  overlayWritten(path: string, image: string): Phrase;
  verdicts(before: string, after: string): Phrase;
  readonly verified: Phrase;
  readonly problems: Readonly<Record<RepairProblemId, Sentence>>;
  undone(sectors: number, bytes: number): Phrase;
  finished(sectors: number, bytes: number): Phrase;
  readonly nothingToUndo: Phrase;
  readonly states: Readonly<Record<SectorState, string>>;
  state(counts: readonly (readonly [state: string, count: number])[]): Phrase;
  madeAt(time: string, image: Part): Phrase;
}
