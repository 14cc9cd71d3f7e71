import type { KeyRow } from './key-rows.js';
import { type FoundPassword, findIds, findPasswords } from './key-tokens.js';

/** A stretch of text with the ids and passwords in it. */
interface Block {
  readonly line: number;
  readonly text: string;
}

/** A line that only continues the value above it, as PowerShell's lists break long values. */
const CONTINUATION = /^ {10,}(?=\S)/;
/** A line without six digits or an id's first eight holds nothing. */
const WORTH = /\d{6}|[0-9a-f]{8}/i;
/** Lines whose id or password stands elsewhere that are kept. */
const MOST_LOOSE = 100_000;
const LABELLED = /^\S[^:]{0,256}: /;

/**
 * Keys in text that no format describes: what Windows saves or prints, `manage-bde` in any language, lists and tables
 * of PowerShell, rows of a spreadsheet, notes. An id and a password belong together that stand on one line, else in one
 * paragraph, else next to each other.
 * @param text - plain text, see `plainText`
 */
export function freeTextRows(text: string): KeyRow[] {
  const rows: KeyRow[] = [];
  const rest: Block[] = [];
  for (const paragraph of paragraphsOf(text)) {
    const left: Block[] = [];
    for (const line of paragraph) {
      if (!addPairs(rows, line, pairsOf([line])) && left.length < MOST_LOOSE && WORTH.test(line.text)) left.push(line);
    }
    if (addPairs(rows, left[0], pairsOf(left))) continue;
    for (const line of left) if (rest.length < MOST_LOOSE) rest.push(line);
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

/**
 * What has no partner in its line or paragraph: ids and passwords in paragraphs of their own, or passwords that a
 * narrow column broke.
 */
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
 * The passwords of the blocks in order, each with the ids since the one before; in text that begins with a password,
 * with the ids up to the next. A single password has all ids around it.
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
    if (token.password === undefined) for (const id of token.ids) ids.push(id);
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

/** Paragraphs as they are read: what a hostile file holds of lines need not be kept. */
function* paragraphsOf(text: string): Generator<Iterable<Block>> {
  const lines = linesOf(text);
  let next = lines.next();
  while (next.done !== true) {
    if (next.value.text.trim() === '') {
      next = lines.next();
      continue;
    }
    yield (function* paragraph(): Generator<Block> {
      for (; next.done !== true && next.value.text.trim() !== ''; next = lines.next()) yield next.value;
    })();
  }
}

/** The lines, joined to those above that they continue. */
function* linesOf(text: string): Generator<Block> {
  // Blank, so that nobody misses it: lines are only ever looked at by paragraphs.
  let current = { line: 0, text: '' };
  let labelled = false;
  let line = 1;
  for (let at = 0; at <= text.length; line += 1) {
    const end = /\r\n|\r|\n/g;
    end.lastIndex = at;
    const found = end.exec(text);
    const raw = text.slice(at, found?.index ?? text.length);
    at = found === null ? text.length + 1 : end.lastIndex;
    if (labelled && CONTINUATION.test(raw)) current.text += raw.trim();
    else {
      yield current;
      current = { line, text: raw };
      labelled = LABELLED.test(raw);
    }
  }
  yield current;
}
