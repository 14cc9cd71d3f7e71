import type { Phrase } from '../../document/phrase.js';

/**
 * What a disk comes to, in one word: Windows does not start, or might not; its files ask to act, though the start was
 * not checked; it is locked; it could not be opened; it holds no Windows; its start was not checked; nothing was found.
 */
export type DiskState =
  | 'no'
  | 'act'
  | 'doubtful'
  | 'blocked'
  | 'failed'
  | 'no-windows'
  | 'not-checked'
  | 'nothing-found';

/** Words of the HTML page around those of the disks. */
export interface HtmlWords {
  /** The language in itself. */
  readonly language: string;
  readonly switchLanguage: string;
  title(disks: number): string;
  /** The answer for a manager. @param atRisk - disks that do not start, or ask to act */
  headline(disks: number, atRisk: number, unsure: number): string;
  examined(time: string, tool: string, version: string): Phrase;
  readonly states: Readonly<Record<DiskState, string>>;
  /** Said of the tiles. */
  readonly overview: string;
  readonly first: string;
  readonly nothingToDo: Phrase;
  disks(count: number): string;
  /** How many more there are than were named. */
  more(count: number): string;
  /** A sentence with the facts of one disk out of several. */
  forExample(name: Phrase, sentence: Phrase): Phrase;
  /** Groups that are not shown. */
  moreGroups(count: number): Phrase;
  sharedIdentity(diskId: string): Phrase;
  readonly table: string;
  readonly columns: Readonly<Record<'server' | 'state' | 'why' | 'next', string>>;
  readonly filter: string;
  readonly filterHint: string;
  readonly clear: string;
  /** With `{shown}` and `{total}`. */
  readonly shown: string;
  readonly noMatch: string;
  readonly back: string;
  readonly previous: string;
  readonly next: string;
  readonly steps: string;
  readonly why: string;
  readonly whole: string;
  readonly theme: string;
  readonly themes: Readonly<Record<'auto' | 'light' | 'dark', string>>;
  readonly print: string;
  readonly printed: string;
  readonly needsScript: string;
  readonly tooOld: string;
  readonly readOnly: string;
}
