import { type Json, toHex } from '@deadbox/core';
import { data, type Phrase, type Span, text } from '../document/phrase.js';
import { shellWord } from '../document/shell-word.js';

/** Characters of one fact that a sentence shows; JSON has all. */
const MAX_SHOWN = 1000;

/** The facts of a finding, an obstacle, a step or an error, as its words need them. */
export class Facts {
  readonly #data: Readonly<Record<string, Json | undefined>>;
  readonly #unknown: string;

  /** @param unknown - the word for a fact that is not there */
  constructor(facts: Readonly<Record<string, Json | undefined>>, unknown: string) {
    this.#data = facts;
    this.#unknown = unknown;
  }

  has(name: string): boolean {
    const value = this.#data[name];
    return value !== undefined && value !== null;
  }

  is(name: string, value: Json): boolean {
    return this.#data[name] === value;
  }

  /** The fact as it is. */
  value(name: string): Json | undefined {
    return this.#data[name];
  }

  /** The fact as text from outside; the word for "unknown" where it is absent. */
  show(name: string): Span {
    const value = this.#data[name];
    if (value === undefined || value === null) return text(this.#unknown);
    return data(clipped(typeof value === 'object' ? plainText(value) : String(value)));
  }

  /** The texts of a fact that is a list, or one text. */
  list(name: string): string[] {
    return [this.#data[name]].flat().filter((item): item is string => typeof item === 'string');
  }
}

/** A disk makes names, commands and lists as long as it likes; a sentence ends. */
export function clipped(whole: string): string {
  return whole.length > MAX_SHOWN ? `${whole.slice(0, MAX_SHOWN)}…` : whole;
}

/** Structured facts as a person reads them: `a: 1, b: 2`. What is not there is left out. */
export function plainText(value: unknown): string {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plainText).join(', ');
  if (typeof value !== 'object' || value === null) return value === null || value === undefined ? '–' : String(value);
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => `${name}: ${isNested(inner) ? `(${plainText(inner)})` : plainText(inner)}`)
    .join(', ');
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

/** Words that need facts. */
export type Sentence = (facts: Facts) => Phrase;

/** The image as an argument in a shell, where it is known. */
export function imageWord(facts: Facts): string {
  return facts.has('image') ? shellWord(String(facts.value('image'))) : 'IMAGE';
}
