import type { Phrase, Tone } from './phrase.js';

/** A labelled value. */
export interface Field {
  readonly label: string;
  readonly value: Phrase;
}

/** A column of a listing's line. */
export interface Cell {
  readonly content: Phrase;
  /** Columns that it takes at least; the content's own when absent. */
  readonly width?: number;
  readonly align?: 'right';
}

/** A range of bytes that stands out. */
export interface HexMark {
  /** First byte, from the start of the block. */
  readonly at: number;
  readonly length: number;
  readonly tone: Tone;
}

/** A part of a page. Nothing in it knows where it will be shown. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly content: Phrase }
  | { readonly kind: 'paragraph'; readonly content: Phrase }
  | { readonly kind: 'fields'; readonly fields: readonly Field[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly Phrase[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Phrase[])[] }
  | { readonly kind: 'code'; readonly text: string }
  /**
   * A line of a listing, which may have millions: its columns do not depend on the lines around it, and it is not
   * broken.
   */
  | { readonly kind: 'row'; readonly cells: readonly Cell[] }
  /**
   * Bytes; `offset` is where the first one lies. With `marks` they are also shown as text, and those ranges stand out.
   */
  | {
      readonly kind: 'hex';
      readonly offset: number;
      readonly bytes: Uint8Array;
      readonly marks?: readonly HexMark[];
    }
  /** What belongs to the heading or paragraph above it. */
  | { readonly kind: 'group'; readonly blocks: readonly Block[] }
  /** The end of a part. */
  | { readonly kind: 'break' };

/** What a page says, from top to bottom. */
export type Document = readonly Block[];

/** Makes a document readable in one medium. */
export type Writer = (document: Document) => string;

/** A heading; 1 is the highest level. */
export function heading(level: 1 | 2 | 3, content: Phrase): Block {
  return { kind: 'heading', level, content };
}

export function paragraph(content: Phrase): Block {
  return { kind: 'paragraph', content };
}

/** A paragraph for each phrase. */
export function paragraphs(contents: readonly Phrase[]): Block[] {
  return contents.map(paragraph);
}

export function fields(list: readonly Field[]): Block {
  return { kind: 'fields', fields: list };
}

export function group(...blocks: readonly Block[]): Block {
  return { kind: 'group', blocks };
}

export const BREAK: Block = { kind: 'break' };
