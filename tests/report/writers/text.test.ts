import { markdownWriter, textWriter } from '@deadbox/report';
import { code, data, displayWidth, escapeCsv, escapeText, isTimeZone, phrase } from '@deadbox/report/internals';
import { array, assert, constantFrom, integer, property, string, stringMatching } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatBoth, formatUtc } from '../../../packages/report/src/words/times.js';
import { formatCount, formatSize } from '../../../packages/report/src/words/units.js';
import { breakLines } from '../../../packages/report/src/writers/break-lines.js';

describe('names from an image', () => {
  test.each([
    ['\u001b[2J', '\\u{1b}[2J'],
    ['a\rb\nc\td', 'a\\u{d}b\\u{a}c\\u{9}d'],
    ['\u0000\u007f\u009b', '\\u{0}\\u{7f}\\u{9b}'],
    ['sys.\u202efdp.exe', 'sys.\\u{202e}fdp.exe'],
    ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['\ud800x', '\\u{d800}x'],
    ['x\udc00', 'x\\u{dc00}'],
    ['\ufeffx\u200bx\u2028', '\\u{feff}x\\u{200b}x\\u{2028}'],
    ['日本語 café 😀', '日本語 café 😀'],
  ])('%j is shown as %s', (name, shown) => {
    expect(escapeText(name)).toBe(shown);
  });

  test('nothing that moves a cursor or turns text round is left, whatever the name', () => {
    assert(
      property(array(integer({ min: 0, max: 0xffff }), { maxLength: 20 }), (units) => {
        const shown = escapeText(String.fromCharCode(...units));
        expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(new TextDecoder().decode(new TextEncoder().encode(shown))).toBe(shown);
      }),
    );
  });

  test.each([
    ['=cmd|x!A1', "'=cmd|x!A1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '\\u{9}=1'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['=1,"2"', '"\'=1,""2"""'],
    ['/Windows/x.sys', '/Windows/x.sys'],
  ])('CSV field %j becomes %s', (name, field) => {
    expect(escapeCsv(name)).toBe(field);
  });

  test('a CSV field stays one field, and no formula', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 20 }), (name) => {
        const field = escapeCsv(name);
        expect(field).not.toMatch(/[\r\n]/);
        const inner = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '') : field;
        expect(inner).not.toMatch(field.startsWith('"') ? /"/ : /[",]/);
        expect(field.replace(/^"/, '')).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });

  test('in Markdown it is no markup, whatever the name', () => {
    const shown = markdownWriter()([
      { kind: 'paragraph', content: phrase`File ${'<img src=x onerror="alert(1)">*b* [x](y) `c` |\u202e'}` },
    ]);
    expect(shown).toBe('File \\<img src=x onerror="alert(1)"\\>\\*b\\* \\[x\\](y) \\`c\\` \\|\\\\u\\{202e\\}\n');
  });

  test('in a Markdown table it stays one cell: a bar is escaped once, in code too', () => {
    const names = ['a|b', 'a\\|b', 'a\\'];
    const cells = names.flatMap((name) => [[data(name)], [code(name)]]);
    const [, , row] = markdownWriter()([{ kind: 'table', head: cells.map(() => 'x'), rows: [cells] }]).split('\n');
    // As section 4.10 of GitHub's specification has it; there is no code of a table with a backslash before a bar.
    expect(row).toBe('| a\\|b | `a\\|b` | a\\\\\\|b | a\\\\\\|b | a\\\\ | `a\\` |');
  });
});

