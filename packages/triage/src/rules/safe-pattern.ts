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
  /** Repeats, and ways to match, that stand before it. */
  readonly before: { readonly repeats: number; readonly ways: number };
}

/**
 * Why an expression of a rule file is refused; `undefined` when it may be used. Nested repeats, alternatives or `?`
 * under a repeat, many of them in a row and back references can take exponential time on a name that somebody chose for
 * it, many repeats in a row polynomial time of a high degree. What is repeated a fixed number of times counts as often.
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
  /** What a group that varies, and that ends right before this place, has inside. */
  let closed: { readonly repeats: number; readonly ways: number } | undefined;
  const vary = (): void => {
    const group = groups.at(-1);
    if (group !== undefined) group.varies = true;
  };
  for (let at = 0; at < pattern.length; at += 1) {
    const quantifier = QUANTIFIER.exec(pattern.slice(at))?.[0];
    if (quantifier !== undefined) {
      const optional = quantifier.startsWith('?');
      const times = /^\{(\d+)\}/.exec(quantifier)?.[1];
      if (times !== undefined) {
        // As if the group stood there so many times.
        repeats += (closed?.repeats ?? 0) * (Number(times) - 1);
        ways *= (closed?.ways ?? 1) ** (Number(times) - 1);
      } else {
        if (closed !== undefined && !optional)
          return 'repeats a group that repeats inside or has alternatives, which can take for ever';
        if (optional) ways *= 2;
        else repeats += 1;
        vary();
      }
      at += quantifier.length - 1;
      continue;
    }
    closed = undefined;
    const character = pattern[at];
    if (character === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) return 'has a back reference, which can take for ever';
      at += 1;
    } else if (character === '[') {
      while (at + 1 < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1;
    } else if (character === '(') {
      groups.push({ alternatives: 1, varies: false, before: { repeats, ways } });
      // The question mark of (?: and of its like is no quantifier.
      if (pattern[at + 1] === '?') at += 1;
    } else if (character === '|') {
      const group = groups.at(-1);
      if (group !== undefined) group.alternatives += 1;
    } else if (character === ')') {
      // An expression that the engine takes has no more ends of groups than begins.
      const { alternatives, varies, before } = groups.pop() as Group;
      ways *= alternatives;
      if (!varies && alternatives === 1) continue;
      closed = { repeats: repeats - before.repeats, ways: ways / before.ways };
      vary();
    }
  }
  if (ways > MAX_WAYS) return `has more than ${MAX_WAYS} ways to match; split it`;
  const most = pattern.startsWith('^') ? MAX_REPEATS : MAX_REPEATS - 1;
  return repeats > most ? `has more than ${most} repeats; begin it with ^ or split it` : undefined;
}
