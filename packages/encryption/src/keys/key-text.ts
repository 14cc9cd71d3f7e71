import { type Bytes, utf16Text } from '@deadbox/core';

/** How many bytes are looked at to tell UTF-16 without its mark. */
const PROBED = 64 * 1024;
/** Bytes of UTF-32 that are decoded at once. */
const UTF32_PIECE = 4096;

/**
 * Characters that people and programs put where a hyphen belongs: dashes, the minus sign, the long vowel mark that
 * Japanese keyboards give.
 */
const DASHES = /[\p{Pd}\u2212\u30fc\u2043]/gu;
/** Marks without a width: byte order marks inside a text, marks of writing direction, soft hyphens. */
const INVISIBLE = /[\p{Cf}]/gu;
/** Zeros of digits that are no ASCII after NFKC: Arabic-Indic, Persian, Devanagari, Thai. */
const ZEROS: readonly number[] = [0x0660, 0x06f0, 0x0966, 0x0e50];
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u0e50-\u0e59]/g;

/**
 * The text with its digits, hyphens and spaces as ASCII has them, and without marks that nobody sees. Full-width forms
 * become plain.
 */
export function plainText(text: string): string {
  // What is all ASCII is plain; to ask costs nothing, to change what need not be takes several copies.
  if (/^[\u0000-\u007f]*$/.test(text)) return text;
  return text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(OTHER_DIGITS, (digit) => {
      const code = digit.charCodeAt(0);
      return String(code - Math.max(...ZEROS.filter((zero) => zero <= code)));
    });
}

/**
 * What the bytes of a text file may say, the likeliest first: UTF-8 or UTF-16 of either order, with or without their
 * mark; UTF-32 with its mark; for bytes that are no UTF-8, ASCII with unknown characters between, then Shift-JIS.
 */
export function decodeTexts(bytes: Bytes): string[] {
  const wide = utf32Order(bytes);
  if (wide !== undefined) return [withoutMark(utf32Text(bytes, wide === 'little'))];
  const order = utf16Order(bytes);
  if (order === 'little') return [withoutMark(utf16Text(bytes))];
  if (order === 'big') return [withoutMark(new TextDecoder('utf-16be').decode(bytes))];
  try {
    return [withoutMark(new TextDecoder('utf-8', { fatal: true }).decode(bytes))];
  } catch {
    return ['utf-8', 'shift_jis'].map((encoding) => withoutMark(new TextDecoder(encoding).decode(bytes)));
  }
}

/** By the mark, of which a UTF-16 text's is the beginning: that one would begin with a NUL. */
function utf32Order(bytes: Bytes): 'little' | 'big' | undefined {
  if (bytes.length < 4) return undefined;
  const mark = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return mark === 0xfffe_0000 ? 'little' : mark === 0x0000_feff ? 'big' : undefined;
}

/** Code points that are none become the replacement character, as in other encodings; a cut last one is left out. */
function utf32Text(bytes: Bytes, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length & ~3);
  const pieces: string[] = [];
  for (let at = 0; at < view.byteLength; at += UTF32_PIECE) {
    const points: number[] = [];
    for (let next = at; next < Math.min(at + UTF32_PIECE, view.byteLength); next += 4) {
      const point = view.getUint32(next, littleEndian);
      points.push(point > 0x10_ffff ? 0xfffd : point);
    }
    pieces.push(String.fromCodePoint(...points));
  }
  return pieces.join('');
}

/**
 * By the byte order mark; else text without NUL is no UTF-16, and in UTF-16 most NULs are the upper halves of ASCII.
 */
function utf16Order(bytes: Bytes): 'little' | 'big' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'little';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'big';
  const nuls = [0, 0];
  for (let i = 0; i < Math.min(bytes.length, PROBED); i += 1) if (bytes[i] === 0) nuls[i & 1] += 1;
  const [even, odd] = nuls;
  return even === odd ? undefined : odd > even ? 'little' : 'big';
}

function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}
