import type { Json } from '@deadbox/core';
import { type Place, placesIn, TEXTS } from './mutate-json.js';
import { viewOf } from './target.js';

/** Bytes of a tape before its changes: the number of the rule. */
const HEAD = 4;
/** Bytes of a tape that one change takes: what is done (1), with what (2, from the third byte), and where (4). */
const STEP = 8;
/** Bytes of the tapes that mutations begin with. */
export const TAPE: number = HEAD + 3 * STEP;
/** Where such a tape says what is done. */
export const KINDS: readonly number[] = [HEAD, HEAD + STEP, HEAD + 2 * STEP];

/** Keys whose text is free. */
const FREE = new Set(['title', 'description', 'author', 'falsepositives', 'tags', 'en', 'ja', 'vendor_advice', 'text']);
/** Values of one kind that rules do not have, but somebody may write, by key. */
const UNUSUAL: Readonly<Record<string, readonly Json[]>> = {
  paths: ['%%environ_systemroot%%\\**\\*', '%%environ_systemdrive%%\\*', '%%environ_programfiles%%\\..\\*'],
  key: ['HKLM\\SYSTEM\\*', 'HKLM\\SOFTWARE\\a\\*\\b', 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\*'],
  'name|re': ['.*', '^.*a.*b.*$', '(a|b)', '[^]*', '\\x00', '^(?!x)'],
  'size|gt': [0, 2 ** 53 - 1],
  'size|lt': [0, 2 ** 53 - 1],
  date: ['0000-00-00', '9999-99-99'],
  drive: ['A', 'Z'],
  severity: ['none', 'review', 'attention', 'act'],
  action: ['rename-file', 'blank-file', 'restore-disk-identity', 'advise'],
  content: ['ok', 'empty', 'unwritten', 'partly-written', 'zero-filled', 'unreadable'],
};

/**
 * A copy of a rule, chosen by the first byte of `tape`, that was changed as the others say: values become others that
 * stand under the same key in any of the rules, free texts become hostile ones, conditions are put together anew, and
 * items of lists come twice or not at all.
 */
export function mutateRule(rules: readonly Json[], tape: Uint8Array): Json {
  const holder = { root: structuredClone(rules[(tape[0] ?? 0) % rules.length]) };
  const view = viewOf(tape);
  for (let at = HEAD; at + STEP <= tape.length; at += STEP) {
    const kind = tape[at];
    if (kind === 0) continue;
    const places = placesIn(holder);
    const place = places[view.getUint32(at + 4, true) % places.length];
    change(place, kind, view.getUint16(at + 2, true), rules);
  }
  return holder.root;
}

function change(place: Place, kind: number, choice: number, rules: readonly Json[]): void {
  const { key, value } = place;
  if (kind > 245) place.remove();
  else if ((key === 'when' || key === 'condition') && typeof value === 'string') place.set(condition(value, choice));
  else if (key !== undefined && FREE.has(key) && typeof value === 'string') place.set(TEXTS[choice % TEXTS.length]);
  else if (Array.isArray(value) && kind > 128) place.set(relisted(value, choice));
  else place.set(another(place, choice, rules) ?? value);
}

/** Another combination of the words of a condition. */
function condition(text: string, choice: number): string {
  const names = text.match(/[A-Za-z0-9_.-]+/g)?.filter((word) => !['and', 'or', 'not', 'is', 'absent'].includes(word));
  if (names === undefined || names.length === 0) return text;
  const one = names[choice % names.length];
  const other = names[(choice >> 4) % names.length];
  const forms = [
    `not (${text})`,
    `(${text}) or not ${one}`,
    `${one} is absent`,
    `${one} and not ${other}`,
    `${'not '.repeat(choice % 80)}${one}`,
    `${'('.repeat(choice % 80)}${one}${')'.repeat(choice % 80)}`,
    Array.from({ length: choice % 900 }, () => one).join(' or ') || one,
  ];
  return forms[(choice >> 8) % forms.length];
}

/** Items of a list twice, turned round, many times, or fewer of them. */
function relisted(list: readonly Json[], choice: number): Json[] {
  const item = list[choice % Math.max(1, list.length)];
  const forms = [
    [...list, ...list],
    [...list].reverse(),
    list.slice(1),
    item === undefined ? [] : [item],
    item === undefined ? [] : Array.from({ length: (choice >> 3) % 140 }, () => item),
  ];
  return structuredClone(forms[(choice >> 8) % forms.length]);
}

/** A value that stands under the same key elsewhere, or that somebody may write there. */
function another({ key, value }: Place, choice: number, rules: readonly Json[]): Json | undefined {
  if (key === undefined) return undefined;
  const pool = rules.flatMap((rule) =>
    placesIn({ root: rule }).filter((place) => place.key === key && typeof place.value === typeof value),
  );
  const values = [...(UNUSUAL[key] ?? []), ...pool.map((place) => place.value)];
  return values.length === 0 ? undefined : structuredClone(values[choice % values.length]);
}
