import { markdownWriter, textWriter } from '@deadbox/report';
import { jsonText, phrase, textLine } from '@deadbox/report/internals';
import { describe, expect, test } from 'vitest';
import { checkOutput } from '../../fuzz/unsafe-output.js';

const HOSTILE = 'a\u001b[31m\u009b2J\u202egnp.exe\u200b\u2028\u2029\ufeff\ud800\u00ad\u061c\u2066z';

describe('text that could move a cursor, hide or turn round', () => {
  // A span of our own words may still hold what a report says, and a label the name of an element.
  const page = (['text', 'data', 'code'] as const).flatMap((kind) => [
    { kind: 'heading', level: 1, content: [{ kind, text: HOSTILE }] } as const,
    { kind: 'fields', fields: [{ label: HOSTILE, value: [{ kind, text: HOSTILE }] }] } as const,
    { kind: 'table', head: [HOSTILE], rows: [[[{ kind, text: HOSTILE }]]] } as const,
    { kind: 'list', ordered: false, items: [[{ kind, text: HOSTILE }]] } as const,
    { kind: 'row', cells: [{ content: [{ kind, text: HOSTILE }] }] } as const,
    { kind: 'code', text: HOSTILE } as const,
  ]);

  test.each([
    ['a terminal', textWriter()],
    ['a narrow terminal', textWriter({ width: 20 })],
    ['Markdown', markdownWriter()],
  ])('is written to %s as what it is, in every block and kind of span', (_, writer) => {
    const shown = writer(page);
    checkOutput(shown, 'the page');
    expect(shown).toContain('202e');
  });

  test.each([true, null, {}, [1]])('may stand where a report of ours has a number: %j', (value) => {
    const content = phrase`data at byte ${value as unknown as number}`;
    checkOutput(textWriter({ width: 20 })([{ kind: 'paragraph', content }]), 'the page');
  });

  test('is told in a message on one line as what it is', () => {
    const line = textLine([{ kind: 'text', text: HOSTILE }]);
    checkOutput(line, 'the line');
    expect(line).toContain('\\u{202e}');
  });

  test('stays in JSON and reads back the same', () => {
    const value = { [HOSTILE]: [HOSTILE, '設定 \u{1f600} é', { tag: '\u{e0041}' }] };
    for (const indent of [undefined, 2]) {
      const json = jsonText(value, indent);
      checkOutput(json, 'the JSON');
      expect(JSON.parse(json)).toEqual(value);
      expect(json).toContain('設定 \u{1f600} é');
    }
  });
});
