import { decodeIn, GUESSED_ENCODINGS } from '../text/code-page.js';

/** The text of a descriptor. */
export interface VmdkText {
  readonly text: string;
  /** The encoding that it was read in. */
  readonly encoding: string;
}

/**
 * The text of a descriptor, up to the first NUL: first in the encoding that it names for itself, then in those that it
 * may be in. Only names of files beyond ASCII differ between them; which is right shows when the files are looked for.
 */
export function decodeVmdkText(bytes: Uint8Array): readonly [VmdkText, ...VmdkText[]] {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  const plain = new TextDecoder('utf-8').decode(used);
  const fallback = { text: plain, encoding: 'utf-8' };
  if (!used.some((value) => value >= 0x80)) return [fallback];
  // Blanks only, no line ends: `\s` would try every empty line of a hostile descriptor again and again.
  const named = /^[ \t]*encoding[ \t]*=[ \t]*"?([\w.:-]{1,40})"?[ \t\r]*$/im.exec(plain)?.[1];
  const readings: VmdkText[] = [];
  for (const encoding of [...(named === undefined ? [] : [named]), ...GUESSED_ENCODINGS]) {
    const text = decodeIn(encoding, used);
    if (text !== undefined && readings.every((reading) => reading.text !== text)) readings.push({ text, encoding });
  }
  const [first = fallback, ...others] = readings;
  return [first, ...others];
}
