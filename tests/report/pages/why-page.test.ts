import { textWriter } from '@deadbox/report';
import { causes as en } from '@deadbox/report/causes/en';
import { causes as ja } from '@deadbox/report/causes/ja';
import { displayWidth, matchScreens, whyPage } from '@deadbox/report/internals';
import { ja as japanese } from '@deadbox/report/ja';
import { why as whyEn } from '@deadbox/report/why/en';
import { why as whyJa } from '@deadbox/report/why/ja';
import type { KnownCauseId } from '@deadbox/triage';
import { CAUSE_KINDS } from '@deadbox/triage/causes';
import { causesOfCode, codeText, readWhyQuery, whyReport } from '@deadbox/triage/why';
import { knownFailureCodes } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';

const ids = Object.keys(CAUSE_KINDS) as KnownCauseId[];

describe('texts of screens', () => {
  test('every cause is found by the words of its own screen, in both languages', () => {
    for (const id of ids) {
      expect(matchScreens(en[id].screen, [en, ja]), id).toContain(id);
      expect(matchScreens(ja[id].screen, [en, ja]), id).toContain(id);
    }
  });

  test('case, width, quotes and small words do not matter', () => {
    const [id] = ids.filter((one) => /required device/.test(en[one].screen));
    for (const query of ['required device', 'REQUIRED  DEVICE', 'ｒｅｑｕｉｒｅｄ device!', '"A required device"'])
      expect(matchScreens(query, [en, ja])).toContain(id);
  });

  test.each(['', '   ', '…', 'zzz qqq', 'the of a'])('"%s" matches nothing', (query) => {
    expect(matchScreens(query, [en, ja])).toEqual([]);
  });

  test('a long text costs no more than a short one', () => {
    expect(matchScreens('x '.repeat(100_000), [en, ja])).toEqual([]);
  });
});

describe('the page', () => {
  test('every code that a known cause shows is explained', () => {
    for (const { codes } of Object.values(CAUSE_KINDS))
      for (const code of codes) expect(Object.keys(whyEn.codes), code).toContain(code);
  });

  test('every code that is explained has a name', () => {
    const named = new Set(knownFailureCodes().map(codeText));
    for (const code of Object.keys(whyEn.codes)) expect(named, code).toContain(code);
  });

  test.each([40, 80])('in Japanese at %d columns no line is too wide', (width) => {
    for (const code of Object.keys(whyJa.codes)) {
      const asked = readWhyQuery(code);
      const report = whyReport(code, asked, causesOfCode(Number(code)));
      const page = whyPage(report, { language: japanese, why: whyJa, causes: ja });
      for (const line of textWriter({ width })(page).split('\n')) {
        // A path or a command is kept as it is.
        if (!/[\\/_{]\S{20}|\S{36}/.test(line)) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
      }
    }
  });

  test('a code that nobody knows says so', () => {
    const report = whyReport('0x800F0845', readWhyQuery('0x800F0845'), []);
    expect(textWriter({ width: 80 })(whyPage(report, { why: whyEn, causes: en }))).toContain('not known');
  });

  test('hostile characters of a query are escaped', () => {
    const query = 'a\u001b[31m\u202eb\nc';
    const text = textWriter({ width: 80 })(
      whyPage(whyReport(query, readWhyQuery(query), []), { why: whyEn, causes: en }),
    );
    expect(text).not.toMatch(/\u001b|\u202e/);
    expect(text.split('\n')[0]).toContain('c');
  });
});
