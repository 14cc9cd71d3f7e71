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
