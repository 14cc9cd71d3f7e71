import type { LanguageCode } from '@deadbox/report';
import { type CauseWords, matchScreens, type WhyWords, whyPage } from '@deadbox/report/internals';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { causesOfCode, readWhyQuery, whyReport } from '@deadbox/triage/why';
import { EXIT_CODES } from '../exit-codes.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

/** Says what a code or text on the screen means and what causes it; with an image, which of the causes its disk has. */
export async function whyVerb(
  query: string,
  image: string | undefined,
  options: CommonOptions,
  session: Session,
): Promise<number> {
  const output = session.output(options);
  return withOutput(output, async () => {
    const words = await loadWords(session.language.code);
    const asked = readWhyQuery(query);
    // The screen speaks the language of the server, which need not be the reader's.
    const ids = asked.kind === 'code' ? causesOfCode(asked.code.code) : matchScreens(asked.text, words.screens);
    const judged = image === undefined ? undefined : await judge(image, options, session);
    const report = whyReport(query, asked, ids, judged);
    if (options.json === true || options.ndjson === true) output.writeJson(report, options.ndjson === true);
    else output.write(writerFor(options, output)(whyPage(report, { ...session.pageOptions(options), ...words })));
    const answers = judged === undefined ? report.causes : report.causes.filter(({ found }) => found !== null);
    if (answers.length > 0) return EXIT_CODES.why.named;
    // A volume that nobody could look into has not been asked.
    return judged?.verdict === 'blocked-encrypted' ? EXIT_CODES.why.locked : EXIT_CODES.why.none;
  });
}

/** Words of the reader's language, and the screens of all. */
interface Words {
  readonly why: WhyWords;
  readonly causes: CauseWords;
  readonly screens: readonly CauseWords[];
}

async function loadWords(language: LanguageCode): Promise<Words> {
  const [{ causes: en }, { causes: ja }] = await Promise.all([
    import('@deadbox/report/causes/en'),
    import('@deadbox/report/causes/ja'),
  ]);
  const { why } = language === 'ja' ? await import('@deadbox/report/why/ja') : await import('@deadbox/report/why/en');
  return { why, causes: language === 'ja' ? ja : en, screens: [en, ja] };
}

async function judge(name: string, options: CommonOptions, session: Session): Promise<ImageReport> {
  const target = await openTarget(name, options, session);
  try {
    return await scanDisk(target.disk, { signal: session.signal });
  } finally {
    await target.close();
  }
}
