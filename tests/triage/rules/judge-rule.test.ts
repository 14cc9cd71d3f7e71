import { parseRule } from '@deadbox/triage/rule-file';
import { describe, expect, test } from 'vitest';
import type { FileReport } from '../../../packages/triage/src/report/rule-result.js';
import type { GatheredFiles } from '../../../packages/triage/src/rules/files/gather-files.js';
import { judgeRule, type RuleContext } from '../../../packages/triage/src/rules/judge-rule.js';
import type { FileSelection, Rule } from '../../../packages/triage/src/rules/rule.js';
import { conditionOf, RuleAnswers, severityWithProof } from '../../../packages/triage/src/rules/verdict.js';

/** A rule of the given selections and verdicts; `more` is what else stands in the file. */
function ruleOf(selections: string, verdicts: string, condition: string, more = ''): Rule {
  const text = `title: Example
id: 0b0a4c1e-7d5c-4f0e-9b1a-2f0f5b1d2911
status: test
references: [https://example.org/advisory]
date: 2026-01-01
level: high
detection:
${selections}
  condition: ${condition}
verdicts:
${verdicts}
${more === '' ? 'remediation: {action: advise}' : more}
`;
  return parseRule(text, 'x.yaml');
}

const file = (path: string, more: Partial<FileReport> = {}): FileReport => {
  const times = ['modified', 'created', 'changed', 'accessed', 'nameModified', 'nameCreated', 'nameChanged'];
  return {
    ...(Object.fromEntries(times.map((name) => [name, null])) as unknown as FileReport),
    path,
    class: 'present',
    content: 'ok',
    notes: [],
    size: 1,
    sha256: null,
    ...more,
  };
};

/** What a volume has: by the name that a selection's path ends with. */
type Found = Record<string, Partial<GatheredFiles>>;
const asked: { path: string; versions: boolean }[] = [];
const context = (found: Found, more: Partial<RuleContext> = {}): RuleContext => ({
  gather: (selection: FileSelection, versions: boolean) => {
    const path = selection.paths[0].replace(/^.*\\/, '');
    asked.push({ path, versions });
    return Promise.resolve({ judged: [], shown: [], complete: true, folders: [], lookedAt: [], ...found[path] });
  },
  root: '/Windows',
  mode: 'full',
  volumeDoubts: [],
  ...more,
});
const selection = (name: string, more = ''): string =>
  `  ${name}: {type: FILE, paths: ['%%environ_systemroot%%\\${name}']${more}}`;
const TABLE = `  - {when: a and b, verdict: both, severity: act}
  - {when: a, verdict: only-a, severity: attention, confidence: lower}
  - {when: not a, verdict: none, severity: none}`;
const TWO = ruleOf([selection('a'), selection('b')].join('\n'), TABLE, 'a');
const [A, B, C] = ['/Windows/a', '/Windows/b', '/Windows/c'].map((path) => file(path));

describe('the verdict of a rule', () => {
  test('is the first row that holds, with its place, its severity and its files', async () => {
    const both = await judgeRule(TWO, context({ a: { judged: [A] }, b: { judged: [B] } }));
    expect(both).toMatchObject({ verdict: 'both', severity: 'act', confidence: 'normal', provisional: [], notes: [] });
    expect(both.decided).toEqual({ row: 1, when: 'a and b', files: [] });
    const one = await judgeRule(TWO, context({ a: { judged: [A] } }));
    expect(one).toMatchObject({ verdict: 'only-a', severity: 'attention', confidence: 'lower', confidenceFrom: null });
    expect(one.decided).toMatchObject({ row: 2, when: 'a' });
    expect(await judgeRule(TWO, context({ b: { judged: [B] } }))).toMatchObject({ verdict: 'none', severity: 'none' });
  });

  test('is review, and less sure, where no row holds', async () => {
    const rule = ruleOf(selection('a'), '  - {when: a, verdict: only-a, severity: none}', 'a');
    const result = await judgeRule(rule, context({}, { volumeDoubts: ['hibernated'] }));
    expect(result).toMatchObject({ verdict: 'review', severity: 'review', confidence: 'lower', provisional: [] });
    expect(result.decided).toBeNull();
  });

  test('has the confidence of the first row that holds, before that of the verdict', async () => {
    const more = `confidence:
  - {value: likely, text: Words only.}
  - {when: b, value: contradicted}
  - {when: a, value: confirmed}
remediation: {action: advise}`;
    const rule = ruleOf([selection('a'), selection('b')].join('\n'), TABLE, 'a', more);
    const confidence = async (found: Found): Promise<string> => (await judgeRule(rule, context(found))).confidence;
    expect(await confidence({ a: { judged: [A] } })).toBe('confirmed');
    expect(await confidence({ a: { judged: [A] }, b: { judged: [B] } })).toBe('contradicted');
    expect(await confidence({})).toBe('normal');
  });
});

