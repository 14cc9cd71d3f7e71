/** Two-byte characters of KS X 1001 that are syllables: both bytes in these ranges. */
const SYLLABLES = { first: 0xb0, last: 0xc8, trail: 0xa1, end: 0xfe } as const;
/** All Hangul syllables of Unicode. */
const HANGUL = { first: 0xac00, last: 0xd7a3 } as const;

/** Second bytes of the code page's own characters, in order; behind 0xA0 KS X 1001 begins. */
const TRAILS: readonly number[] = [...from(0x41, 0x5a), ...from(0x61, 0x7a), ...from(0x81, 0xfe)];
/** The two characters that Windows has since 1998: the euro and registered signs. */
const SIGNS: ReadonlyMap<number, string> = new Map([
  [0xa2e6, '\u20ac'],
  [0xa2e7, '\u00ae'],
]);

/**
 * Text in Windows' code page 949 (Unified Hangul Code): KS X 1001, and before its rows and columns the syllables that it
 * lacks, in the order of Unicode. The decoders of some runtimes know KS X 1001 alone, and do not say so.
 * @returns `undefined` when the bytes are none of it
 */
export function unifiedHangul(bytes: Uint8Array): string | undefined {
  const standard = new TextDecoder('euc-kr', { fatal: true });
  let own: Map<number, string> | undefined;
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at];
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    if (at + 1 === bytes.length) return undefined;
    const pair = bytes.subarray(at, at + 2);
    let character = ofStandard(standard, pair);
    if (character === undefined) {
      // Most texts have none of them.
      own ??= ownCharacters(standard);
      character = own.get((pair[0] << 8) | pair[1]);
    }
    if (character === undefined) return undefined;
    text += character;
    at += 1;
  }
  return text;
}

function ofStandard(standard: TextDecoder, pair: Uint8Array): string | undefined {
  try {
    const isStandard = pair[0] >= SYLLABLES.trail && pair[1] >= SYLLABLES.trail;
    return isStandard ? standard.decode(pair) : undefined;
  } catch {
    return undefined;
  }
}

/** Rows 0x81 to 0xA0 are the code page's own; in the next 38 only what stands before KS X 1001 is. */
function ownCharacters(standard: TextDecoder): Map<number, string> {
  const known = new Set<string>();
  for (let lead: number = SYLLABLES.first; lead <= SYLLABLES.last; lead += 1)
    for (let trail: number = SYLLABLES.trail; trail <= SYLLABLES.end; trail += 1)
      known.add(standard.decode(Uint8Array.of(lead, trail)));
  const own = new Map(SIGNS);
  let lead = 0x81;
  let column = 0;
  for (let code: number = HANGUL.first; code <= HANGUL.last; code += 1) {
    const syllable = String.fromCharCode(code);
    if (known.has(syllable)) continue;
    own.set((lead << 8) | TRAILS[column], syllable);
    column += 1;
    const isFull = column === TRAILS.length || (lead > 0xa0 && TRAILS[column] > 0xa0);
    if (isFull) [lead, column] = [lead + 1, 0];
  }
  return own;
}

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
