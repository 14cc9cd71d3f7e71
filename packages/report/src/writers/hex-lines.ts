import type { HexMark } from '../document/document.js';
import type { Tone } from '../document/phrase.js';
import type { Paint } from './paint.js';
import { painted } from './painted.js';

const ROW = 16;
const HALF = ROW / 2;

/** Bytes in rows of sixteen, as hexadecimal digits and as text; 76 columns. Marked ranges have their tones in both. */
export function hexLines(
  {
    offset,
    bytes,
    marks = [],
  }: { readonly offset: number; readonly bytes: Uint8Array; readonly marks?: readonly HexMark[] },
  paint: Paint,
): string[] {
  const toneAt = (at: number): Tone | undefined =>
    marks.find((mark) => at >= mark.at && at < mark.at + mark.length)?.tone;
  const show = (text: string, tone: Tone | undefined): string =>
    tone === undefined ? text : painted(text, tone, paint);
  const lines: string[] = [];
  for (let row = 0; row < bytes.length; row += ROW) {
    const end = Math.min(row + ROW, bytes.length);
    let digits = '';
    let text = '';
    // Neighbours of one tone are painted together.
    for (let at = row; at < end; ) {
      const tone = toneAt(at);
      let to = at + 1;
      while (to < end && toneAt(to) === tone && (to - row) % HALF !== 0) to += 1;
      const part = [...bytes.subarray(at, to)];
      const gap = at === row ? '' : (at - row) % HALF === 0 ? '  ' : ' ';
      digits += gap + show(part.map((byte) => byte.toString(16).padStart(2, '0')).join(' '), tone);
      text += show(part.map(printable).join(''), tone);
      at = to;
    }
    const missing = row + ROW - end;
    const filling = ' '.repeat(missing * 3 + (missing >= HALF ? 1 : 0));
    lines.push(`${(offset + row).toString(16).padStart(8, '0')}  ${digits}${filling}  ${text}`);
  }
  return lines;
}

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');
