import type { SectorState } from '@deadbox/repair';
import { type Document, group, heading, paragraph } from '../document/document.js';
import { data } from '../document/phrase.js';
import { type PageOptions, Reader } from './page.js';

/** What an undo file says of its image, and what was done. */
export interface UndoOutcome {
  readonly image: string;
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  /** How many sectors are in which state, before anything is done. */
  readonly states: Readonly<Partial<Record<SectorState, number>>>;
  readonly done?: { readonly kind: 'undone' | 'finished'; readonly sectors: number; readonly changedBytes: number };
}

/** The state of a repair, and what taking it back (or finishing it) came to. */
export function undoPage({ image, createdAt, states, done }: UndoOutcome, options: PageOptions = {}): Document {
  const reader = new Reader(options);
  const words = reader.language.repair;
  const counts = Object.entries(states).map(([state, count]) => [words.states[state as SectorState], count] as const);
  const result =
    done === undefined
      ? []
      : done.sectors === 0 && done.kind === 'undone'
        ? [paragraph(words.nothingToUndo)]
        : [paragraph(words[done.kind](done.sectors, done.changedBytes))];
  return [
    heading(1, words.madeAt(reader.time(createdAt), [data(image, 'strong')])),
    group(paragraph(words.state(counts)), ...result),
  ];
}
