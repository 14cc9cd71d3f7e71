import type { KnownCauseId } from '@deadbox/triage';
import type { CauseWords } from './cause-words.js';

/** Share of a query's pieces that a screen text must have. */
const ENOUGH = 0.7;
/** Characters of a query that are looked at. */
const MAX_QUERY = 400;

/**
 * The causes whose screen shows what somebody typed, the best match first. Case, width, punctuation and small words do
 * not matter; Japanese has no spaces, so that it is compared by pairs of characters.
 */
export function matchScreens(query: string, languages: readonly CauseWords[]): KnownCauseId[] {
  const wanted = pieces(plain(query.slice(0, MAX_QUERY)));
  if (wanted.length === 0) return [];
  const scores = new Map<KnownCauseId, number>();
  for (const words of languages) {
    for (const [id, { screen }] of Object.entries(words) as [KnownCauseId, CauseWords[KnownCauseId]][]) {
      const text = plain(screen);
      const there = new Set(pieces(text));
      const share = wanted.filter((piece) => there.has(piece)).length / wanted.length;
      const score = text.includes(plain(query)) ? 2 : share;
      if (score >= ENOUGH && score > (scores.get(id) ?? 0)) scores.set(id, score);
    }
  }
  const order = Object.keys(languages[0] ?? {});
  return [...scores].sort(([a, x], [b, y]) => y - x || order.indexOf(a) - order.indexOf(b)).map(([id]) => id);
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const SMALL: ReadonlySet<string> = new Set([
  'a',
  'an',
  'and',
  'at',
  'for',
  'in',
  'is',
  'it',
  'of',
  'on',
  'or',
  'the',
  'to',
  'your',
  'you',
]);

/** Words of scripts with spaces; pairs of characters of the others. */
function pieces(text: string): string[] {
  return text.split(' ').flatMap((word) => {
    if (word === '' || SMALL.has(word)) return [];
    if (!/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(word)) return [word];
    const characters = Array.from(word);
    return characters.length === 1 ? [word] : characters.slice(1).map((character, i) => `${characters[i]}${character}`);
  });
}
