import { unifiedHangul } from './unified-hangul.js';

/**
 * Windows-1252, bytes 0x80 to 0x9F; the five that it does not use stay controls. Some runtimes' own decoder gives
 * controls for all of them.
 */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Names that Windows and ICU have for encodings, by the labels of the Encoding Standard. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['cp1252', 'windows-1252'],
  ['ibm-5348', 'windows-1252'],
  ['iso-8859-1', 'windows-1252'],
  ['iso_8859-1', 'windows-1252'],
  ['latin1', 'windows-1252'],
  ['us-ascii', 'windows-1252'],
  ['cp932', 'shift_jis'],
  ['ibm-943', 'shift_jis'],
  ['windows-932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['ibm-1386', 'gbk'],
  ['windows-936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['ibm-1363', 'euc-kr'],
  ['windows-949', 'euc-kr'],
  ['cp950', 'big5'],
  ['ibm-1373', 'big5'],
  ['windows-950', 'big5'],
]);

/** What text that declares no encoding may be written in, likeliest first: the code pages of Windows. */
export const GUESSED_ENCODINGS = [
  'utf-8',
  'windows-1252',
  'shift_jis',
  'gbk',
  'big5',
  'euc-kr',
  'windows-1251',
  'windows-1250',
] as const;

/**
 * The text of `bytes` in the encoding that `name` names, in any of its usual spellings.
 * @returns `undefined` when the encoding is not known, or the bytes are none of it
 */
export function decodeIn(name: string, bytes: Uint8Array): string | undefined {
  const lower = name.trim().toLowerCase();
  const label = LABELS.get(lower) ?? lower;
  if (label === 'windows-1252') return windows1252(bytes);
  if (label === 'euc-kr') return unifiedHangul(bytes);
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function windows1252(bytes: Uint8Array): string {
  let text = '';
  for (const value of bytes)
    text += value >= 0x80 && value < 0xa0 ? WINDOWS_1252[value - 0x80] : String.fromCharCode(value);
  return text;
}
