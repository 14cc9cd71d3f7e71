/** A quantifier, with the sign that makes it lazy. */
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
/**
 * Repeats of a varying number (`*`, `+`, `{3,}`, `{1,9}`) in one expression: each multiplies the steps by the length of
 * the text, and so does a search for the first place.
 */
const MAX_REPEATS = 3;
/** The product of the alternatives of all groups, and of two for each `?`: all of them may be tried one after another. */
const MAX_WAYS = 1024;

/** A group that is open. */
interface Group {
  /** Alternatives so far. */
  alternatives: number;
  /** Whether its inside can match one text in several ways: it holds a quantifier or alternatives. */
  varies: boolean;
}

/**
 * Why an expression of a rule file is refused; `undefined` when it may be used. Nested repeats, alternatives or `?` under
 * a repeat, many of them in a row and back references can take exponential time on a name that somebody chose for it,
 * many repeats in a row polynomial time of a high degree.
 */
export function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'i');
  } catch {
    return 'is not a regular expression';
  }
  const groups: Group[] = [];
  let repeats = 0;
  let ways = 1;
  /** Whether a group that varies ends right before this place. */
  let closed = false;
  const vary = (): void => {
    const group = groups.at(-1);
    if (group !== undefined) group.varies = true;
  };
  for (let at = 0; at < pattern.length; at += 1) {
    const quantifier = QUANTIFIER.exec(pattern.slice(at))?.[0];
    if (quantifier !== undefined) {
      const optional = quantifier.startsWith('?');
      if (closed && !optional)
        return 'repeats a group that repeats inside or has alternatives, which can take for ever';
      const fixed = /^\{\d+\}/.test(quantifier);
      if (optional) ways *= 2;
      else if (!fixed) repeats += 1;
      if (!fixed) vary();
      at += quantifier.length - 1;
      continue;
    }
    closed = false;
    const character = pattern[at];
    if (character === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) return 'has a back reference, which can take for ever';
      at += 1;
    } else if (character === '[') {
      while (at + 1 < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1;
    } else if (character === '(') {
      groups.push({ alternatives: 1, varies: false });
      // The question mark of (?: and of its like is no quantifier.
      if (pattern[at + 1] === '?') at += 1;
    } else if (character === '|') {
      const group = groups.at(-1);
      if (group !== undefined) group.alternatives += 1;
    } else if (character === ')') {
      const { alternatives, varies } = groups.pop() ?? { alternatives: 1, varies: false };
      ways *= alternatives;
      closed = varies || alternatives > 1;
      if (closed) vary();
    }
  }
  if (ways > MAX_WAYS) return `has more than ${MAX_WAYS} ways to match; split it`;
  const most = pattern.startsWith('^') ? MAX_REPEATS : MAX_REPEATS - 1;
  return repeats > most ? `has more than ${most} repeats; begin it with ^ or split it` : undefined;
}
