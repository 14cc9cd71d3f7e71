import type { BootReport } from '@deadbox/triage';
import { type Phrase, text } from '../document/phrase.js';
import type { Reader } from './page.js';

/** Findings that the verdict's own sentence says in full. */
const SAID_BY_VERDICT: ReadonlySet<BootReport['findings'][number]['id']> = new Set([
  'no-system-partition',
  'store-missing',
  'store-damaged',
  'no-windows',
]);
/** Codes shown; more would hide the sentence. */
const MAX_CODES = 3;

/** Whether the machine would find Windows, in sentences. */
export function bootPhrases(boot: BootReport, reader: Reader): Phrase[] {
  const { boot: words, common } = reader.language;
  const phrases: Phrase[] = [];
  if (boot.verdict !== 'not-checked') {
    const verdict = words.verdicts[boot.verdict]({
      store: boot.store === null ? [] : words.storeAt(boot.store.path, boot.store.partition),
      current: boot.identity?.current,
      former: boot.identity?.former ?? undefined,
    });
    const codes = boot.codes.slice(0, MAX_CODES);
    const silent = boot.verdict === 'consistent' || boot.verdict === 'no-system-partition' || codes.length === 0;
    phrases.push(reader.sentences(verdict, silent ? undefined : words.wouldShow(common.either(codes))));
  }
  for (const { id, data } of boot.findings)
    if (!SAID_BY_VERDICT.has(id)) phrases.push(reader.sentence(words.findings, id, data));
  const remedies = boot.remedies.map((remedy) => reader.word(words.remedies, remedy));
  if (boot.verdict !== 'consistent' && remedies.length > 0) {
    phrases.push(
      words.wouldMend(
        remedies.flatMap((remedy, index): Phrase => (index === 0 ? [remedy] : [text(words.remedySeparator), remedy])),
      ),
    );
  } else if (boot.remedies.includes('remove-safe-boot')) phrases.push(words.undo(words.remedies['remove-safe-boot']));
  return phrases;
}
