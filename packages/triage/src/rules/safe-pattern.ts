/** A quantifier that may take a varying number of times: `*`, `+`, `{3,}`, `{1,9}`. */
const VARYING = /^(?:[*+]|\{\d+,\d*\})/;
/**
 * Such repeats in one expression: each multiplies the steps by the length of the text, and so does a search for the
 * first place.
 */
const MAX_REPEATS = 3;

/**
 * Why an expression of a rule file is refused; `undefined` when it may be used. Nested repeats, alternatives under a
 * repeat and back references can take exponential time on a name that somebody chose for it, many repeats in a row
 * polynomial time of a high degree.
 */
export function patternFault(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'i');
  } catch {
    return 'is not a regular expression';
  }
  // Per open group: whether it holds a repeat or alternatives.
  const groups: boolean[] = [];
  let repeats = 0;
  let closed = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const repeat = VARYING.exec(pattern.slice(at));
    if (repeat !== null) {
      repeats += 1;
      if (closed) return 'repeats a group that repeats inside or has alternatives, which can take for ever';
      if (groups.length > 0) groups[groups.length - 1] = true;
      closed = false;
      at += repeat[0].length - 1;
      continue;
    }
    closed = false;
    const character = pattern[at];
    if (character === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) return 'has a back reference, which can take for ever';
      at += 1;
    } else if (character === '[') {
      while (at + 1 < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1;
    } else if (character === '(') groups.push(false);
    else if (character === '|') {
      if (groups.length > 0) groups[groups.length - 1] = true;
    } else if (character === ')') {
      closed = groups.pop() === true;
      if (closed && groups.length > 0) groups[groups.length - 1] = true;
    }
  }
  const most = pattern.startsWith('^') ? MAX_REPEATS : MAX_REPEATS - 1;
  return repeats > most ? `has more than ${most} repeats; begin it with ^ or split it` : undefined;
}
