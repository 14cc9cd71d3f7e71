import { describe, expect, test } from 'vitest';
import { matchesName, resolvePattern } from '../../../packages/triage/src/rules/files/path-pattern.js';

describe('rule paths', () => {
  test('a name pattern keeps its fixed beginning for the range lookup', () => {
    expect(
      resolvePattern('%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\C-00000291*.sys', '/Windows'),
    ).toEqual({
      folder: '/Windows/System32/drivers/CrowdStrike',
      prefix: 'C-00000291',
      name: 'C-00000291*.sys',
      deep: false,
    });
  });

  test('** stands for any depth', () => {
    expect(resolvePattern('%%environ_systemroot%%\\Quarantine\\**\\C-*291*', '/WINNT')).toEqual({
      folder: '/WINNT/Quarantine',
      prefix: 'C-',
      name: 'C-*291*',
      deep: true,
    });
  });

  test.each([
    ['C-00000291*.sys', 'C-00000291-00000000-00000032.sys', true],
    ['C-00000291*.sys', 'c-00000291-00000000-00000032.SYS', true],
    ['C-00000291*.sys', 'C-00000291.sys', true],
    ['C-00000291*.sys', 'C-00000291-00000000-00000032.sys.bak', false],
    ['C-00000291*.sys', 'C-0000291-00000000-00000032.sys', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*', '', true],
    ['**a', 'ba', true],
    ['a.b', 'aXb', false],
  ])('%s matches %s: %s', (pattern, name, expected) => {
    expect(matchesName(pattern, name)).toBe(expected);
  });

  test('a hostile name cannot make matching slow', () => {
    expect(matchesName('*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(255))).toBe(false);
  });
});
