import {
  checkRange,
  DeadboxError,
  ISSUES_KEPT_PER_CODE,
  IssueLog,
  isDeadboxError,
  sourceClosed,
  splitPath,
} from '@deadbox/core';
import { describe, expect, test } from 'vitest';

describe('DeadboxError', () => {
  const error = new DeadboxError('TEST_CODE', 'Boot sector at 0 of volume: expected 55 AA, found 00 00', {
    at: { layer: 'volume', offset: 510, record: 3 },
    data: { found: '0000' },
    cause: new Error('below'),
  });

  test('carries code, place, data and cause', () => {
    expect(error).toMatchObject({
      name: 'DeadboxError',
      code: 'TEST_CODE',
      at: { layer: 'volume', offset: 510, record: 3 },
      data: { found: '0000' },
    });
    expect((error.cause as Error).message).toBe('below');
    expect(error).toBeInstanceOf(Error);
  });

  test('becomes plain JSON without stack', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'TEST_CODE',
      message: error.message,
      at: { layer: 'volume', offset: 510, record: 3 },
      data: { found: '0000' },
    });
    expect(new DeadboxError('X', 'y').toJSON()).toEqual({ code: 'X', message: 'y', data: {} });
  });

  test('is told by its brand, also when another copy of the library made it', () => {
    const foreign = Object.assign(new Error('x'), { code: 'TEST_CODE', [Symbol.for('deadbox.error')]: true });
    expect([isDeadboxError(error), isDeadboxError(error, 'TEST_CODE'), isDeadboxError(error, 'OTHER')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isDeadboxError(foreign, 'TEST_CODE')).toBe(true);
    for (const other of [new Error('x'), undefined, null, 'TEST_CODE', { code: 'TEST_CODE' }])
      expect(isDeadboxError(other)).toBe(false);
  });

  test('says what a closed source and a read outside are', () => {
    expect(sourceClosed('disk.raw')).toMatchObject({ code: 'SOURCE_CLOSED' });
    expect(sourceClosed('disk.raw').message).toContain('disk.raw');
  });
});

describe('checkRange', () => {
  test('accepts everything inside, the empty end included', () => {
    for (const [offset, length] of [
      [0, 0],
      [0, 10],
      [10, 0],
      [9, 1],
    ] as const)
      expect(() => checkRange('disk', 10, offset, length)).not.toThrow();
  });

  test('refuses everything else with layer, offset, length and size', () => {
    for (const [offset, length] of [
      [0, 11],
      [10, 1],
      [-1, 1],
      [0, -1],
      [Number.NaN, 1],
      [0, Number.NaN],
      [0.5, 1],
      [2 ** 53, 1],
    ] as const) {
      expect(() => checkRange('disk', 10, offset, length)).toThrow(/disk.*10 bytes/);
    }
    try {
      checkRange('disk', 10, 8, 4);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'READ_OUT_OF_RANGE',
        at: { layer: 'disk', offset: 8 },
        data: { length: 4, size: 10 },
      });
    }
  });
});

describe('IssueLog', () => {
  test('keeps the first hundred of each code and counts the rest', () => {
    const log = new IssueLog();
    for (let i = 0; i < 5000; i += 1) log.add({ code: 'a', severity: 'warning', data: { i } });
    for (let i = 0; i < 3; i += 1) log.add({ code: 'b', severity: 'note', data: {} });
    expect(ISSUES_KEPT_PER_CODE).toBe(100);
    expect([log.issues.length, log.count('a'), log.count('b'), log.count('c')]).toEqual([103, 5000, 3, 0]);
    expect(log.issues[99]?.data).toEqual({ i: 99 });
    expect([...log.counts]).toEqual([
      ['a', 5000],
      ['b', 3],
    ]);
  });

  test('knows of errors, also of those that were only counted', () => {
    const log = new IssueLog();
    for (let i = 0; i < 100; i += 1) log.add({ code: 'a', severity: 'warning', data: {} });
    expect(log.hasErrors).toBe(false);
    log.add({ code: 'a', severity: 'error', data: {} });
    expect(log.hasErrors).toBe(true);
  });
});

describe('splitPath', () => {
  test('takes every way to write a path on the disk', () => {
    for (const path of [
      '/Windows/System32',
      '\\Windows\\System32',
      'C:\\Windows\\System32',
      'c:/Windows//System32/',
      'Windows/./System32',
    ]) {
      expect(splitPath(path)).toEqual(['Windows', 'System32']);
    }
    for (const root of ['', '/', '\\', 'C:', 'C:\\', '.']) expect(splitPath(root)).toEqual([]);
  });

  test('leaves names alone that only look like drives', () => {
    expect(splitPath('/C:name/x')).toEqual(['C:name', 'x']);
    expect(splitPath('file:stream')).toEqual(['file:stream']);
  });
});
