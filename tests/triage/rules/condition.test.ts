import { describe, expect, test } from 'vitest';
import { holds, namesIn, parseCondition } from '../../../packages/triage/src/rules/condition.js';

const truth = (text: string, facts: Record<string, boolean | undefined>): boolean =>
  holds(parseCondition(text), (name) => facts[name]);

describe('conditions', () => {
  test('not binds closer than and, and closer than or', () => {
    // Truth table of "a or b and not c" against JavaScript's own precedence.
    for (const a of [true, false]) {
      for (const b of [true, false]) {
        for (const c of [true, false]) expect(truth('a or b and not c', { a, b, c })).toBe(a || (b && !c));
      }
    }
  });

  test('parentheses change the order', () => {
    expect(truth('(a or b) and c', { a: true, b: false, c: false })).toBe(false);
    expect(truth('a or (b and c)', { a: true, b: false, c: false })).toBe(true);
  });

  test('a fact that was not gathered neither holds nor is absent', () => {
    expect(truth('service', {})).toBe(false);
    expect(truth('service is absent', {})).toBe(false);
    expect(truth('service is absent', { service: false })).toBe(true);
    expect(truth('not service', {})).toBe(true);
  });

  test('names the selections it uses', () => {
    expect(namesIn(parseCondition('faulty and not (newer-ok or service is absent)'))).toEqual([
      'faulty',
      'newer-ok',
      'service',
    ]);
  });

  test.each([
    ['', 'ends where a name was expected'],
    ['a and', 'ends where a name was expected'],
    ['(a', 'lacks a closing parenthesis'],
    ['a b', 'has "b" after its end'],
    ['a & b', 'has "&" after its end'],
    ['and', 'has "and" where a name was expected'],
  ])('refuses %j', (text, what) => {
    expect(() => parseCondition(text)).toThrow(what);
  });

  test('refuses nesting that would exhaust the stack', () => {
    expect(() => parseCondition(`${'('.repeat(1000)}a${')'.repeat(1000)}`)).toThrow('nested too deeply');
  });
});
