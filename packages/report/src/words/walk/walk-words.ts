import type { WalkField, WalkReading, WalkStepId, WalkTermId } from '@deadbox/triage/walk';
import type { Part, Phrase } from '../../document/phrase.js';
import type { Sentence } from '../facts.js';

/** What is said of one step. */
export interface WalkStepWords {
  /** The question that it answers. */
  readonly question: Sentence;
  /** How the structure is read, and what it says here. */
  readonly lesson: Sentence;
}

/** What `walk` says. */
export interface WalkWords {
  readonly steps: Readonly<Record<WalkStepId, WalkStepWords>>;
  /** What a number of a pointer is. */
  readonly terms: Readonly<Record<WalkTermId, string>>;
  /** Why the bytes are not simply those of the image; empty where they are. */
  readonly readings: Readonly<Record<WalkReading, string>>;
  readonly labels: Readonly<Record<'disk' | 'file' | 'map' | 'next' | 'check' | 'value' | 'hive', string>>;
  readonly columns: Readonly<Record<'at' | 'field' | 'value' | 'meaning', string>>;
  readonly tables: Readonly<Record<'block-table' | 'directory' | 'table', string>>;
  title(target: Part, image: Part): Phrase;
  summary(steps: number): Phrase;
  step(number: number, question: Phrase): Phrase;
  onDisk(offset: number, length: number): Phrase;
  inFile(offset: number, path: Part): Phrase;
  readonly onlyInFile: string;
  readonly nowhere: string;
  rowsLeftOut(count: number): string;
  piece(index: number, length: number): string;
  mapEntry(kind: string, offset: number, bytes: string): Phrase;
  /** Behind the sum of a pointer: what it counts. */
  bytesOf(space: 'disk' | 'file' | 'image'): string;
  ended(code: string, message: Part): Phrase;
  readonly reached: string;
  meaning(field: Pick<WalkField, 'meaning'>): string;
}
