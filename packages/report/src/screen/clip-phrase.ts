import { escapeText } from '../document/escape.js';
import type { Phrase, Span } from '../document/phrase.js';
import { characterWidth, clipColumns, displayWidth } from '../writers/display-width.js';

const MORE = '…';

/** Columns that a phrase takes where it is shown. */
export function phraseWidth(content: Phrase): number {
  return content.reduce((sum, { text }) => sum + displayWidth(escapeText(text)), 0);
}

/** As much of a phrase as fits into `width` columns; what is left out is marked. */
export function clipPhrase(content: Phrase, width: number): Phrase {
  if (phraseWidth(content) <= width) return content;
  const clipped: Span[] = [];
  let room = width - 1;
  for (const span of content) {
    const shown = clipColumns(escapeText(span.text), Math.max(room, 0));
    room -= displayWidth(shown);
    clipped.push({ ...span, text: shown });
    if (shown.length < escapeText(span.text).length) break;
  }
  return width < 1 ? [] : [...clipped, { kind: 'text', text: MORE }];
}

/** As much of the end of a name as fits into `width` columns: the end of a path tells more than its beginning. */
export function clipName(name: string, width: number): string {
  const shown = escapeText(name);
  if (displayWidth(shown) <= width) return shown;
  let columns = 1;
  const kept: string[] = [];
  for (const character of Array.from(shown).toReversed()) {
    columns += characterWidth(character);
    if (columns > width) break;
    kept.unshift(character);
  }
  return width < 1 ? '' : `${MORE}${kept.join('')}`;
}
