/** One text of a rule, in every language that the rule has; English is always there. */
export interface RuleText {
  readonly en: string;
  readonly ja?: string;
}

/**
 * What a rule says of its own result. The texts are templates, filled in by {@link fillRuleText}:
 *
 * - title and sentence: `{file}` (name of the first file that decided), `{path}`, `{modified}`, `{created}`,
 * `{content}` (a word or two for
 *   its content flag), `{count}` (how many files decided);
 * - confidence: `{driver}`, `{code}`, `{time}` of the crash that settled it;
 * - history: `{from}`, `{until}` (of the bad period), `{journal}` (how far the change journal reaches back).
 */
export interface RuleWords {
  /** One line for the verdict. */
  readonly title: RuleText | null;
  /** What was found and what it means. */
  readonly sentence: RuleText | null;
  /** By the class of a file. */
  readonly classes: Readonly<Record<string, RuleText>>;
  /** By a note on a file. */
  readonly notes: Readonly<Record<string, RuleText>>;
  /** Of the confidence that the result has. */
  readonly confidence: RuleText | null;
  /** Of the history that was found; `null` where it was not read or says nothing. */
  readonly history: RuleText | null;
}

/** Placeholders of a rule's texts, by where the text stands. */
export const PLACEHOLDERS: {
  readonly [place in 'verdict' | 'confidence' | 'history' | 'step' | 'label']: readonly string[];
} = {
  verdict: ['file', 'path', 'modified', 'created', 'content', 'count'],
  confidence: ['driver', 'code', 'time'],
  history: ['from', 'until', 'journal'],
  step: ['paths', 'del', 'hive'],
  label: [],
};

/** `{word}`, `{{literal}}`, and `[[part that goes when a value in it is missing]]`. */
const MARK = /\{\{([^{}]*)\}\}|\{([a-z]+)\}/g;
const OPTIONAL = /\[\[([^[\]]*)\]\]/g;

/**
 * Fills in a rule's text.
 * @param facts - values as they are to be shown; `undefined` where there is none
 * @param missing - shown for a placeholder without a value outside an optional part
 */
export function fillRuleText(
  text: string,
  facts: Readonly<Record<string, string | undefined>>,
  missing: string = '–',
): string {
  const fill = (part: string, otherwise: string): string =>
    part.replaceAll(MARK, (_, literal: string | undefined, word: string | undefined) =>
      word === undefined ? `{${literal ?? ''}}` : (facts[word] ?? otherwise),
    );
  const parts = text.replaceAll(OPTIONAL, (_, part: string) =>
    placeholdersIn(part).every((word) => facts[word] !== undefined) ? part : '',
  );
  return fill(parts, missing);
}

/** The placeholders that a text uses. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(MARK)].flatMap((match) => (match[2] === undefined ? [] : [match[2]]));
}
