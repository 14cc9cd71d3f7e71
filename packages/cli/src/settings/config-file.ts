import { settingError } from './setting-error.js';

/** A value of the configuration file. */
export type ConfigValue = string | number | boolean | readonly string[];

/** One entry of it, with its line from 1. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: ConfigValue;
  readonly line: number;
}

/** Space, lines, and what stands behind `//`. */
const SPACE = /(?:\s|\/\/[^\n]*)*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /(?:true|false)(?!\w)/y;

/**
 * The entries of a configuration file: one JSON object of names with texts, numbers, `true`, `false` or lists of texts,
 * in which `//` begins a comment. An empty file has none.
 * @throws SettingError with the line of what is not so
 */
export function parseConfig(text: string, path: string): ConfigEntry[] {
  return new ConfigReader(text.replace(/^\uFEFF/, ''), path).entries();
}

class ConfigReader {
  readonly #text: string;
  readonly #path: string;
  #at = 0;
  #lines = 1;
  /** Up to where lines were counted. */
  #counted = 0;

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
  }

  entries(): ConfigEntry[] {
    const entries: ConfigEntry[] = [];
    this.#take(SPACE);
    if (this.#at === this.#text.length) return entries;
    this.#sign('{');
    if (!this.#is('}'))
      do {
        const line = this.#line();
        const key = this.#string('"');
        this.#sign(':');
        entries.push({ key, value: this.#value(), line });
      } while (this.#is(','));
    if (entries.length > 0) this.#sign('}');
    if (this.#at < this.#text.length) this.#fail('end');
    return entries;
  }

  #value(): ConfigValue {
    const number = this.#take(NUMBER) ?? this.#take(WORD);
    if (number !== undefined) return this.#after(JSON.parse(number) as number | boolean);
    if (this.#text[this.#at] !== '[') return this.#string('value');
    this.#sign('[');
    const list: string[] = [];
    if (this.#is(']')) return list;
    do list.push(this.#string('"'));
    while (this.#is(','));
    this.#sign(']');
    return list;
  }

  #string(expected: string): string {
    const literal = this.#take(STRING);
    return literal === undefined ? this.#fail(expected) : this.#after(JSON.parse(literal) as string);
  }

  /** Passes over what may stand behind a value. */
  #after<T>(value: T): T {
    this.#take(SPACE);
    return value;
  }

  #sign(sign: string): void {
    if (!this.#is(sign)) this.#fail(sign);
  }

  #is(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    this.#take(SPACE);
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  /** The line of where reading is, counted on from where it was asked for last. */
  #line(): number {
    for (let end = this.#text.indexOf('\n', this.#counted); end >= 0 && end < this.#at; ) {
      this.#lines += 1;
      this.#counted = end + 1;
      end = this.#text.indexOf('\n', this.#counted);
    }
    return this.#lines;
  }

  #fail(expected: string): never {
    throw settingError('malformed', { path: this.#path, line: this.#line(), expected });
  }
}
