import type { Block, Document, Field, Writer } from '../document/document.js';
import { escapeHtml } from '../document/escape.js';
import type { Phrase, Span } from '../document/phrase.js';

/** How a document becomes part of a page. */
export interface HtmlWriterOptions {
  /** Level of the document's highest headings on the page, from 1 to 6; default 1. */
  readonly level?: number;
}

/**
 * Writes a document as a part of an HTML page: elements with classes, no styles and no scripts of its own. The classes
 * are those of `REPORT_STYLE`.
 */
export function htmlWriter(options: HtmlWriterOptions = {}): Writer {
  const level = options.level ?? 1;
  return (document) => blocks(document, level);
}

function blocks(document: Document, level: number): string {
  return document.map((block) => html(block, level)).join('');
}

function html(block: Block, level: number): string {
  switch (block.kind) {
    case 'heading':
      return heading(Math.min(block.level + level - 1, 6), block.content);
    case 'paragraph':
      return `<p>${htmlPhrase(block.content)}</p>`;
    case 'fields':
      return `<dl class="fields">${block.fields.map(field).join('')}</dl>`;
    case 'list': {
      const items = block.items.map((item) => `<li>${htmlPhrase(item)}</li>`).join('');
      return block.ordered ? `<ol>${items}</ol>` : `<ul>${items}</ul>`;
    }
    case 'table':
      return htmlTable(block.head, block.rows);
    case 'code':
      return `<pre tabindex="0">${lines(block.text)}</pre>`;
    case 'row':
      return `<p class="row">${block.cells.map(({ content }) => htmlPhrase(content)).join(' ')}</p>`;
    case 'hex':
      return `<pre tabindex="0">${hexLines(block.offset, block.bytes)}</pre>`;
    case 'group':
      return `<div class="group">${blocks(block.blocks, level)}</div>`;
    case 'break':
      return '';
  }
}

function heading(level: number, content: Phrase): string {
  return `<h${level}>${htmlPhrase(content)}</h${level}>`;
}

function field({ label, value }: Field): string {
  return `<div><dt>${escapeHtml(label)}</dt><dd>${htmlPhrase(value)}</dd></div>`;
}

/** A table that scrolls by itself where the page is too narrow; the keyboard reaches it. */
export function htmlTable(head: readonly string[], rows: readonly (readonly Phrase[])[]): string {
  const titles = head.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join('');
  const top = head.some((title) => title !== '') ? `<thead><tr>${titles}</tr></thead>` : '';
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${htmlPhrase(cell)}</td>`).join('')}</tr>`).join('');
  return `<div class="scroll" tabindex="0"><table>${top}<tbody>${body}</tbody></table></div>`;
}

/** A phrase as part of a line. */
export function htmlPhrase(content: Phrase): string {
  return content.map(span).join('');
}

function span({ kind, text, tone }: Span): string {
  const inner = kind === 'code' ? `<code>${breakable(escapeHtml(text))}</code>` : kindOf(kind, escapeHtml(text));
  return tone === undefined ? inner : `<span class="tone-${tone}">${inner}</span>`;
}

/** A path may break behind its separators. */
function breakable(safe: string): string {
  return safe.replace(/[\\/](?=[^\s\\/])/g, '$&<wbr>');
}

/** Text from outside is kept apart: letters that are written from right to left turn nothing round beside them. */
function kindOf(kind: Span['kind'], safe: string): string {
  return kind === 'data' && /[^\u0000-\u02ff\u3000-\u9fff\uff00-\uffef]/.test(safe) ? `<bdi>${safe}</bdi>` : safe;
}

function lines(text: string): string {
  return text.split('\n').map(escapeHtml).join('\n');
}

function hexLines(offset: number, bytes: Uint8Array): string {
  const shown: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    shown.push(`${(offset + at).toString(16).padStart(8, '0')}  ${row}`);
  }
  return shown.join('\n');
}