describe('doubts about a reassuring verdict', () => {
  test('make it one to review, each once, but not where only a log was not examined', () => {
    expect(severityWithProof('none', [])).toEqual({ severity: 'none', provisional: [] });
    expect(severityWithProof('none', ['log-not-examined'])).toEqual({
      severity: 'none',
      provisional: ['log-not-examined'],
    });
    for (const doubt of ['log-pending', 'hibernated', 'listing-incomplete', 'files-only'] as const) {
      expect(severityWithProof('none', ['log-not-examined', doubt])).toEqual({
        severity: 'review',
        provisional: ['log-not-examined', doubt],
      });
      for (const severity of ['review', 'attention', 'act'] as const)
        expect(severityWithProof(severity, [doubt])).toEqual({ severity, provisional: [] });
    }
  });

  test('come from the volume, the folders and listings that broke off', async () => {
    const cut = { a: { complete: false } };
    const folderDoubts = (found: readonly GatheredFiles[]) => {
      expect(found).toHaveLength(2);
      return Promise.resolve(['log-pending', 'hibernated'] as const);
    };
    // A folder that was not listed in full: that it has no such file is not known.
    const table = '  - {when: b, verdict: some, severity: act}\n  - {when: not b, verdict: none, severity: none}';
    const rule = ruleOf([selection('a'), selection('b')].join('\n'), table, 'a or b');
    const result = await judgeRule(rule, context(cut, { volumeDoubts: ['hibernated'], folderDoubts }));
    expect(result).toMatchObject({ verdict: 'none', severity: 'review' });
    expect(result.provisional).toEqual(['hibernated', 'listing-incomplete', 'log-pending']);
    expect(await judgeRule(rule, context({}))).toMatchObject({ severity: 'none', provisional: [] });
  });
});

