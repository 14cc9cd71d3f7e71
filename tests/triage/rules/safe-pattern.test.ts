import { describe, expect, test } from 'vitest';
import { patternFault } from '../../../packages/triage/src/rules/safe-pattern.js';

const REPEATED = 'repeats a group that repeats inside or has alternatives, which can take for ever';
const BACK_REFERENCE = 'has a back reference, which can take for ever';
const THREE = 'has more than 3 repeats; begin it with ^ or split it';
const TWO = 'has more than 2 repeats; begin it with ^ or split it';
const WAYS = 'has more than 1024 ways to match; split it';

describe('an expression that a chosen name could make slow', () => {
  // Each takes seconds to ages in V8 on some name of 256 characters: `^(a*a){5}$` 16 s on 120 letters.
  test.each([
    ['^(a+)+$', REPEATED],
    ['^(a*)*$', REPEATED],
    ['^(a{1,9})+$', REPEATED],
    ['^(a{10,})+$', REPEATED],
    ['^(a+){10,}$', REPEATED],
    ['^(a+){2,10}$', REPEATED],
    ['^(a|aa)+$', REPEATED],
    ['^(a?a)+$', REPEATED],
    ['^(a|a){24}$', WAYS],
    ['^(a*a){5}$', THREE],
    ['^((a*a){2}){2}$', THREE],
    ['(\\d+\\.){3}', TWO],
    ['^((a|a){2}){6}$', WAYS],
    ['^(?:a|b)+?$', REPEATED],
    ['^((a|b)c)+$', REPEATED],
    ['^((a+)b)+$', REPEATED],
    ['^((a+)?b)+$', REPEATED],
    ['^(x\\)a+)+$', REPEATED],
    ['^([)]a+)+$', REPEATED],
    ['^([\\])]a+)+$', REPEATED],
    ['(a)\\1', BACK_REFERENCE],
    ['(?<n>a)\\k<n>', BACK_REFERENCE],
    ['^a+b+c+d+', THREE],
    ['^a+b*c{2,}d{1,2}', THREE],
    ['^a+?b+?c+?d+?', THREE],
    ['a+b+c+', TWO],
    [`^${'a?'.repeat(11)}`, WAYS],
    [`^${'(a|a)'.repeat(11)}`, WAYS],
    ['^(a|a|a|a|a|a)(a|a|a|a|a|a)(a|a|a|a|a|a)(a|a|a|a|a)', WAYS],
    ['(a', 'is not a regular expression'],
  ])('%s is refused', (pattern, fault) => {
    expect(patternFault(pattern)).toBe(fault);
  });

  test.each([
    '^a+b+c+',
    '^a+b+?c{2,}$',
    'a+b+',
    'a{2}b{2}c{2}d{2}',
    'a{10}b{10}c{10}d{10}',
    '^([0-9A-F]{4}-){3}',
    '^(\\d+\\.){3}x',
    '^(a|a){10}$',
    // What stands before a group is not repeated with it.
    '^x+(a*){2}$',
    '^(a|b|c|d)(c|d){6}$',
    '^(?:ab)+$',
    '^(a)(b)+$',
    '^(a|b)c+$',
    '^a|b+|c$',
    '^(a|b)?c$',
    '^(a+)b',
    '^(\\.(sys|inf))?$',
    '^(\\|)+$',
    '^(\\+)+$',
    '^(\\\\)+$',
    '^([|+*?])+$',
    '^([\\]|])+$',
    '[(+*]+x',
    'a\\d\\w\\.',
    `^${'a?'.repeat(10)}`,
    `^${'(a|a)'.repeat(10)}`,
  ])('%s may be used', (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  });
});
