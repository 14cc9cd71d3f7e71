import type { Block, Cell, Document, Field, Writer } from '../document/document.js';
import { escapeText } from '../document/escape.js';
import type { Phrase } from '../document/phrase.js';
import { breakLines, type Run } from './break-lines.js';
import { displayWidth, padColumns } from './display-width.js';
import { hexLines } from './hex-lines.js';
import { noPaint, type Paint } from './paint.js';
import { painted } from './painted.js';

/** How text for a terminal or a file looks. */
export interface TextWriterOptions {
  /** Colours; default none. */
  readonly paint?: Paint;
  /** Columns; 0 means 80, the least is 20; default 100. */
  readonly width?: number;
}

const DEFAULT_WIDTH = 100;
const UNKNOWN_WIDTH = 80;
const LEAST_WIDTH = 20;
/** Columns of the value beside a label; a page that leaves fewer gets the value below the label. */
const LEAST_VALUE = 20;
/**
 * Labels of a block stand in one column, which is at least this wide so that those of neighbouring blocks mostly agree.
 */
const LABEL_WIDTH = 12;

/** Writes a document as text for a terminal or a file. */
export function textWriter(options: TextWriterOptions = {}): Writer {
  const width = options.width === 0 ? UNKNOWN_WIDTH : Math.max(options.width ?? DEFAULT_WIDTH, LEAST_WIDTH);
  return (document) => {
    const page = new TextPage(width, options.paint ?? noPaint);
    page.blocks(document, 0);
    return page.lines.length === 0 ? '' : `${page.lines.join('\n')}\n`;
  };
}

/** One phrase as a line of any length: for messages beside a verb's output. */
export function textLine(content: Phrase, paint: Paint = noPaint): string {
  return paintRuns(runsOf(content), paint);
}

class TextPage {
  readonly lines: string[] = [];
  readonly #width: number;
  readonly #paint: Paint;

  constructor(width: number, paint: Paint) {
    this.#width = width;
    this.#paint = paint;
  }

  blocks(blocks: Document, indent: number): void {
    for (const block of blocks) this.#block(block, indent);
  }

  #block(block: Block, indent: number): void {
    switch (block.kind) {
      case 'heading':
        return this.#wrapped(block.content, indent, '', indent + 2);
      case 'paragraph':
        return this.#wrapped(block.content, indent);
      case 'fields':
        return this.#fields(block.fields, indent);
      case 'list':
        for (const [index, item] of block.items.entries()) {
          const mark = block.ordered ? `${index + 1}. ` : '- ';
          this.#wrapped(item, indent, mark, indent + mark.length);
        }
        return;
      case 'table':
        return this.#table(block.head, block.rows, indent);
      case 'code':
        for (const line of block.text.split('\n')) this.#wrapped([{ kind: 'code', text: line }], indent);
        return;
      case 'row':
        this.lines.push(`${' '.repeat(indent)}${this.#row(block.cells)}`);
        return;
      case 'hex':
        if (block.marks === undefined) return this.#hex(block.offset, block.bytes, indent);
        for (const line of hexLines(block, this.#paint)) this.lines.push(`${' '.repeat(indent)}${line}`);
        return;
      case 'group':
        return this.blocks(block.blocks, indent + 2);
      case 'break':
        this.lines.push('');
    }
  }

  #fields(fields: readonly Field[], indent: number): void {
    const shown = fields.map(({ label, value }) => ({ label: escapeText(label), value }));
    const column = shown.reduce((width, { label }) => Math.max(width, displayWidth(label)), LABEL_WIDTH) + 1;
    const below = this.#width - indent - column < LEAST_VALUE;
    for (const { label, value } of shown) {
      if (below) {
        this.#wrapped([{ kind: 'text', text: label, tone: 'faint' }], indent);
        this.#wrapped(value, indent + 2);
      } else this.#wrapped(value, indent, this.#paint.dim(padColumns(label, column - 1)) + ' ', indent + column);
    }
  }

  /** Columns as wide as their widest cell, two spaces apart; the last one wraps. */
  #table(head: readonly string[], rows: readonly (readonly Phrase[])[], indent: number): void {
    const widths = head.map((title, column) =>
      rows.reduce((width, row) => Math.max(width, widthOf(row[column] ?? [])), displayWidth(title)),
    );
    const line = (cells: readonly Phrase[]): void => {
      const room = this.#width - indent;
      const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
      if (before > room - LEAST_VALUE) {
        this.#wrapped(
          cells.flatMap((cell, i): Phrase => (i === 0 ? cell : [{ kind: 'text', text: '  ' }, ...cell])),
          indent,
          '',
          indent + 2,
        );
        return;
      }
      const lead = cells.slice(0, -1).map((cell, i) => padPainted(cell, widths[i], this.#paint));
      this.#wrapped(cells.at(-1) ?? [], indent, lead.map((cell) => `${cell}  `).join(''), indent + before);
    };
    if (head.some((title) => title !== ''))
      line(head.map((title): Phrase => [{ kind: 'text', text: title, tone: 'faint' }]));
    for (const row of rows) line(row);
  }

  #row(cells: readonly Cell[]): string {
    return cells
      .map(({ content, width = 0, align }) => {
        const gap = ' '.repeat(Math.max(0, width - widthOf(content)));
        const shown = paintRuns(runsOf(content), this.#paint);
        return align === 'right' ? gap + shown : shown + gap;
      })
      .join('  ');
  }

  #hex(offset: number, bytes: Uint8Array, indent: number): void {
    for (let at = 0; at < bytes.length; at += 16) {
      const row = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      this.#wrapped(
        [{ kind: 'code', text: `${(offset + at).toString(16).padStart(8, '0')}  ${row}` }],
        indent,
        '',
        indent + 10,
      );
    }
  }

  /** Lines of a phrase; `lead` stands before the first one, the others begin in column `hang`. */
  #wrapped(content: Phrase, indent: number, lead = '', hang = indent): void {
    const room = this.#width - (lead === '' ? indent : hang);
    const first = `${' '.repeat(indent)}${lead}`;
    const [opening, ...rest] = breakLines(runsOf(content), Math.max(room - (lead === '' ? hang - indent : 0), 8));
    this.lines.push(`${first}${opening === undefined ? '' : paintRuns(opening, this.#paint)}`.trimEnd());
    for (const line of rest) this.lines.push(`${' '.repeat(hang)}${paintRuns(line, this.#paint)}`);
  }
}

function runsOf(content: Phrase): Run[] {
  // Our own words too: a count or a flag of a report that somebody else wrote may be a text.
  return content.map(({ kind, text, tone }) => ({
    text: escapeText(text),
    tone,
    whole: kind === 'code' && text.includes(' '),
  }));
}

function widthOf(content: Phrase): number {
  return runsOf(content).reduce((sum, { text }) => sum + displayWidth(text), 0);
}

function padPainted(content: Phrase, width: number, paint: Paint): string {
  return paintRuns(runsOf(content), paint) + ' '.repeat(Math.max(0, width - widthOf(content)));
}

function paintRuns(runs: readonly Run[], paint: Paint): string {
  return runs.map(({ text, tone }) => (tone === undefined ? text : painted(text, tone, paint))).join('');
}
