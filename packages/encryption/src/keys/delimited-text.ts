/** One row of delimited text. */
export interface DelimitedRow {
  /** Line where the row begins, from 1. */
  readonly line: number;
  readonly cells: string[];
}

/**
 * Rows of comma-, semicolon- or tab-separated text with RFC 4180 quoting; the separator is the one that the first line
 * holds most of. Empty lines, PowerShell's `#TYPE` line and the `sep=;` line of spreadsheets are left out.
 */
export function* parseDelimited(text: string): Generator<DelimitedRow> {
  const separator = separatorOf(text);
  let line = 1;
  let started = 1;
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): DelimitedRow | undefined => {
    cells.push(cell);
    const row = { line: started, cells };
    const blank = cells.length === 1 && cell.trim() === '';
    cells = [];
    cell = '';
    return blank || isPreamble(row.cells[0]) ? undefined : row;
  };
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '\n') line += 1;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (character === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (character === separator) {
      cells.push(cell);
      cell = '';
    } else if (character === '\n') {
      const row = endRow();
      if (row !== undefined) yield row;
      started = line;
    } else if (character !== '\r') cell += character;
  }
  const row = endRow();
  if (row !== undefined) yield row;
}

/** A line in front of the heading that holds no cells. */
function isPreamble(line: string): boolean {
  return line.startsWith('#TYPE') || /^\s*sep=/i.test(line);
}

function separatorOf(text: string): string {
  const stated = /^\s*sep=([,;\t])/i.exec(text)?.[1];
  if (stated !== undefined) return stated;
  const first = text.split(/\r?\n/, 8).find((line) => line.trim() !== '' && !isPreamble(line)) ?? '';
  const counted = [',', ';', '\t'].map((separator) => [separator, first.split(separator).length] as const);
  return counted.reduce((best, item) => (item[1] > best[1] ? item : best))[0];
}
