/** C0 and C1 controls, bidirectional overrides, line separators and lone surrogates: all that could move a cursor or turn text round. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `text` from an image, safe on a terminal: control characters and their like become `\u{…}`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`);
}

/** A CSV field: quoted where needed; a leading `=`, `+`, `-`, `@`, tab or return gets a quote before it, so that no spreadsheet runs it. */
export function escapeCsv(text: string): string {
  const safe = escapeText(text).replace(/^[=+\-@]/, "'$&");
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** `text` inside HTML. */
export function escapeHtml(text: string): string {
  return escapeText(text).replace(/[&<>"']/g, (unit) => `&#${unit.charCodeAt(0)};`);
}
