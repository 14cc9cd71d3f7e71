import { type ByteSource, type Bytes, CheckedSource, isDamage, isTransportError, MemorySource } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { checkSourceContract } from '../../support/source-contract.js';

const content: Bytes = Uint8Array.from({ length: 5000 }, (_, at) => (at * 13) ^ (at >> 5));

/** A source of a user, whose answer to every read is `answer`. */
function answering(answer: (offset: number, length: number) => unknown, more: Partial<ByteSource> = {}): ByteSource {
  return new CheckedSource({ size: content.length, name: 'theirs', read: answer as ByteSource['read'], ...more });
}

async function failureOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a checked source', () => {
  test.each<[string, ByteSource]>([
    ['of memory', new MemorySource(content)],
    [
      'that answers later',
      { size: content.length, read: async (offset, length) => content.slice(offset, offset + length) },
    ],
    [
      'that gives Buffers',
      { size: content.length, read: (offset, length) => Buffer.from(content).subarray(offset, offset + length) },
    ],
  ])('is the source %s', async (_, inner) => {
    await checkSourceContract(new CheckedSource(inner), { reference: content });
  });

  test.each<[string, unknown, RegExp]>([
    ['too few bytes', new Uint8Array(511), /511 of 512 bytes came/],
    ['no byte', new Uint8Array(0), /0 of 512 bytes came/],
    ['too many bytes', new Uint8Array(4096), /4096 of 512 bytes came/],
    ['an ArrayBuffer', new ArrayBuffer(512), /ArrayBuffer, not a Uint8Array/],
    ['an array of numbers', new Array(512).fill(0), /Array, not a Uint8Array/],
    ['a view on words', new Uint16Array(512), /Uint16Array, not a Uint8Array/],
    ['text', 'x'.repeat(512), /a string, not a Uint8Array/],
    ['nothing', undefined, /undefined, not a Uint8Array/],
  ])('takes no answer of %s, now or later', async (_, answer, message) => {
    for (const source of [answering(() => answer), answering(() => Promise.resolve(answer))]) {
      const error = await failureOf(() => source.read(1024, 512));
      expect(error).toMatchObject({
        code: 'READ_FAILED',
        at: { layer: 'theirs', offset: 1024 },
        message: expect.stringMatching(message),
      });
      expect([isTransportError(error), isDamage(error)]).toEqual([true, false]);
    }
  });

  test('names the error of the source as one of transport, and keeps it as the cause', async () => {
    const gone = new TypeError('fetch failed');
    for (const source of [
      answering(() => {
        throw gone;
      }),
      answering(() => Promise.reject(gone)),
    ]) {
      const error = await failureOf(() => source.read(0, 1));
      expect(error).toMatchObject({ code: 'READ_FAILED', cause: gone, data: { transport: 'source' } });
    }
  });

  test('passes what an abort throws', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const source = answering(() => Promise.reject(signal.reason));
    expect(await failureOf(() => source.read(0, 1, { signal }))).toBe(signal.reason);
  });

  test('takes a count from readInto that is not the length for what it is', async () => {
    const inner = (count: unknown): Partial<ByteSource> => ({
      readInto: () => Promise.resolve(count) as Promise<void>,
    });
    const short = answering(() => content, inner(100));
    expect(await failureOf(() => short.readInto?.(0, new Uint8Array(512)))).toMatchObject({ code: 'READ_FAILED' });
    for (const count of [512, undefined])
      expect(
        await failureOf(() => answering(() => content, inner(count)).readInto?.(0, new Uint8Array(512))),
      ).toBeUndefined();
  });

  test('gives plain bytes for Buffers: a copy of them is a copy', async () => {
    const theirs = Buffer.from(content);
    const source = answering((offset, length) => theirs.subarray(offset, offset + length));
    const copy = (await source.read(0, 512)).slice();
    copy.fill(0xee);
    expect(Buffer.compare(theirs, content)).toBe(0);
  });

  test.each<[string, unknown, RegExp]>([
    ['a path', '/images/server.vhdx', /a string/],
    ['bytes', content, /Uint8Array/],
    ['a Blob', new Blob([content]), /Blob/],
    ['a promise', Promise.resolve(new MemorySource(content)), /await it first/],
    ['nothing', undefined, /undefined/],
    ['null', null, /null/],
    ['a source without a size', { read: () => content }, /size is undefined/],
    ['a source whose size is a bigint', { size: 5000n, read: () => content }, /size is 5000/],
    ['a source of negative size', { size: -1, read: () => content }, /size is -1/],
  ])('is not made of %s, and says what is expected', (_, wrong, message) => {
    const make = (): unknown => new CheckedSource(wrong as ByteSource);
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
    expect(make).toThrow(/openFile\(\) of @deadbox\/core\/node.*openHttp\(\).*BlobSource.*MemorySource/);
  });
});
