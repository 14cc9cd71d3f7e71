import type { KeyRow } from './key-rows.js';
import { type FoundPassword, findIds, findPasswords } from './key-tokens.js';

/** A stretch of text with the ids and passwords in it. */
interface Block {
  readonly line: number;
  readonly text: string;
}

/** A line that only continues the value above it, as PowerShell's lists break long values. */
const CONTINUATION = /^ {10,}(?=\S)/;
const LABELLED = /^\S[^:]{0,256}: /;

/**
 * Keys in text that no format describes: what Windows saves or prints, `manage-bde` in any language, lists and tables of PowerShell, rows of a
 * spreadsheet, notes. An id and a password belong together that stand on one line, else in one paragraph, else next to each other.
 * @param text - plain text, see `plainText`
 */
export function freeTextRows(text: string): KeyRow[] {
  const lines = unwrapped(text);
  const rows: KeyRow[] = [];
  const rest: Block[] = [];
  for (const paragraph of paragraphsOf(lines)) {
    const left: Block[] = [];
    for (const line of paragraph) {
      if (!addPairs(rows, line, pairsOf([line]))) left.push(line);
    }
    if (!addPairs(rows, left[0], pairsOf(left))) for (const line of left) rest.push(line);
  }
  addRest(rows, rest);
  return rows.sort((left, right) => left.line - right.line);
}

/** Each group of a recovery password is a multiple of 11. */
function isGroup(digits: string): boolean {
  return Number(digits) % 11 === 0;
}

interface Pair extends Pick<FoundPassword, 'password'> {
  readonly line: number;
  readonly ids: readonly string[];
}

/** Every id counts: only that of a locked volume is ever looked for. */
function rowOf(line: number, ids: readonly string[], password: string): KeyRow {
  return { line, ids: [ids.join(' ')], passwords: [password] };
}

/** Adds the pairs when every password among them has an id. */
function addPairs(rows: KeyRow[], block: Block | undefined, pairs: readonly Pair[]): boolean {
  if (block === undefined || pairs.length === 0 || pairs.some(({ ids }) => ids.length === 0)) return false;
  for (const { line, ids, password } of pairs) rows.push(rowOf(line, ids, password));
  return true;
}

/** What has no partner in its line or paragraph: ids and passwords in paragraphs of their own, or passwords that a narrow column broke. */
function addRest(rows: KeyRow[], rest: readonly Block[]): void {
  const whole = pairsOf(rest);
  if (whole.length > 0) {
    for (const { line, ids, password } of whole) rows.push(rowOf(line, ids, password));
    return;
  }
  const text = rest.map((block) => block.text).join('\n');
  // Numbers in a column are many things: only what a password can be counts.
  const broken = findPasswords(text, 'lines').find(({ password }) => password.split('-').every(isGroup));
  if (broken === undefined) return;
  const line = rest[text.slice(0, broken.at).split('\n').length - 1].line;
  rows.push(rowOf(line, findIds(text), broken.password));
}

/**
 * The passwords of the blocks in order, each with the ids since the one before; in text that begins with a password, with the ids up to the
 * next. A single password has all ids around it.
 */
function pairsOf(blocks: readonly Block[]): Pair[] {
  const tokens = blocks.flatMap(({ line, text }) => tokensOf(line, text));
  const passwords = tokens.filter((token) => token.password !== undefined);
  if (passwords.length === 0) return [];
  if (passwords.length === 1) {
    const [{ line, password = '' }] = passwords;
    return [{ line, password, ids: tokens.flatMap((token) => token.ids) }];
  }
  const idsFirst = tokens[0].password === undefined;
  const pairs: Pair[] = [];
  let ids: string[] = [];
  for (const token of idsFirst ? tokens : tokens.toReversed()) {
    if (token.password === undefined) ids.push(...token.ids);
    else {
      pairs.push({ line: token.line, password: token.password, ids });
      ids = [];
    }
  }
  return pairs;
}

interface Token {
  readonly line: number;
  readonly ids: readonly string[];
  readonly password?: string;
}

/** Passwords and the ids between them, in the order of the line. */
function tokensOf(line: number, text: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  const addIds = (to: number): void => {
    const ids = findIds(text.slice(from, to));
    if (ids.length > 0) tokens.push({ line, ids });
  };
  for (const { at, end, password } of findPasswords(text)) {
    addIds(at);
    tokens.push({ line, ids: [], password });
    from = end;
  }
  addIds(text.length);
  return tokens;
}

function unwrapped(text: string): Block[] {
  const lines: { line: number; text: string }[] = [];
  let labelled = false;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    if (labelled && CONTINUATION.test(raw)) lines[lines.length - 1].text += raw.trim();
    else {
      lines.push({ line: index + 1, text: raw });
      labelled = LABELLED.test(raw);
    }
  }
  return lines;
}

function paragraphsOf(lines: readonly Block[]): Block[][] {
  const paragraphs: Block[][] = [[]];
  for (const line of lines) {
    if (line.text.trim() === '') paragraphs.push([]);
    else paragraphs[paragraphs.length - 1].push(line);
  }
  return paragraphs.filter((paragraph) => paragraph.length > 0);
}
