/** Second bytes of the code page's own characters, in order; behind 0xA0 KS X 1001 begins. */
const TRAILS: readonly number[] = [...from(0x41, 0x5a), ...from(0x61, 0x7a), ...from(0x81, 0xfe)];
const STANDARD = 0xa1;
const UNKNOWN = '\ufffd';

/**
 * Text in Windows' code page 949 (Unified Hangul Code): KS X 1001, and before its rows and columns the syllables that
 * it lacks, in the order of Unicode. The decoders of some runtimes know KS X 1001 alone, and do not say so.
 * @returns `undefined` when the bytes are none of it
 */
export function unifiedHangul(bytes: Uint8Array): string | undefined {
  const standard = new TextDecoder('euc-kr');
  let own: ReadonlyMap<number, string> | undefined;
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) {
    const [lead, trail = 0] = bytes.subarray(at, at + 2);
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    let character = lead < STANDARD || trail < STANDARD ? UNKNOWN : standard.decode(Uint8Array.of(lead, trail));
    if (character.includes(UNKNOWN)) {
      // Most texts have none of them.
      own ??= ownCharacters(standard);
      character = own.get((lead << 8) | trail) ?? UNKNOWN;
    }
    if (character === UNKNOWN) return undefined;
    text += character;
    at += 1;
  }
  return text;
}

/** Rows 0x81 to 0xA0 are the code page's own; in the next 38 only what stands before KS X 1001 is. */
function ownCharacters(standard: TextDecoder): ReadonlyMap<number, string> {
  const known = new Set<string>();
  for (const lead of from(0xb0, 0xc8))
    for (const trail of from(STANDARD, 0xfe)) known.add(standard.decode(Uint8Array.of(lead, trail)));
  // The euro and registered signs, which Windows has since 1998.
  const own = new Map([
    [0xa2e6, '\u20ac'],
    [0xa2e7, '\u00ae'],
  ]);
  let lead = 0x81;
  let column = 0;
  for (const code of from(0xac00, 0xd7a3)) {
    const syllable = String.fromCharCode(code);
    if (known.has(syllable)) continue;
    own.set((lead << 8) | TRAILS[column], syllable);
    column += 1;
    if (column === TRAILS.length || (lead >= STANDARD && TRAILS[column] >= STANDARD)) [lead, column] = [lead + 1, 0];
  }
  return own;
}

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
