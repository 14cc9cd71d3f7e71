import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';
import { type Calmed, flip, scanBytes, targetsOf } from './campaign.js';

// A short form of `npm run flips`: one changed byte in every 397 of each structure, in every mode.
const STEP = 397;

describe.each(['mbr-faulty', 'gpt-faulty'])('one changed byte on the way to the faulty file of %s', (name) => {
  test('never makes a scan say that there is nothing to act on, without a reason', async () => {
    const bytes = new Uint8Array(readFileSync(testImagePath(name)));
    const { files, windowsVolume } = testImage(name);
    expect((await scanBytes(bytes, 'quick'))?.severity).toBe('act');
    const targets = await targetsOf(bytes, files[0].path, windowsVolume);
    expect(targets.length).toBeGreaterThan(10);
    const undefended: Calmed[] = [];
    let tried = 0;
    const options = { every: false, step: STEP, onTried: () => (tried += 1) };
    for await (const calmed of flip(bytes, targets, ['quick', 'full', 'deep'], options))
      if (calmed.reason === undefined) undefended.push(calmed);
    expect(tried).toBeGreaterThan(150);
    expect(undefended).toEqual([]);
  }, 120_000);
});

/** Changes that the whole campaign found, after which a scan once said none. */
const FOUND: readonly { image: string; what: RegExp; at: number; to: number }[] = [
  // The content of $STANDARD_INFORMATION begins inside its own header: numbers of the header were taken for times.
  { image: 'mbr-faulty', what: /^record of .*-00000032\.sys$/, at: 0x4c, to: 8 },
];

test.each(FOUND)(
  'byte $at of the $what of $image, found before, makes no mode say none',
  async ({ image, what, at, to }) => {
    const bytes = new Uint8Array(readFileSync(testImagePath(image)));
    const { files, windowsVolume } = testImage(image);
    const target = (await targetsOf(bytes, files[0].path, windowsVolume)).find((found) => what.test(found.what));
    bytes[(target?.offset ?? Number.NaN) + at] = to;
    for (const mode of ['quick', 'full', 'deep'] as const)
      expect([mode, (await scanBytes(bytes, mode))?.severity]).not.toEqual([mode, 'none']);
  },
);
