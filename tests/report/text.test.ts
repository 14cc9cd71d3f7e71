import {
  escapeCsv,
  escapeHtml,
  escapeText,
  formatBoth,
  formatCount,
  formatSize,
  formatUtc,
  isTimeZone,
} from '@deadbox/report';
import { array, assert, integer, property, string, stringMatching } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wrap } from '../../packages/report/src/wrap.js';

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

  test('HTML', () => {
    expect(escapeHtml(`<img src=x onerror="alert('1')">&\u202e`)).toBe(
      '&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;&#38;\\u{202e}',
    );
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

  test('lines keep to their width, words stay whole, and nothing is lost', () => {
    assert(
      property(
        array(stringMatching(/^[a-z]{1,30}$/), { maxLength: 40 }),
        integer({ min: 5, max: 60 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(lines.join(' ')).toBe(words.join(' '));
          for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
        },
      ),
    );
  });
});
