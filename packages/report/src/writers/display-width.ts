import { eastAsianWidth } from 'get-east-asian-width';

const PLAIN = /^[\u0020-\u007e]*$/;
/** Marks that are drawn onto the character before them, and characters that are not drawn. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Columns that one character takes on a terminal: 2 for East Asian wide and fullwidth ones, 0 for combining marks. */
export function characterWidth(character: string): number {
  const point = character.codePointAt(0) as number;
  if (point < 0x300) return 1;
  return NO_WIDTH.test(character) ? 0 : eastAsianWidth(point);
}

/** Columns that `text` takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** `text` filled up with spaces to `width` columns. */
export function padColumns(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** As much of `text` as fits into `width` columns. */
export function clipColumns(text: string, width: number): string {
  let columns = 0;
  let end = 0;
  for (const character of text) {
    columns += characterWidth(character);
    if (columns > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}
