/**
 * Controls, marks that are not seen or that change the direction of text, line separators, and lone surrogates: all that could move a cursor,
 * hide a part of a name or show it in another order.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
/** Most names; told much faster. */
const HARMLESS = /^[\u0020-\u007e]*$/;

/** `text` from outside, safe on a terminal: control characters and their like become `\u{…}`. */
export function escapeText(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(UNSAFE, (unit) => `\\u{${(unit.codePointAt(0) as number).toString(16)}}`);
}

/** A CSV field: quoted where needed; a leading `=`, `+`, `-` or `@` gets a quote before it, so that no spreadsheet runs it. */
export function escapeCsv(text: string): string {
  const safe = escapeText(text).replace(/^[=+\-@]/, "'$&");
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
