/** Edits, of a letter or of two neighbours, up to which one word may stand for another. */
const MAX_EDITS = 3;
/** Letters of a word that are compared: what is longer was hardly meant to be a name. */
const MAX_LETTERS = 64;

/** The name that whoever wrote `word` most likely meant, whatever its case; `undefined` where none is near. */
export function closest<T extends string>(word: string, names: Iterable<T>): T | undefined {
  let best: T | undefined;
  let least = Math.min(MAX_EDITS, Math.floor(word.length / 2)) + 1;
  const letters = word.slice(0, MAX_LETTERS).toLowerCase();
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= least) continue;
    const edits = editsBetween(letters, name.slice(0, MAX_LETTERS).toLowerCase());
    if (edits < least) [best, least] = [name, edits];
  }
  return best;
}

/**
 * How many letters must be added, left out, replaced or swapped with their neighbour (Damerau and Levenshtein,
 * restricted).
 */
function editsBetween(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      next[column] = Math.min(last[column] + 1, next[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        next[column] = Math.min(next[column], before[column - 2] + 1);
    }
    [before, last] = [last, next];
  }
  return last[to.length];
}
