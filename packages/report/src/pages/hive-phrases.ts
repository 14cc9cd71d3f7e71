import type { HiveReport } from '@deadbox/triage';
import type { Phrase } from '../document/phrase.js';
import { join } from '../document/phrase.js';
import type { Reader } from './page.js';

/** What is wrong with a hive, in a sentence; `undefined` for a whole one. */
export function hivePhrase(hive: HiveReport, reader: Reader): Phrase | undefined {
  if (hive.verdict === 'clean') return undefined;
  const { hives: words, common } = reader.language;
  return words.verdicts[hive.verdict]({
    path: hive.path,
    findings: join(
      hive.findings.map(({ id, data }) => reader.sentence(words.findings, id, data)),
      words.findingSeparator,
    ),
    codes: hive.codes.length === 0 ? undefined : common.either(hive.codes),
  });
}
