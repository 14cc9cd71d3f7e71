import { isDeadboxError } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { holds, namesIn, parseCondition, reasonsOf } from '../../../packages/triage/src/rules/condition.js';

const truth = (text: string, facts: Record<string, boolean | undefined>): boolean =>
  holds(parseCondition(text), (name) => facts[name]);

/** What a text is refused for: the words, and the character that they name. */
function refused(text: string): unknown {
  try {
    parseCondition(text);
  } catch (error) {
    if (isDeadboxError(error, 'CONDITION_INVALID')) return error.data;
    throw error;
  }
  return undefined;
}

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

  test('says at which character a text is wrong', () => {
    expect(refused('ab and or')).toEqual({ condition: 'ab and or', character: 8 });
    expect(() => parseCondition('ab and or')).toThrow(
      'Condition "ab and or" has "or" where a name was expected (character 8)',
    );
    expect(refused('& a')).toEqual({ condition: '& a', character: 1 });
    expect(refused('ab and')).toEqual({ condition: 'ab and', character: 7 });
    expect(refused('(ab cd')).toEqual({ condition: '(ab cd', character: 5 });
    expect(refused('ab is')).toEqual({ condition: 'ab is', character: 4 });
    expect(refused('ab is cd')).toEqual({ condition: 'ab is cd', character: 4 });
    expect(refused('ab absent')).toEqual({ condition: 'ab absent', character: 4 });
    expect(refused('ab cd absent')).toEqual({ condition: 'ab cd absent', character: 4 });
  });

  test('refuses nesting that would exhaust the stack', () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    expect(refused(nested(64))).toBeUndefined();
    expect(() => parseCondition(nested(65))).toThrow('nested too deeply');
    expect(refused(`${'not '.repeat(64)}a`)).toBeUndefined();
    expect(() => parseCondition(`${'not '.repeat(65)}a`)).toThrow('nested too deeply');
  });

  test('refuses a text of more than 4096 characters, and repeats its beginning only', () => {
    expect(refused(`${' '.repeat(4095)}a`)).toBeUndefined();
    expect(refused(`a${' '.repeat(4096)}`)).toEqual({ condition: `a${' '.repeat(39)}`, character: 1 });
  });

  test('gives the names by which it holds, in the order of the text, and none under a not', () => {
    const reasons = (text: string, facts: Record<string, boolean>): string[] =>
      reasonsOf(parseCondition(text), (name) => facts[name]);
    expect(reasons('b and a', { a: true, b: true })).toEqual(['b', 'a']);
    expect(reasons('a or b', { b: true })).toEqual(['b']);
    expect(reasons('a and not b', { a: true, b: false })).toEqual(['a']);
    expect(reasons('a or b is absent', { a: true, b: false })).toEqual(['a']);
    expect(reasons('a and b', { a: true })).toEqual([]);
    expect(reasons('a', {})).toEqual([]);
  });
});
