import { isDeadboxError } from '@deadbox/core';
import { expect, test } from 'vitest';
import { HashBudget } from '../../packages/cli/src/input/hash-budget.js';

const GIB = 2 ** 30;

function taken(budget: HashBudget, ...sizes: readonly number[]): boolean[] {
  return sizes.map((size) => {
    try {
      budget.take(size, '/file');
      return true;
    } catch (error) {
      if (isDeadboxError(error, 'HASH_LIMIT')) return false;
      throw error;
    }
  });
}

test('holes are hashed up to four gibibytes, and what does not fit leaves room for smaller files', () => {
  const budget = new HashBudget({ bytes: 1e6, size: 1e7 });
  expect(taken(budget, 3 * GIB, 2 * GIB, GIB / 2, 2 ** 50, 1000)).toEqual([true, false, true, false, true]);
});

test('an image whose bytes were read has as much more as compressed files can hold', () => {
  expect(taken(new HashBudget({ bytes: GIB, size: GIB }), 60 * GIB)).toEqual([true]);
});

test('bytes that are read again and again count once', () => {
  expect(taken(new HashBudget({ bytes: 100 * GIB, size: 1e7 }), 6 * GIB)).toEqual([false]);
});
