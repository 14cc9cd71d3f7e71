/** A file name of a set of numbered parts. */
export interface SplitName {
  /** Position of this file in the set, as its name numbers it: `.000` is 0, `.001` is 1, `.aa` is 0. */
  readonly number: number;
  /** Whether a set may begin with it. */
  readonly mayBeFirst: boolean;
  /** The name of another position; `undefined` where the numbers end. */
  readonly nameAt: (number: number) => string | undefined;
}

const LETTERS = 26;
const A = 'a'.charCodeAt(0);

/**
 * How the end of a file name numbers it: `.001`, `.0001` and `_001` from 0 or 1, `.aa` (of `split`) from `aa`. A lone
 * digit (`disk.img.1`) is a rotated file, not a part.
 */
export function parseSplitName(name: string): SplitName | undefined {
  const digits = /^(.*[._])(\d{2,5})$/.exec(name);
  if (digits !== null) {
    const [, stem, text] = digits;
    const number = Number(text);
    const nameAt = (wanted: number): string => `${stem}${String(wanted).padStart(text.length, '0')}`;
    return { number, mayBeFirst: number <= 1, nameAt };
  }
  // Endings that formats have do not begin with an a.
  const letters = /^(.*\.)(a[a-z]{1,2})$/.exec(name);
  if (letters === null) return undefined;
  const [, stem, text] = letters;
  const number = text.split('').reduce((sum, letter) => sum * LETTERS + letter.charCodeAt(0) - A, 0);
  return { number, mayBeFirst: number === 0, nameAt: (wanted) => lettersOf(stem, text.length, wanted) };
}

function lettersOf(stem: string, length: number, number: number): string | undefined {
  let text = '';
  let rest = number;
  for (let place = 0; place < length; place += 1, rest = Math.floor(rest / LETTERS))
    text = String.fromCharCode(A + (rest % LETTERS)) + text;
  return rest === 0 ? stem + text : undefined;
}
