import type { Block, Writer } from '../document/document.js';
import { escapeText } from '../document/escape.js';
import type { Phrase } from '../document/phrase.js';

/** Writes a document as CommonMark, with the tables of GitHub. */
export function markdownWriter(): Writer {
  return (document) => {
    const parts = document.flatMap((block) => markdownOf(block, 0));
    return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`;
  };
}

function markdownOf(block: Block, depth: number): string[] {
  switch (block.kind) {
    case 'heading':
      return [`${'#'.repeat(Math.min(block.level + depth, 6))} ${inline(block.content)}`];
    case 'paragraph':
      return [inline(block.content)];
    case 'fields':
      return [
        block.fields
          .map(({ label, value }) => `- **${escapeMarkdown(escapeText(label))}:** ${inline(value)}`)
          .join('\n'),
      ];
    case 'list':
      return [block.items.map((item, index) => `${block.ordered ? `${index + 1}.` : '-'} ${inline(item)}`).join('\n')];
    case 'table':
      return [table(block.head, block.rows)];
    case 'code':
      return [fenced(block.text)];
    case 'row':
      return [fenced(block.cells.map(({ content }) => content.map(({ text }) => text).join('')).join('  '))];
    case 'hex':
      return [fenced(hexLines(block.offset, block.bytes))];
    case 'group':
      return block.blocks.flatMap((inner) => markdownOf(inner, depth));
    case 'break':
      return [];
  }
}

function table(head: readonly string[], rows: readonly (readonly Phrase[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head.map((title) => escapeMarkdown(escapeText(title)))),
    line(head.map(() => '---')),
    ...rows.map((row) => line(row.map((cell) => inline(cell, true)))),
  ].join('\n');
}

/** @param inTable - a bar would end the cell, in code too */
function inline(content: Phrase, inTable = false): string {
  const parts: { text: string; strong: boolean }[] = [];
  for (const { kind, text, tone } of content) {
    const safe = escapeText(text);
    const shown = kind !== 'code' ? escapeMarkdown(safe) : inTable ? codeInTable(safe) : codeSpan(safe);
    const strong = tone === 'strong' || tone === 'bad';
    const last = parts.at(-1);
    if (last?.strong === strong) last.text += shown;
    else parts.push({ text: shown, strong });
  }
  // Emphasis must not touch a space inside.
  const whole = parts.map(({ text, strong }) => (strong ? text.replace(/^( *)(.*?)( *)$/s, '$1**$2**$3') : text));
  return escapeStart(whole.join('').trim());
}

/** In more backticks than the text has in a row. */
function codeSpan(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return text.trim() === '' ? text : `${ticks}${pad}${text}${pad}${ticks}`;
}

/** A backslash before a bar cannot stand in the code of a table: it would escape the one that escapes the bar. */
function codeInTable(text: string): string {
  return text.includes('\\|') ? escapeMarkdown(text) : codeSpan(text.replaceAll('|', '\\|'));
}

function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const safe = text.split('\n').map(escapeText).join('\n');
  return `${fence}text\n${safe}\n${fence}`;
}

function hexLines(offset: number, bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    lines.push(`${(offset + at).toString(16).padStart(8, '0')}  ${row}`);
  }
  return lines.join('\n');
}

/** Backslashes before all that Markdown or HTML would take for markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}

/** The mark of a list item at the beginning of a paragraph is none. */
function escapeStart(text: string): string {
  return text.replace(/^(\d*)([-+.)])(?= |$)/, '$1\\$2');
}
