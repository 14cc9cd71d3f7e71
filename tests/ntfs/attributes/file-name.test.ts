import { utf16Bytes } from '@deadbox/core';
import { parseFileName } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';

describe('parseFileName', () => {
  test('keeps unpaired surrogates', () => {
    const value = new Uint8Array(0x42 + 6);
    value[0x40] = 3;
    value.set(utf16Bytes('a\ud800b'), 0x42);
    expect(parseFileName(value)?.name).toBe('a\ud800b');
  });

  test('takes no name of length 0, past the value, or in an unknown name space', () => {
    const value = new Uint8Array(0x42 + 4);
    expect(parseFileName(value)).toBeUndefined();
    value[0x40] = 3;
    expect(parseFileName(value)).toBeUndefined();
    value[0x40] = 2;
    value[0x41] = 4;
    expect(parseFileName(value)).toBeUndefined();
  });
});
