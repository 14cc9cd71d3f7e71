import type { Json } from '@deadbox/core';
import { viewOf } from './target.js';

/** Strings that somebody who wrote a report may have put there. */
export const TEXTS: readonly string[] = [
  '',
  '\u001b[31mred\u001b[0m',
  '\u009b2J',
  'evil\u202efdp.exe',
  'zero\u200bwidth\ufeff',
  'line\u2028and\u2029paragraph',
  'two\r\nlines',
  '|pipes|`ticks`|<b>&amp;',
  '=cmd|calc',
  '\ud800',
  '__proto__',
  'constructor',
  'toString',
  '9999-99-99T99:99:99.9999999Z',
  '30828-09-14T02:48:05.4775807Z',
  'x'.repeat(5000),
  '設定'.repeat(300),
];
const NUMBERS: readonly number[] = [0, 1, -1, 0.5, 255, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308];
/** A list that is repeated again and again would be measured by the bytes of the tape, which are few. */
const MOST_ELEMENTS = 4096;
/** Bytes of a tape that one change takes. */
const STEP = 6;

/** A value inside a document, and how it is replaced. */
export interface Place {
  /** The key under which it stands, or under which its list stands; the document has none. */
  readonly key?: string;
  readonly value: Json;
  readonly set: (value: Json) => void;
  readonly remove: () => void;
}

/** A copy of `document` that was changed as the bytes of `tape` say: one place for every six bytes. */
export function mutateJson(document: Json, tape: Uint8Array): Json {
  const holder = { root: structuredClone(document) };
  const view = viewOf(tape);
  for (let at = 0; at + STEP <= tape.length; at += STEP) {
    const kind = tape[at + 4];
    if (kind === 0) continue;
    const places = placesIn(holder);
    const place = places[view.getUint32(at, true) % places.length];
    if (kind > 240) place.remove();
    else place.set(changed(place.value, kind, tape[at + 5]));
  }
  return holder.root;
}

/** Every value of a document, itself first. */
export function placesIn(holder: { root: Json }): Place[] {
  const places: Place[] = [];
  const visit = (value: Json, set: (value: Json) => void, remove: () => void, key?: string): void => {
    places.push(key === undefined ? { value, set, remove } : { key, value, set, remove });
    if (Array.isArray(value))
      for (const [i, inner] of value.entries())
        visit(
          inner,
          (next) => void (value[i] = next),
          () => void value.splice(i, 1),
          key,
        );
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value))
        visit(
          inner,
          (next) => void (value[name] = next),
          () => void delete value[name],
          name,
        );
  };
  visit(
    holder.root,
    (next) => void (holder.root = next),
    () => undefined,
  );
  return places;
}

/** Mostly another value of the same type, so that a document stays one of its schema. */
function changed(value: Json, kind: number, choice: number): Json {
  const text = TEXTS[choice % TEXTS.length];
  const number = NUMBERS[choice % NUMBERS.length];
  if (kind > 230) return [null, true, text, number, [], {}][choice % 6];
  if (typeof value === 'string' || value === null) return text;
  if (typeof value === 'number') return number;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value))
    return choice % 4 === 0
      ? []
      : Array.from({ length: choice }, () => value)
          .flat(1)
          .slice(0, MOST_ELEMENTS);
  return { ...value, [text]: text };
}
