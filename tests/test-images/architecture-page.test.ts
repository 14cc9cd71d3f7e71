import { closeSync, openSync, readSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';
import { filesBelow, textOf } from '../support/workspace.js';

/** Bytes of the bundled disk, read without deadbox. */
function diskBytes(offset: number, length: number): Buffer {
  const handle = openSync(testImagePath('gpt-faulty'), 'r');
  const bytes = Buffer.alloc(length);
  readSync(handle, bytes, 0, length, offset);
  closeSync(handle);
  return bytes;
}

describe('docs/architecture.md', () => {
  const page = textOf('docs/architecture.md');
  const golden = testImage('gpt-faulty');
  const shown = (value: number): string => value.toLocaleString('en-US');

  test('follows the file record to where it lies on the bundled disk', () => {
    const offset = 37_874_688;
    expect(page).toContain(shown(offset));
    const record = diskBytes(offset, 1024);
    expect(record.toString('latin1', 0, 4)).toBe('FILE');
    expect(record.readUInt32LE(44)).toBe(golden.files[0]?.record);
    expect(page).toContain(golden.files[0]?.standardInformation.modified);
  });

  test('follows the content to where it lies on the bundled disk', () => {
    const offset = 48_435_200;
    expect(page).toContain(shown(offset));
    // The channel file begins with its magic and the channel number.
    const head = diskBytes(offset, 12);
    expect(head.toString('hex', 0, 4)).toBe('aaaaaaaa');
    expect(head.readUInt32LE(8)).toBe(291);
  });

  test('names only decisions that are written down', () => {
    const numbers = [...page.matchAll(/decision (\d{3})/g)].map((match) => match[1]);
    const written = filesBelow('docs/decisions').map((path) =>
      path.slice('docs/decisions/'.length, 'docs/decisions/000'.length),
    );
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.filter((number) => !written.includes(number))).toEqual([]);
  });
});
