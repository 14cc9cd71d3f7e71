import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.js';

/** A page of the documentation, taken apart into what both of its languages must have alike. */
export interface Page {
  /** Depth of each heading, in order. */
  readonly headings: readonly number[];
  /** The code, without comments; what deadbox printed is left out, as it speaks the page's language. */
  readonly code: readonly string[];
  /** The figures of each row of each table. */
  readonly rows: readonly (readonly string[])[];
  /** The figures of the running text, heading by heading. */
  readonly prose: readonly ReadonlySet<string>[];
  readonly links: readonly string[];
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;
const INDENTED = /(?:^ {4}.*\n(?:\s*\n(?= {4}))*)+/gm;
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const NUMBERS = new Map([
  ...MONTHS.map((name, at) => [name, String(at + 1)] as const),
  ...Object.entries({
    ten: '10',
    eleven: '11',
    twelve: '12',
    fifteen: '15',
    sixteen: '16',
  }),
]);

/**
 * Figures of two digits and more, and fractions: small numbers are often words in one of the languages. Groups of thousands
 * are one figure; a month and a number in words are their figures.
 */
export function figuresOf(text: string): string[] {
  const plain = text
    .replaceAll(/16 進|ten thousand/g, '')
    .replace(/[A-Za-z]+/g, (word) => NUMBERS.get(word.toLowerCase()) ?? word);
  return [...plain.matchAll(/\d+(?:,\d{3})*(?:\.\d+)*/g)].map(([figure]) => figure).filter((one) => one.length > 1);
}

const withoutComments = (code: string): string =>
  code
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)(?:#|\/\/|;|REM)(?: .*)?$/, '').replaceAll(/\s+/g, ' '))
    .filter((line) => line.trim() !== '')
    .join('\n');

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/^<!--[\s\S]*?-->\n/gm, '');
  const code: string[] = [];
  const keep = (block: string, language: string): string => {
    if (language !== 'text' && language !== 'jsonc') code.push(withoutComments(block));
    return '';
  };
  const plain = text
    .replaceAll(FENCE, (_, language: string, block: string) => keep(block, language))
    .replaceAll(INDENTED, (block) => keep(block, ''));
  const lines = plain.split('\n');
  const isRow = (line: string): boolean => line.startsWith('|');
  const sections = lines
    .filter((line) => !isRow(line))
    .join('\n')
    .split(/^#+ /m);
  return {
    headings: [...plain.matchAll(/^(#+) /gm)].map(([, signs]) => signs?.length ?? 0),
    code,
    rows: lines.filter(isRow).map((line) => figuresOf(line).toSorted()),
    prose: sections.map((section) => new Set(figuresOf(section))),
    links: [...plain.matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? ''),
  };
}
