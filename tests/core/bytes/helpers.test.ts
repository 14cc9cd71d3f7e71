import { defined, fileTimeText, GIB, KIB, MIB, partitionPoint, SECTOR } from '@deadbox/core';
import { describe, expect, test } from 'vitest';

describe('partitionPoint', () => {
  test('agrees with a walk through every sorted list of small numbers', () => {
    for (let length = 0; length < 9; length += 1) {
      const starts = Array.from({ length }, (_, at) => Math.floor(at * 1.5) * 2);
      for (let offset = -1; offset < 30; offset += 1) {
        const point = partitionPoint(starts.length, (at) => starts[at] <= offset);
        expect(point).toBe(starts.filter((start) => start <= offset).length);
      }
    }
  });

  test('asks a logarithm of questions, also of a list of 2^40', () => {
    let asked = 0;
    const found = partitionPoint(2 ** 40, (at) => {
      asked += 1;
      return at < 987_654_321_012;
    });
    expect(found).toBe(987_654_321_012);
    expect(asked).toBeLessThanOrEqual(41);
  });
});

describe('defined', () => {
  test('leaves out the members that are undefined and keeps every other value', () => {
    const some: { a: number; b?: string } = defined({ a: 0, b: undefined as string | undefined });
    expect(some).toStrictEqual({ a: 0 });
    expect(Object.keys(some)).toEqual(['a']);
    expect(defined({ a: null, b: false, c: '', d: 0n })).toStrictEqual({ a: null, b: false, c: '', d: 0n });
  });
});

test('a time that is not there, not set or garbage is null in reports', () => {
  expect(fileTimeText(133_658_357_751_234_567n)).toBe('2024-07-19T04:09:35.1234567Z');
  expect([undefined, 0n, 2n ** 63n].map((time) => fileTimeText(time))).toEqual([null, null, null]);
});

test('sizes are what their names say', () => {
  expect([SECTOR, KIB, MIB, GIB]).toEqual([2 ** 9, 2 ** 10, 2 ** 20, 2 ** 30]);
});
