import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/tools.js';
import { draw, minimise, missing, runCase, withoutParts } from './campaign.js';
import { families } from './families.js';
import type { Family } from './family.js';
import { fromBytes, toBytes } from './names.js';

/** Cases of each family that the tests run; the campaign runs as many as there is time for. */
const CASES = 2;

describe('a short campaign', () => {
  const scratch = temporaryFolder();

  for (const family of families) {
    const absent = missing(family);
    const title = absent === undefined ? '' : ` (skipped: needs ${absent})`;
    test.skipIf(absent !== undefined)(`${family.name}: both sides agree on the first cases${title}`, async () => {
      for (let index = 0; index < CASES; index += 1)
        expect(await runCase(family, draw(family, 291, index, 'small'), scratch), `case ${index}`).not.toMatchObject({
          kind: 'different',
        });
    });
  }

  test('every case that once was different is the same now', async () => {
    const folder = join(import.meta.dirname, 'failures');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const kept = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      const family = families.find(({ name }) => name === kept.family) as Family;
      // The tools that make it may be missing here.
      if (missing(family) !== undefined) continue;
      expect([file, await runCase(family, kept.case, scratch)]).toEqual([file, { kind: 'same' }]);
    }
  });
});

describe('the campaign', () => {
  const scratch = temporaryFolder();
  /** Different as soon as a list holds 7. */
  const sevens: Family<{ readonly list: readonly number[] }> = {
    name: 'sevens',
    tools: [],
    draw: (numbers) => ({ list: Array.from({ length: 40 }, () => numbers.below(10)) }),
    run: ({ list }) => Promise.resolve(list.includes(7) ? [{ kind: 'seven', detail: '7' }] : []),
  };

  test('draws the same case for the same seed and number, and another one for another', () => {
    const [first, again, other] = [3, 3, 4].map((index) => draw(sevens as Family, 1, index, 'full'));
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
  });

  test('leaves out of a case what its difference does not need', async () => {
    const one = { list: [1, 2, 3, 7, 5, 7, 6] };
    expect(await minimise(sevens as Family, one, 'seven', scratch, 5000)).toEqual({ list: [7] });
  });

  test('takes what we throw for a difference', async () => {
    const broken: Family = { ...(sevens as Family), run: () => Promise.reject(new TypeError('no such thing')) };
    const outcome = await runCase(broken, {}, scratch);
    expect(outcome).toMatchObject({ kind: 'different', differences: [{ kind: 'error TypeError: no such thing' }] });
  });

  test('makes smaller cases by halves first, down to single parts', () => {
    expect([...withoutParts([1, 2, 3, 4])].map((list) => JSON.stringify(list))).toEqual([
      '[]', '[3,4]', '[1,2]', '[2,3,4]', '[1,3,4]', '[1,2,4]', '[1,2,3]',
    ]); // biome-ignore format: one line
  });

  test('gives every name to the other program and takes it back, unpaired surrogates too', () => {
    for (const name of ['plain', 'ünï', '🗂x', '\ud800', 'a\udfffb', '\udc00\ud800', '\ud7ff\ue000'])
      expect(fromBytes(toBytes(name))).toBe(name);
    expect([...toBytes('\ud800')]).toEqual([0xed, 0xa0, 0x80]);
  });
});
