import type { FileType, Issue } from '@deadbox/core';
import type { Severity } from '@deadbox/triage';
import type { Part, Phrase } from '../document/phrase.js';

/** Words that every page uses. */
export interface CommonWords {
  readonly severities: Readonly<Record<Severity, string>>;
  readonly issueSeverities: Readonly<Record<Issue['severity'], string>>;
  readonly fileTypes: Readonly<Record<FileType, string>>;
  readonly unknown: string;
  readonly none: string;
  /** Of a time. */
  readonly notSet: string;
  readonly yes: string;
  readonly no: string;
  readonly error: string;
  readonly warning: string;
  /** A size for people: `40,004 bytes`, `1.5 GiB`. */
  size(bytes: number): string;
  /** An exact number of bytes. */
  bytes(count: number): string;
  /** A span of time in its two largest units: `3 days 4 h`. */
  span(milliseconds: number): string;
  /** Things one after another. */
  list(parts: readonly Part[]): Phrase;
  /** One of several. */
  either(parts: readonly Part[]): Phrase;
  /** Before a word in parentheses. */
  readonly wordGap: string;
  /** Between two sentences. */
  readonly sentenceGap: string;
  /** How many more there are than were shown. */
  more(count: number): Phrase;
  /** A label of a field, when it leads a line of its own: `Boot check: …`. */
  labelled(label: string, value: Part): Phrase;
  inParentheses(value: Part): Phrase;
  quoted(value: string): Phrase;
  /** A byte offset in a layer: `disk 512`, of a name that the layer has in errors and issues. */
  place(layer: string, offset: number): Phrase;
  /** What lies at a place, by the name that its evidence has. */
  structure(what: string): Phrase;
}
