/** One row of delimited text. */
export interface DelimitedRow {
  /** Line where the row begins, from 1. */
  readonly line: number;
  /** The first of them; no table of keys has more than a few dozen. */
  readonly cells: readonly string[];
}

/** Cells of a row that are kept. */
const MOST_CELLS = 1024;
/** Characters of a cell in quotes that are looked at. */
const MOST_QUOTED = 65_536;

/**
 * Rows of comma-, semicolon- or tab-separated text with RFC 4180 quoting; the separator is the one that the first line
 * holds most of. Empty lines, PowerShell's `#TYPE` line and the `sep=;` line of spreadsheets are left out.
 */
export function* parseDelimited(text: string): Generator<DelimitedRow> {
  const separator = separatorOf(text);
  let line = 1;
  for (let at = 0; at <= text.length; ) {
    const row = rowAt(text, at, separator);
    const blank = row.cells.length === 1 && row.cells[0].trim() === '';
    if (!blank && !isPreamble(row.cells[0])) yield { line, cells: row.cells };
    line += row.lines;
    at = row.end;
  }
}

interface FoundRow {
  readonly cells: string[];
  /** Line feeds in it. */
  readonly lines: number;
  /** Where the next row begins. */
  readonly end: number;
}

function rowAt(text: string, start: number, separator: string): FoundRow {
  const cells: string[] = [];
  let lines = 0;
  let at = start;
  for (;;) {
    const cell = cellAt(text, at, separator);
    if (cells.length < MOST_CELLS) cells.push(cell.text);
    lines += cell.lines;
    at = cell.end + 1;
    if (text[cell.end] !== separator) return { cells, lines: text[cell.end] === '\n' ? lines + 1 : lines, end: at };
  }
}

interface FoundCell {
  readonly text: string;
  readonly lines: number;
  /** Where its separator or line feed stands, or the text ends. */
  readonly end: number;
}

/** A cell in quotes may have blanks before them, and goes on behind them to its end. */
function cellAt(text: string, start: number, separator: string): FoundCell {
  let lines = 0;
  let inner = '';
  for (let from = start; ; ) {
    const quote = endOfBlanks(text, from, separator);
    if (text[quote] !== '"') {
      const end = endOfPlain(text, quote, separator);
      return { text: inner + withoutReturns(text.slice(from, end)), lines, end };
    }
    const close = endOfQuoted(text, quote);
    const quoted = text.slice(quote + 1, close);
    lines += countOf(quoted, '\n');
    inner = quoted.slice(0, MOST_QUOTED).replaceAll('""', '"');
    from = close + 1;
    // What stands behind nothing in quotes may be in quotes again.
    if (inner.trim() === '') continue;
    const end = endOfPlain(text, from, separator);
    return { text: inner + withoutReturns(text.slice(from, end)), lines, end };
  }
}

function endOfBlanks(text: string, start: number, separator: string): number {
  let at = start;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at].trim() === '') at += 1;
  return at;
}

/** Where the quote stands that closes the one at `quote`; a quote in the cell is two. */
function endOfQuoted(text: string, quote: number): number {
  let at = text.indexOf('"', quote + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at < 0 ? text.length : at;
}

function endOfPlain(text: string, start: number, separator: string): number {
  for (let at = start; at < text.length; at += 1) if (text[at] === separator || text[at] === '\n') return at;
  return text.length;
}

function withoutReturns(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r', '') : text;
}

/** A line in front of the heading that holds no cells. */
function isPreamble(line: string): boolean {
  return line.startsWith('#TYPE') || /^\s*sep=/i.test(line);
}

function separatorOf(text: string): string {
  const stated = /^\s*sep=([,;\t])/i.exec(text)?.[1];
  if (stated !== undefined) return stated;
  const first = firstLine(text);
  const counted = [',', ';', '\t'].map((separator) => [separator, countOf(first, separator)] as const);
  return counted.reduce((best, item) => (item[1] > best[1] ? item : best))[0];
}

/** The first of the first lines that says something. */
function firstLine(text: string): string {
  for (let [start, tries] = [0, 0]; start < text.length && tries < 8; tries += 1) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(start, end);
    if (line.trim() !== '' && !isPreamble(line)) return line;
    start = end + 1;
  }
  return '';
}

/** How often `wanted` stands in a text. */
export function countOf(text: string, wanted: string): number {
  let count = 0;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) count += 1;
  return count;
}
