import { Lexer } from 'yaml';
import { MAX_RULE_DEPTH } from '../limits.js';

/**
 * Indicators of lists, keys, tags and anchors one behind the other, each of which the YAML parser follows one call
 * deeper.
 */
const INDICATORS = new RegExp(`(?<!\\S)(?:[-?:!&]\\S*[ \\t]+){${MAX_RULE_DEPTH}}`);

/** Colons of values, and the ends of lines. */
const VALUES = /\n|:(?=[ \t])/g;

const MARKS = new Set(['\u0002', '\u0018', '\u001f']);

/**
 * Where a YAML text is nested deeper than anybody writes; `undefined` when it is not. The parser calls itself for each
 * level, and a program without a stack left may end for good. Levels that are told by indents need no look: each takes
 * a column more than the one before.
 */
export function tooDeepAt(text: string): number | undefined {
  const row = INDICATORS.exec(text);
  if (row !== null) return row.index;
  // A value on its key's line may be a key itself, and so on to the end of the line.
  let values = 0;
  for (const { 0: mark, index } of text.matchAll(VALUES)) {
    values = mark === '\n' ? 0 : values + 1;
    if (values > MAX_RULE_DEPTH) return index;
  }
  let depth = 0;
  let at = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > MAX_RULE_DEPTH) return at;
    // The lexer puts marks of its own between what it read.
    if (!MARKS.has(token)) at += token.length;
  }
  return undefined;
}
