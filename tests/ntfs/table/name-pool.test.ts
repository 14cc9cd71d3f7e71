import { NamePool, poolText } from '@deadbox/ntfs/internals';
import { describe, expect, test, vi } from 'vitest';

/** What a pool gives back of `text`, behind `before` bytes of another name. */
function throughPool(text: string, before: number): string {
  const pool = new NamePool(0);
  const append = (name: string): number => {
    const units = new DataView(new ArrayBuffer(name.length * 2));
    for (let i = 0; i < name.length; i += 1) units.setUint16(i * 2, name.charCodeAt(i), true);
    return pool.append(units, 0, name.length);
  };
  const offset = append('x'.repeat(before));
  const length = append(text);
  return poolText(pool.bytes, offset, length);
}

describe('a long text of a pool of names', () => {
  test.each([
    ['ASCII', 'abc'.repeat(500)],
    ['every length of character', 'aé日😀'.repeat(200)],
    ['a byte order mark', `\ufeff${'日'.repeat(300)}`],
    [
      'unpaired surrogates, wherever the pieces of it end',
      `\ud800${'日é😀'.repeat(200)}\udfff${'a'.repeat(300)}\ud83d`,
    ],
    ['Hangul, whose characters begin as surrogates do', '\ud7a3'.repeat(300)],
  ])('comes back as it was: %s', (_, text) => {
    for (let skip = 0; skip < 4; skip += 1)
      expect(throughPool('b'.repeat(skip) + text, skip)).toBe('b'.repeat(skip) + text);
  });

  test('is not put together by characters, for which a path of 24 KB would take 500', () => {
    const bytes = new TextEncoder().encode('/folder'.repeat(3500));
    const characters = vi.spyOn(String, 'fromCharCode');
    expect(poolText(bytes, 0, bytes.length)).toHaveLength(24_500);
    expect(characters.mock.calls.length).toBeLessThan(100);
    characters.mockRestore();
  });
});
