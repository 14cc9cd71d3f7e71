import { type DelimitedRow, parseDelimited } from './delimited-text.js';

/** What one line, record or object says. */
export interface KeyRow {
  /** Where it begins: line or item, from 1. */
  readonly line: number;
  /** Texts that may hold the id, and the password, best first. */
  readonly ids: readonly string[];
  readonly passwords: readonly string[];
}

/**
 * Headings of columns (letters and digits only, lower case) that hold the id, best first: plain, manage-bde, AD, Entra
 * / Graph, MBAM / ConfigMgr.
 */
const ID_COLUMNS = [
  'keyid',
  'recoverykeyid',
  'bitlockerkeyid',
  'bitlockerrecoverykeyid',
  'keyprotectorid',
  'msfverecoveryguid',
  'recoveryguid',
  'recoveryid',
  'passwordid',
  'id',
  'name',
  'cn',
  'distinguishedname',
  'dn',
];
/** The same for the password. */
const PASSWORD_COLUMNS = [
  'recoverypassword',
  'msfverecoverypassword',
  'bitlockerrecoverypassword',
  'recoverykey',
  'bitlockerrecoverykey',
  'key',
  'password',
];

/** Objects of a JSON file that are looked at, and how deep they may lie. */
const MOST_OBJECTS = 1_000_000;
const MOST_LEVELS = 16;
/** Nesting of JSON that is parsed at all. */
const MOST_NESTED = 256;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Rows of comma-, semicolon- or tab-separated text with a heading that names its columns; `undefined` when it names
 * none that is known.
 */
export function csvRows(text: string): Iterable<KeyRow> | undefined {
  const rows = parseDelimited(text);
  const headings = rows.next().value?.cells.map(heading) ?? [];
  const ids = columnsOf(headings, ID_COLUMNS);
  const passwords = columnsOf(headings, PASSWORD_COLUMNS);
  return ids.length === 0 || passwords.length === 0 ? undefined : rowsBelow(rows, ids, passwords);
}

function* rowsBelow(
  rows: Iterable<DelimitedRow>,
  ids: readonly number[],
  passwords: readonly number[],
): Generator<KeyRow> {
  const cellsOf = (cells: readonly string[], columns: readonly number[]): string[] =>
    columns.map((at) => cells[at] ?? '');
  for (const { line, cells } of rows) yield { line, ids: cellsOf(cells, ids), passwords: cellsOf(cells, passwords) };
}

/**
 * Rows of JSON: one for each object that has columns for an id or a password, wherever it lies (a list, Graph's single
 * object or `{"value": […]}`, PowerShell's nested `KeyProtector`), and one for each member of an object that maps ids
 * to passwords. Also one object a line.
 * @returns `undefined` when it is no JSON
 */
export function jsonRows(text: string): KeyRow[] | undefined {
  const values = parseJson(text);
  if (values === undefined) return undefined;
  const rows: KeyRow[] = [];
  const stack: { value: unknown; level: number }[] = values.map((value) => ({ value, level: 1 })).toReversed();
  for (let seen = 0; seen < MOST_OBJECTS; seen += 1) {
    const item = stack.pop();
    if (item === undefined) break;
    const { value, level } = item;
    if (typeof value !== 'object' || value === null) {
      // An item of a list that is no object says nothing; it counts as a line all the same.
      if (level === 2) rows.push({ line: rows.length + 1, ids: [], passwords: [] });
      continue;
    }
    const found = Array.isArray(value) ? [] : rowsOfObject(value as Record<string, unknown>, rows.length + 1);
    for (const row of found) rows.push(row);
    if (level >= MOST_LEVELS || found.length > 0) continue;
    for (const inner of Object.values(value).toReversed())
      if (Array.isArray(value) || typeof inner === 'object') stack.push({ value: inner, level: level + 1 });
  }
  return rows;
}

function parseJson(text: string): unknown[] | undefined {
  if (nestsTooDeep(text)) return undefined;
  try {
    return [JSON.parse(text)];
  } catch {
    try {
      return [text.split(/\r?\n/).flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as unknown]))];
    } catch {
      return undefined;
    }
  }
}

/** The engine reads any depth, and needs a hundred bytes for each level. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charCodeAt(i);
    if (character === QUOTE) quoted = !quoted;
    else if (quoted) {
      if (character === BACKSLASH) i += 1;
    } else if (character === OPEN_BRACKET || character === OPEN_BRACE) {
      depth += 1;
      if (depth > MOST_NESTED) return true;
    } else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) depth -= 1;
  }
  return false;
}

function rowsOfObject(value: Record<string, unknown>, line: number): KeyRow[] {
  const names = Object.keys(value);
  const headings = names.map(heading);
  const textsOf = (columns: readonly string[]): string[] =>
    columnsOf(headings, columns).flatMap((at) => {
      const cell = value[names[at]];
      return typeof cell === 'string' ? [cell] : [];
    });
  const row = { line, ids: textsOf(ID_COLUMNS), passwords: textsOf(PASSWORD_COLUMNS) };
  if (row.passwords.length > 0) return [row];
  const pairs = Object.entries(value).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string' && /^\W*\d{6}\W?\d{6}/.test(pair[1]),
  );
  if (pairs.length > 0) return pairs.map(([id, password], i) => ({ line: line + i, ids: [id], passwords: [password] }));
  const nested = Object.values(value).some((inner) => typeof inner === 'object' && inner !== null);
  return row.ids.length > 0 && !nested ? [row] : [];
}

/** Records of LDIF (RFC 2849): long lines are folded, binary values are base64. */
export function ldifRows(text: string): KeyRow[] | undefined {
  if (!/^dn::? /im.test(text)) return undefined;
  const rows: KeyRow[] = [];
  let record: { line: number; cells: [string, string][] } | undefined;
  const end = (): void => {
    if (record !== undefined) rows.push(ldifRow(record.line, record.cells));
    record = undefined;
  };
  for (const { line, text: whole } of unfolded(text)) {
    const match = /^([\w;.-]+):(:?) *(.*)$/.exec(whole);
    if (whole.trim() === '') end();
    else if (match !== null && heading(match[1]) !== 'version') {
      record ??= { line, cells: [] };
      record.cells.push([heading(match[1]), match[2] === '' ? match[3] : decodedValue(match[3])]);
    }
  }
  end();
  return rows;
}

/** A line that begins with one space continues the line before, without the space. */
function unfolded(text: string): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const last = lines.at(-1);
    if (raw.startsWith(' ') && last !== undefined) last.text += raw.slice(1);
    else lines.push({ line: index + 1, text: raw });
  }
  return lines;
}

/** Text in base64 as text; what is not text, such as an octet string, as it stands. */
function decodedValue(base64: string): string {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    // 16 bytes are an id, whatever characters they happen to be.
    return bytes.length === 16 ? base64 : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return base64;
  }
}

function ldifRow(line: number, cells: readonly (readonly [string, string])[]): KeyRow {
  const headings = cells.map(([name]) => name);
  const valuesOf = (columns: readonly string[]): string[] => columnsOf(headings, columns).map((at) => cells[at][1]);
  return { line, ids: valuesOf(ID_COLUMNS), passwords: valuesOf(PASSWORD_COLUMNS) };
}

function heading(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function columnsOf(headings: readonly string[], wanted: readonly string[]): number[] {
  return wanted.map((name) => headings.indexOf(name)).filter((at) => at >= 0);
}
