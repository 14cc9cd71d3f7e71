import { expect, test } from 'vitest';
import { packageNames, sourcesOf, textOf } from '../support/workspace.js';

/**
 * What the platform gives no other way to ask: whether a text is JSON, an encoding, a pattern; whether a file is there.
 */
const ASKED =
  /JSON\.parse|new TextDecoder|new RegExp|new Intl\.|decodeURIComponent|\batob\(|new URL\(|Sync\(|readFile\(|await (?:open|stat|lstat|realpath|readlink)\(|handle\./;

test('every catch that does not look at its error is around one question to the platform', () => {
  const found: string[] = [];
  for (const path of packageNames.flatMap(sourcesOf)) {
    const text = textOf(path);
    for (const match of text.matchAll(/\} catch \{/g)) {
      const before = text.slice(0, match.index);
      const tried = before.slice(before.lastIndexOf('try {'));
      if (!ASKED.test(tried) || tried.split('\n').length > 10)
        found.push(`${path}:${before.split('\n').length} ${tried.replace(/\s+/g, ' ')}`);
    }
  }
  // A mistake of deadbox would pass for damage of the disk: use isDamage or survive.
  expect(found).toEqual([]);
});