describe('what a selection answers', () => {
  const rule = ruleOf(
    `${selection('a', ', classes: [{class: old, size|lt: 5, notes: [{note: odd}]}, {class: new}]')}
${selection('gone', ', exists: false')}
  old: {of: a, class: old}
  whole: {of: a, content: [ok, empty]}
  odd: {of: a, note: odd}
  key: {type: REGISTRY_KEY, key: 'HKLM\\SYSTEM\\Setup'}`,
    '  - {when: old or odd or whole or key or gone, verdict: some, severity: act}',
    'a',
  );
  const old = file('/o', { class: 'old', content: 'unreadable' });
  const whole = file('/w', { class: 'new' });
  const odd = file('/n', { class: 'new', content: 'empty', notes: ['odd'] });
  const answers = (
    files: Record<string, FileReport[]>,
    other: Record<string, boolean> = {},
    incomplete: string[] = [],
  ): RuleAnswers =>
    new RuleAnswers(rule, {
      files: new Map(Object.entries(files)),
      other: new Map(Object.entries(other)),
      incomplete: new Set(incomplete),
    });
  const told = (from: RuleAnswers, name: string): boolean | undefined =>
    from.holds(name) ? true : from.holds(`${name} is absent`) ? false : undefined;

  test('is yes where files were found, no where none were, and nothing where nobody looked or looked in part', () => {
    expect(told(answers({ a: [old] }), 'a')).toBe(true);
    expect(told(answers({ a: [] }), 'a')).toBe(false);
    expect(told(answers({}), 'a')).toBeUndefined();
    expect(told(answers({ a: [] }, {}, ['a']), 'a')).toBeUndefined();
    expect(told(answers({ a: [] }, {}, ['gone']), 'a')).toBe(false);
    expect(told(answers({ a: [old] }, {}, ['a']), 'a')).toBe(true);
    expect(told(new RuleAnswers(rule, { files: new Map([['a', []]]), other: new Map() }), 'a')).toBe(false);
  });

  test('is turned round by exists: false', () => {
    expect(told(answers({ gone: [] }), 'gone')).toBe(true);
    expect(told(answers({ gone: [old] }), 'gone')).toBe(false);
    expect(told(answers({ gone: [] }, {}, ['gone']), 'gone')).toBeUndefined();
  });

  test('comes from the other facts where it is no selection of files', () => {
    expect([true, false].map((key) => told(answers({}, { key }), 'key'))).toEqual([true, false]);
    expect(told(answers({}), 'key')).toBeUndefined();
    expect(told(answers({}), 'nobody')).toBeUndefined();
  });

  test('is narrowed by class, content or note', () => {
    const all = answers({ a: [old, whole, odd] });
    expect(all.filesOf('old')).toEqual([old]);
    expect(all.filesOf('whole')).toEqual([whole, odd]);
    expect(all.filesOf('odd')).toEqual([odd]);
    expect(all.filesOf('a')).toEqual([old, whole, odd]);
    expect(all.filesOf('nobody')).toEqual([]);
    expect(answers({}).filesOf('odd')).toEqual([]);
    expect([told(all, 'old'), told(answers({ a: [whole] }), 'old'), told(answers({}), 'old')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('decides with the files by which the row holds, in its order, each once', () => {
    expect(answers({ a: [odd, old, whole] }).decide()).toMatchObject({ number: 1, confidence: 'normal' });
    expect(answers({ a: [odd, old, whole] }).decide()?.files).toEqual([old, odd, whole]);
    expect(answers({ a: [] }).decide()).toBeUndefined();
  });

  test('parses each condition of a rule once', () => {
    expect(conditionOf(rule, 'a and key')).toBe(conditionOf(rule, 'a and key'));
    expect(conditionOf(rule, 'a')).not.toEqual(conditionOf(rule, 'key'));
  });
});

describe('the files that a rule looks for', () => {
  const gatheredBy = async (rule: Rule, mode: 'quick' | 'full', found: Found = {}): Promise<unknown> => {
    asked.length = 0;
    const result = await judgeRule(rule, context(found, { mode }));
    return [asked.map(({ path, versions }) => `${path}${versions ? '+' : ''}`).join(' '), result.verdict];
  };

  test('are, when it is to be quick, those that decide and need no version', async () => {
    const rule = ruleOf(
      [
        selection('a'),
        selection('b', ", pe.version|lt: '2.0'"),
        selection('c', ', compare: {field: size, other: d}'),
        selection('d'),
        selection('e'),
        selection('f', ', classes: [{class: x}]'),
        selection('g'),
        selection('h', ", classes: [{class: x, pe.version|gte: '1.0'}]"),
        '  narrowed: {of: g, content: ok}',
      ].join('\n'),
      '  - {when: a or b or c or narrowed, verdict: some, severity: act}\n  - {when: not a, verdict: none, severity: none}',
      'a',
      `steps: [{id: go, files: e, text: '{paths}'}]
remediation: {action: advise}`,
    );
    expect(await gatheredBy(rule, 'full')).toEqual(['a b c d+ e f g h', 'none']);
    expect(await gatheredBy(rule, 'quick')).toEqual(['a d+ f g', 'none']);
  });

  test('are known to be absent only where every folder was listed in full', async () => {
    const rule = ruleOf(selection('a'), '  - {when: a is absent, verdict: gone, severity: none}', 'a');
    const verdict = async (complete: boolean): Promise<string> =>
      (await judgeRule(rule, context({ a: { complete } }))).verdict;
    expect([await verdict(true), await verdict(false)]).toEqual(['gone', 'review']);
  });

  test('lead to no steps in a quick answer', async () => {
    const more = "steps: [{id: go, files: a, text: '{paths}'}]\nremediation: {action: advise}";
    const rule = ruleOf(selection('a'), '  - {when: a, verdict: some, severity: act}', 'a', more);
    const steps = async (mode: 'quick' | 'full'): Promise<string[]> =>
      (await judgeRule(rule, context({ a: { judged: [A] } }, { mode }))).nextSteps.map(({ id }) => id);
    expect([await steps('quick'), await steps('full')]).toEqual([[], ['go']]);
  });

  test('make a listing doubtful only where they decide', async () => {
    const rule = ruleOf(
      [selection('a'), selection('e')].join('\n'),
      '  - {when: a, verdict: some, severity: act}\n  - {when: not a, verdict: none, severity: none}',
      'a',
      `confidence: [{value: likely, text: Words.}]
steps: [{id: go, files: e, text: '{paths}'}]
remediation: {action: advise}`,
    );
    expect(await judgeRule(rule, context({ e: { complete: false } }))).toMatchObject({ severity: 'none' });
    expect(await judgeRule(rule, context({ a: { complete: false } }))).toMatchObject({ severity: 'review' });
    const steps = async (mode: 'quick' | 'full'): Promise<string[]> =>
      (await judgeRule(rule, context({ e: { judged: [C] } }, { mode }))).nextSteps.map(({ id }) => id);
    expect([await steps('quick'), await steps('full')]).toEqual([[], ['go']]);
  });

  test('are shown where they have classes or are what the rule cures, then those that are only shown', async () => {
    const rule = ruleOf(
      [selection('a', ', classes: [{class: x}]'), selection('b'), selection('c')].join('\n'),
      '  - {when: b and a and c, verdict: some, severity: act}',
      'a',
      'remediation: {action: blank-file, target: b}',
    );
    const hidden = file('/Windows/hidden');
    const found = { a: { judged: [A], shown: [hidden] }, b: { judged: [B] }, c: { judged: [C] } };
    const result = await judgeRule(rule, context(found));
    expect(result.files).toEqual([A, B, hidden]);
    expect(result.decided).toEqual({ row: 1, when: 'b and a and c', files: [1, 0] });
  });
});

describe('a selection that is compared with another', () => {
  const differs = async (
    field: string,
    left: Partial<FileReport>[],
    right: Partial<FileReport>[],
  ): Promise<boolean> => {
    const rule = ruleOf(
      [selection('a', `, compare: {field: ${field}, other: b}`), selection('b')].join('\n'),
      '  - {when: a, verdict: some, severity: act}\n  - {when: a is absent, verdict: none, severity: none}',
      'a',
    );
    const found = {
      a: { judged: left.map((more) => file('/a', more)) },
      b: { judged: right.map((more) => file('/b', more)) },
    };
    const { verdict } = await judgeRule(rule, context(found));
    return verdict === 'some';
  };

  test('is not known to be absent where a quick scan did not look', async () => {
    const rule = ruleOf(
      [selection('a', ', compare: {field: size, other: b}'), selection('b')].join('\n'),
      '  - {when: a is absent, verdict: same, severity: none}',
      'a',
    );
    const found = { a: { judged: [file('/a')] }, b: { judged: [file('/b')] } };
    expect((await judgeRule(rule, context(found, { mode: 'full' }))).verdict).toBe('same');
    expect((await judgeRule(rule, context(found, { mode: 'quick' }))).verdict).toBe('review');
  });

  test('holds where a known field differs from that of any file, and not where it is unknown', async () => {
    expect(await differs('size', [{ size: 1 }], [{ size: 1 }])).toBe(false);
    expect(await differs('size', [{ size: 1 }], [{ size: 1 }, { size: 2 }])).toBe(true);
    expect(await differs('size', [{ size: 1 }], [])).toBe(false);
    expect(await differs('sha256', [{ sha256: 'aa' }], [{ sha256: 'bb', size: 1 }])).toBe(true);
    expect(await differs('sha256', [{ sha256: 'aa', size: 2 }], [{ sha256: 'aa' }])).toBe(false);
    expect(await differs('sha256', [{ sha256: null }], [{ sha256: 'bb' }])).toBe(false);
    expect(await differs('sha256', [{ sha256: 'aa' }], [{ sha256: null }])).toBe(false);
    expect(await differs('pe.version', [{ fileVersion: '1.0' }], [{ fileVersion: '1.1' }])).toBe(true);
    expect(await differs('pe.version', [{ fileVersion: '1.0', size: 3 }], [{ fileVersion: '1.0' }])).toBe(false);
    expect(await differs('pe.version', [{}], [{ fileVersion: '1.1' }])).toBe(false);
  });
});
