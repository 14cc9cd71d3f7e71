import { DeadboxError, isDamage, isTransportError, MemorySource, survive, transportFailed } from '@deadbox/core';
import { describe, expect, test } from 'vitest';

const place = { offset: 4096, length: 512 };
const medium = new DeadboxError('READ_FAILED', 'a.img could not be read at 4096: EIO', {
  at: { layer: 'a.img', offset: 4096 },
});
const aborted = AbortSignal.abort();

describe('damage', () => {
  test.each([
    ['a sector that the medium refuses', medium],
    ['a read behind the end, which a damaged number leads to', new DeadboxError('READ_OUT_OF_RANGE', '')],
    ['a field behind the end of its structure', new DeadboxError('CURSOR_OUT_OF_RANGE', '')],
    ["a package's own code", new DeadboxError('NTFS_RECORD_TORN', '')],
  ])('is %s', (_, error) => {
    expect(isDamage(error)).toBe(true);
    expect(isTransportError(error)).toBe(false);
    expect(isDamage(error, aborted)).toBe(false);
  });

  test.each([
    ['a short answer', transportFailed('ended', 'a.img', place, 'the file ends there')],
    ['a server that failed', transportFailed('network', 'https://x/a.img', place, 'the server answered 503')],
    ['a source that was closed', new DeadboxError('SOURCE_CLOSED', '')],
    ['a file that was changed', new DeadboxError('SOURCE_CHANGED', '')],
    [
      'an error of a layer that such an error caused',
      new DeadboxError('NTFS_MFT_UNREADABLE', '', { cause: new DeadboxError('SOURCE_CLOSED', '') }),
    ],
  ])('is not %s: that is transport', (_, error) => {
    expect(isDamage(error)).toBe(false);
    expect(isTransportError(error)).toBe(true);
  });

  test.each([
    ['a wrong argument', new DeadboxError('INVALID_ARGUMENT', '')],
    ['an error of deadbox itself', new DeadboxError('INTERNAL', '')],
    ["any other program's error", new TypeError('x is not a function')],
    ['an abort', aborted.reason],
    ['nothing', undefined],
  ])('is not %s, and neither is transport', (_, error) => {
    expect(isDamage(error)).toBe(false);
    expect(isTransportError(error)).toBe(false);
  });

  test('ends a chain of causes that leads back to itself', () => {
    const error = new DeadboxError('X', '');
    Object.defineProperty(error, 'cause', { value: error });
    expect(isTransportError(error)).toBe(false);
  });
});

describe('survive', () => {
  const fail = (error: unknown) => (): number => {
    throw error;
  };

  test('gives what the work gives, at once when the work is synchronous', async () => {
    const now: number | string = survive(
      () => 7,
      () => 'damaged',
    );
    expect(now).toBe(7);
    const later: Promise<number | string> = survive(
      () => Promise.resolve(7),
      () => 'damaged',
    );
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(7);
    expect(
      survive(
        () => new MemorySource(Uint8Array.of(1)).read(0, 1),
        () => undefined,
      ),
    ).toEqual(Uint8Array.of(1));
  });

  test('gives what onDamage makes of damage, thrown or rejected', async () => {
    expect(survive(fail(medium), ({ code }) => code)).toBe('READ_FAILED');
    expect(
      await survive(
        () => Promise.reject(medium),
        ({ at }) => at?.offset,
      ),
    ).toBe(4096);
    expect(
      await survive(
        async () => fail(medium)(),
        async () => 'mended',
      ),
    ).toBe('mended');
  });

  test('passes transport errors, programming errors and everything after an abort', async () => {
    const closed = new DeadboxError('SOURCE_CLOSED', '');
    for (const error of [closed, new TypeError('x')]) {
      expect(() => survive(fail(error), () => 0)).toThrow(error);
      await expect(
        survive(
          () => Promise.reject(error),
          () => 0,
        ),
      ).rejects.toBe(error);
    }
    expect(() => survive(fail(medium), () => 0, { signal: aborted })).toThrow(medium);
  });

  test('passes what onDamage throws', async () => {
    const other = new Error('other');
    expect(() => survive(fail(medium), fail(other))).toThrow(other);
    await expect(survive(() => Promise.reject(medium), fail(other))).rejects.toBe(other);
  });
});
