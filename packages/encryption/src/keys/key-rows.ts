import { jsonFits } from '@deadbox/core';
import { countOf, type DelimitedRow, parseDelimited } from './delimited-text.js';

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

/** How deep the objects of a JSON file that are looked at may lie. */
const MOST_LEVELS = 16;
/** Nesting of JSON that is parsed at all. */
const MOST_NESTED = 256;
/** Characters for each item of a JSON file: those of an item with a key are forty and more. */
const LEAST_ITEM = 8;
/** Items of the smallest files, and attributes of an LDIF record. */
const MOST_CELLS = 1024;
/** Characters of a name of a column. */
const LONGEST_HEADING = 256;
const NOTHING: readonly string[] = [];

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
export function jsonRows(text: string): Iterable<KeyRow> | undefined {
  const values = parseJson(text);
  return values === undefined ? undefined : new JsonRows().of(values, 1);
}

class JsonRows {
  #rows = 0;

  *of(value: object, level: number): Generator<KeyRow> {
    const found = Array.isArray(value) ? [] : rowsOfObject(value as Record<string, unknown>, this.#rows + 1);
    this.#rows += found.length;
    yield* found;
    if (level >= MOST_LEVELS || found.length > 0) return;
    for (const inner of Object.values(value)) {
      if (isObject(inner)) yield* this.of(inner, level + 1);
      // An item of the file's own list that is no object says nothing; it counts as a line all the same.
      else if (level === 1 && Array.isArray(value)) yield { line: (this.#rows += 1), ids: NOTHING, passwords: NOTHING };
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The value, or a list of those of its lines; `undefined` for what holds no object. */
function parseJson(text: string): object | undefined {
  const value = parsedJson(text);
  return isObject(value) ? value : undefined;
}

function parsedJson(text: string): unknown {
  if (!jsonFits(text, { levels: MOST_NESTED, values: text.length / LEAST_ITEM + MOST_CELLS })) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    try {
      return Array.from(linesOf(text), ({ text: line }) => JSON.parse(line) as unknown);
    } catch {
      return undefined;
    }
  }
}

/** The lines that are not empty. */
function* linesOf(text: string): Generator<{ line: number; text: string }> {
  for (let [line, start] = [1, 0]; start < text.length; line += 1) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const whole = text.slice(start, end).trim();
    if (whole !== '') yield { line, text: whole };
    start = end + 1;
  }
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
  const nested = Object.values(value).some((inner) => isObject(inner));
  return row.ids.length > 0 && !nested ? [row] : [];
}

/** Records of LDIF (RFC 2849): long lines are folded, binary values are base64. */
export function ldifRows(text: string): Iterable<KeyRow> | undefined {
  return /^dn::? /im.test(text) ? recordsOf(text) : undefined;
}

function* recordsOf(text: string): Generator<KeyRow> {
  let started = 0;
  let cells: [string, string][] = [];
  for (const { line, text: whole } of unfolded(text)) {
    const match = /^([\w;.-]+):(:?) *(.*)$/.exec(whole);
    if (whole.trim() === '' && cells.length > 0) {
      yield ldifRow(started, cells);
      cells = [];
    } else if (match !== null && heading(match[1]) !== 'version' && cells.length < MOST_CELLS) {
      if (cells.length === 0) started = line;
      cells.push([heading(match[1]), match[2] === '' ? match[3] : decodedValue(match[3])]);
    }
  }
  if (cells.length > 0) yield ldifRow(started, cells);
}

/** A line that begins with one space continues the line before, without the space. */
function* unfolded(text: string): Generator<{ line: number; text: string }> {
  const feed = /\r?\n(?! )/g;
  for (let [line, start] = [1, 0]; start <= text.length; ) {
    feed.lastIndex = start;
    const end = feed.exec(text)?.index ?? text.length;
    const whole = text.slice(start, end);
    yield { line, text: whole.replaceAll(/\r?\n /g, '') };
    start = text[end] === '\r' ? end + 2 : end + 1;
    line += countOf(whole, '\n') + 1;
  }
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
  return text.length > LONGEST_HEADING ? '' : text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function columnsOf(headings: readonly string[], wanted: readonly string[]): number[] {
  return wanted.map((name) => headings.indexOf(name)).filter((at) => at >= 0);
}
