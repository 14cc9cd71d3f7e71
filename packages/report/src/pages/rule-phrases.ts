import {
  type FileReport,
  fillRuleText,
  type ImageReport,
  type InstallationReport,
  type NextStep,
  type RuleResult,
  type RuleText,
  type ScanVerdict,
} from '@deadbox/triage';
import { data, type Part, type Phrase, text } from '../document/phrase.js';
import type { Reader } from './page.js';

/** Whether a verdict is the scan's own, not a rule's. */
export function isScanVerdict(verdict: string): verdict is ScanVerdict {
  return verdict === 'blocked-encrypted' || verdict === 'unreadable' || verdict === 'no-windows';
}

/** A rule's text in the reader's language, else in English; a rule may be anybody's, so it is data. */
function ruleText(
  { en, ja }: RuleText,
  facts: Readonly<Record<string, string | undefined>>,
  { language }: Reader,
): Phrase {
  return [data(fillRuleText(language.code === 'ja' ? (ja ?? en) : en, facts))];
}

/** One line for an image's verdict; `undefined` where its rule has none. */
export function imageTitle({ verdict, installations }: ImageReport, reader: Reader): Part | undefined {
  if (isScanVerdict(verdict)) return text(reader.language.scan.titles[verdict]);
  const deciding = installations.flatMap(({ rules }) => rules).find((result) => result.verdict === verdict);
  return deciding === undefined ? undefined : ruleTitle(deciding, reader);
}

/** One line for what a rule found; `undefined` where it has none. */
export function ruleTitle(result: RuleResult, reader: Reader): Phrase | undefined {
  const { title } = result.words;
  return title === null ? undefined : ruleText(title, factsOf(result, reader), reader);
}

/** What the rules of an installation say: the one that decided, and every other that asks for something. */
export function verdictPhrases(installation: InstallationReport, reader: Reader): Phrase[] {
  return installation.rules.flatMap((result) => {
    // That a harmless result is not proven by files alone stands above all of them.
    const asks = result.severity !== 'none' && !result.provisional.includes('files-only');
    if (!asks && result.rule !== installation.rule) return [];
    const { sentence } = result.words;
    if (sentence !== null) return [ruleText(sentence, factsOf(result, reader), reader)];
    return result.severity === 'none' ? [] : [reader.language.scan.ruleVerdict(result.rule, result.verdict)];
  });
}

/** The facts of the files that decided. */
function factsOf({ decided, files }: RuleResult, reader: Reader): Record<string, string | undefined> {
  const deciding = (decided?.files ?? []).flatMap((index) => files[index] ?? []);
  const [file] = deciding;
  if (file === undefined) return {};
  const time = (iso: string | null): string | undefined => (iso === null ? undefined : reader.time(iso));
  return {
    file: file.path.slice(file.path.lastIndexOf('/') + 1),
    path: file.path,
    modified: time(file.modified),
    created: time(file.created),
    content: reader.language.scan.contents[file.content],
    count: String(deciding.length),
  };
}

function labelOf(labels: 'classes' | 'notes', id: string, rules: readonly RuleResult[], reader: Reader): Phrase {
  // Journals are read from files: a class may be called as what every object has.
  const found = rules.map(({ words }) => words[labels]).find((known) => Object.hasOwn(known, id))?.[id];
  return found === undefined ? [data(id)] : ruleText(found, {}, reader);
}

/** What a file is, by its class. */
export function classPhrase(file: FileReport, rules: readonly RuleResult[], reader: Reader): Phrase {
  const { shownClasses } = reader.language.scan;
  if (file.deleted) return [text(shownClasses.deleted)];
  if (file.class === 'quarantined' || file.class === 'look-alike') return [text(shownClasses[file.class])];
  return labelOf('classes', file.class, rules, reader);
}

/** A note on a file. */
export function notePhrase(note: string, rules: readonly RuleResult[], reader: Reader): Phrase {
  return labelOf('notes', note, rules, reader);
}

/** When the files of the deciding rule came and went. */
export function historyPhrase({ words, historySummary }: InstallationReport, reader: Reader): Phrase | undefined {
  if (words.history === null || historySummary === null) return undefined;
  const time = (iso: string | null): string | undefined => (iso === null ? undefined : reader.time(iso));
  const { badFrom, badUntil, journalFrom } = historySummary;
  return ruleText(words.history, { from: time(badFrom), until: time(badUntil), journal: time(journalFrom) }, reader);
}

/** What the crash evidence says of the verdict. */
export function confidencePhrase(installation: InstallationReport, reader: Reader): Phrase | undefined {
  const { confidence, confidenceFrom, words, crash } = installation;
  if (words.confidence !== null) {
    const from = confidenceFrom === null ? undefined : crash[confidenceFrom];
    const time = from?.time == null ? undefined : reader.time(from.time);
    return ruleText(
      words.confidence,
      { driver: from?.module ?? undefined, code: from?.code ?? undefined, time },
      reader,
    );
  }
  const own = reader.language.scan.confidence;
  return confidence === 'confirmed' || confidence === 'likely' || confidence === 'contradicted'
    ? own[confidence]
    : undefined;
}

/** A thing to do: in the scan's words, or in those of the rule. */
export function stepPhrase(step: NextStep, image: ImageReport, reader: Reader): Phrase {
  // The command names the image as the reader did; the step is the same whatever the image is called.
  const facts = { ...step.data, image: image.path, raw: image.image.format === 'raw' };
  if (step.text === undefined) {
    // A later version may have other steps, and a report may come from anywhere.
    return reader.sentence(reader.language.steps, step.id, facts);
  }
  const { paths, hive } = step.data;
  // A name of an image goes into a command that somebody will type: what a shell would take for more than a name
  // becomes a wildcard of one character.
  const safe = [paths]
    .flat()
    .filter((path): path is string => typeof path === 'string')
    .map((path) => path.replaceAll(/[<>"|*%&^!]/g, '?'));
  const named =
    safe.length === 0 ? {} : { paths: safe.join(', '), del: safe.map((path) => `del "${path}"`).join(' & ') };
  return ruleText(step.text, { ...named, hive: typeof hive === 'string' ? hive : undefined }, reader);
}
