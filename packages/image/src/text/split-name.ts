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

/**
 * How the end of a file name numbers it: `.001`, `.0001`, `_001` and `.part1` from 0 or 1, `.aa` from `aa`; `xaa` and
 * `x00` are what `split` calls its files unless it is told otherwise. A lone digit (`disk.img.1`) is a rotated file,
 * not a part, and a number before an ending (`disk-001.img`) that of a machine.
 */
export function parseSplitName(name: string): SplitName | undefined {
  const digits = /^(.*[._]|x)(\d{2,5})$/.exec(name) ?? /^(.*[._-]part)(\d{1,5})$/i.exec(name);
  if (digits !== null) {
    const [, stem, text] = digits;
    const number = Number(text);
    const nameAt = (wanted: number): string => `${stem}${String(wanted).padStart(text.length, '0')}`;
    return { number, mayBeFirst: number <= 1, nameAt };
  }
  // Endings that formats have do not begin with an a.
  const letters = /^(.*\.|x)(a[a-z]{1,2}|A[A-Z]{1,2})$/.exec(name);
  if (letters === null) return undefined;
  const [, stem, text] = letters;
  const first = text.charCodeAt(0);
  const number = text.split('').reduce((sum, letter) => sum * LETTERS + letter.charCodeAt(0) - first, 0);
  return { number, mayBeFirst: number === 0, nameAt: (wanted) => lettersOf(stem, text.length, first, wanted) };
}

/** @param first - code of the letter that stands for 0 */
function lettersOf(stem: string, length: number, first: number, number: number): string | undefined {
  let text = '';
  let rest = number;
  for (let place = 0; place < length; place += 1, rest = Math.floor(rest / LETTERS))
    text = String.fromCharCode(first + (rest % LETTERS)) + text;
  return rest === 0 ? stem + text : undefined;
}
