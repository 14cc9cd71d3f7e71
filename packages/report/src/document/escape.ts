/**
 * Controls, marks that are not seen or that change the direction of text, line separators, and lone surrogates: all
 * that could move a cursor, hide a part of a name or show it in another order.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
/** Most names; told much faster. */
const HARMLESS = /^[\u0020-\u007e]*$/;

/** `text` from outside, safe on a terminal: control characters and their like become `\u{…}`. */
export function escapeText(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(UNSAFE, (unit) => `\\u{${(unit.codePointAt(0) as number).toString(16)}}`);
}

/**
 * A CSV field: quoted where needed; a leading `=`, `+`, `-` or `@` gets a quote before it, so that no spreadsheet runs
 * it.
 */
export function escapeCsv(text: string): string {
  const safe = escapeText(text).replace(/^[=+\-@]/, "'$&");
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * As {@link UNSAFE}, in JSON: `JSON.stringify` escapes the first controls and lone surrogates itself, and its line
 * feeds stand between the values.
 */
const UNSAFE_JSON = /[\u007f-\u009f\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
const HARMLESS_JSON = /^[\n\u0020-\u007e]*$/;

/**
 * A value as JSON whose strings move no cursor, hide nothing and turn nothing round where somebody looks at it; it
 * reads back the same.
 */
export function jsonText(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent);
  if (HARMLESS_JSON.test(json)) return json;
  return json.replace(UNSAFE_JSON, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text from outside as text or attribute of an HTML page, as harmless as {@link escapeText} makes it. */
export function escapeHtml(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (mark) => MARKUP[mark]);
}
