import type { Bytes } from '@deadbox/core';
import { judgeHibernation } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';

describe('judgeHibernation', () => {
  const head = (text: string): Bytes => {
    const bytes = new Uint8Array(4096);
    bytes.set(new TextEncoder().encode(text));
    return bytes;
  };
  test.each([
    ['hibr', 'hibernated'],
    ['HIBR', 'hibernated'],
    ['wake', 'resumed'],
    ['WAKE', 'resumed'],
    ['RSTR', 'restoring'],
    ['link', 'elsewhere'],
    ['', 'none'],
    ['what', 'unknown'],
  ])('"%s" is %s', (text, state) => {
    expect(judgeHibernation(head(text))).toBe(state);
  });
  test('a file shorter than a page: the image is elsewhere', () => {
    expect(judgeHibernation(new Uint8Array(100))).toBe('elsewhere');
  });
});