describe('times', () => {
  test('are shown in UTC, with decimals only where there are some', () => {
    expect(formatUtc('2024-07-19T04:09:35.1234567Z')).toBe('2024-07-19 04:09:35.1234567 UTC');
    expect(formatUtc('2024-07-19T04:09:35.0000000Z')).toBe('2024-07-19 04:09:35 UTC');
  });

  test.each([
    ['2024-07-19T04:09:00.0000000Z', 'Asia/Tokyo', '2024-07-19 04:09:00 UTC / 2024-07-19 13:09:00 Asia/Tokyo'],
    ['2024-07-18T23:30:00.0000000Z', 'Asia/Kolkata', '2024-07-18 23:30:00 UTC / 2024-07-19 05:00:00 Asia/Kolkata'],
    // The hour that daylight saving repeats in New York: 05:30 and 06:30 UTC are both 01:30 there.
    [
      '2024-11-03T05:30:00.0000000Z',
      'America/New_York',
      '2024-11-03 05:30:00 UTC / 2024-11-03 01:30:00 America/New_York',
    ],
    [
      '2024-11-03T06:30:00.0000000Z',
      'America/New_York',
      '2024-11-03 06:30:00 UTC / 2024-11-03 01:30:00 America/New_York',
    ],
    ['2024-07-19T04:09:00.0000000Z', 'UTC', '2024-07-19 04:09:00 UTC'],
  ])('%s in %s', (time, name, shown) => {
    expect(formatBoth(time, { name, whose: 'server' })).toBe(shown);
  });

  test('far years and unknown zones do not stop the report', () => {
    expect(formatBoth('30828-09-14T02:48:05.4775807Z', { name: 'Asia/Tokyo', whose: 'asked' })).toContain(
      '30828-09-14 02:48:05.4775807 UTC',
    );
    expect(isTimeZone('Asia/Tokyo')).toBe(true);
    expect(isTimeZone('Middle/Earth')).toBe(false);
  });
});

describe('numbers and lines', () => {
  test('sizes', () => {
    expect([0, 1023, 1024, 1536, 60 * 2 ** 30].map(formatSize)).toEqual([
      '0 bytes',
      '1023 bytes',
      '1 KiB',
      '1.5 KiB',
      '60 GiB',
    ]);
    expect(formatCount(1234567)).toBe('1,234,567');
  });

  const wrap = (text: string, width: number): string[] =>
    breakLines([{ text, tone: undefined }], width).map((runs) => runs.map((run) => run.text).join(''));

  test('lines keep to their width, words that fit stay whole, and nothing is lost', () => {
    assert(
      property(
        array(stringMatching(/^[a-z]{1,30}$/), { maxLength: 40 }),
        integer({ min: 5, max: 60 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
          expect(lines.join('')).toBe(lines.join('').replaceAll('  ', ' '));
          expect(lines.join(' ').replaceAll(' ', '')).toBe(words.join(''));
          if (words.every((word) => word.length <= width)) expect(lines.join(' ')).toBe(words.join(' '));
        },
      ),
    );
  });

  // The rules are those of JIS X 4051.
  test('Japanese is broken between its characters, never inside an ASCII word, and by width', () => {
    expect(wrap('起動ストアはdeadboxが読み取れます', 10)).toEqual(['起動ストア', 'はdeadbox', 'が読み取れ', 'ます']);
    expect(displayWidth('起動ストアabc')).toBe(13);
    expect(displayWidth('か\u3099')).toBe(2);
  });

  test('no line begins with a mark that must not begin one, and none ends with an opening bracket', () => {
    expect(wrap('これは、長い', 6)).toEqual(['これ', 'は、長', 'い']);
    expect(wrap('ボリューム「C」', 13)).toEqual(['ボリューム', '「C」']);
    expect(wrap('サーバー', 6)).toEqual(['サー', 'バー']);
    assert(
      property(
        array(constantFrom('起', '動', 'は、', 'す。', '「x」', '（起）', 'サー', 'キャ', ' xy '), { maxLength: 60 }),
        integer({ min: 8, max: 40 }),
        (parts, width) => {
          const lines = wrap(parts.join(''), width);
          for (const [index, line] of lines.entries()) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
            if (index > 0) expect(line).not.toMatch(/^[、。」）ーャ]/);
            if (index < lines.length - 1) expect(line).not.toMatch(/[「（]$/);
          }
        },
      ),
    );
  });

  test('a width that is not known counts as 80 columns', () => {
    const long = textWriter({ width: 0 })([{ kind: 'paragraph', content: phrase`${'word '.repeat(40).trim()}` }]);
    expect(Math.max(...long.split('\n').map((line) => line.length))).toBe(79);
  });
});
