/** How large a JSON text may be in what a parser makes of it. */
export interface JsonShape {
  /** Lists and objects one in the other. */
  readonly levels: number;
  /** Items and members of all lists and objects. */
  readonly values: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Whether a JSON text keeps within `shape`: to be asked before it is parsed. An engine takes a hundred bytes for an
 * item or a level of two, and what goes through the parsed value again may end at the depth of the stack. Says nothing
 * of whether the text is valid.
 */
export function jsonFits(text: string, { levels, values }: JsonShape): boolean {
  let depth = 0;
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === CLOSE_BRACKET || unit === CLOSE_BRACE) depth -= 1;
    else if (unit === COMMA || unit === OPEN_BRACKET || unit === OPEN_BRACE) {
      count += 1;
      if (unit !== COMMA) depth += 1;
      if (depth > levels || count > values) return false;
    }
  }
  return true;
}

/** Where the quote stands that closes the string that begins at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; ; at += 1) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
}
