import type { FileReport, RuleResult } from '../report/rule-result.js';
import { fillRuleText, type RuleText } from '../report/rule-text.js';
import type { RuleConfidence } from '../report/words.js';
import type { Rule } from './rule.js';
import type { Decision } from './verdict.js';

/**
 * What a rule says of its result: the templates in every language, and the English sentence with the bare facts filled
 * in.
 */
export function ruleTexts(
  rule: Rule,
  decision: Decision | undefined,
  shown: readonly FileReport[],
): Pick<RuleResult, 'text' | 'words'> {
  const verdict = decision === undefined ? undefined : rule.texts[decision.row.text ?? decision.row.verdict];
  const sentence = verdict?.sentence ?? null;
  const deciding = (decision?.files ?? []).filter((file) => shown.includes(file));
  return {
    text: sentence === null ? null : fillRuleText(sentence.en, verdictFacts(deciding)),
    words: {
      title: verdict?.title ?? null,
      sentence,
      classes: labels(rule, (entry) => [[entry.class, entry.text]]),
      notes: labels(rule, (entry) => entry.notes.map(({ note, text }) => [note, text])),
      confidence: confidenceText(rule, decision?.confidence ?? 'lower'),
      history: null,
    },
  };
}

/** The rule's words for a confidence. */
export function confidenceText(rule: Rule, confidence: RuleConfidence): RuleText | null {
  return rule.confidence.find(({ value, text }) => value === confidence && text !== undefined)?.text ?? null;
}

/** The facts of a verdict's texts, as the report data has them. */
function verdictFacts(files: readonly FileReport[]): Record<string, string | undefined> {
  const [first] = files;
  return {
    file: first?.path.slice(first.path.lastIndexOf('/') + 1),
    path: first?.path,
    modified: first?.modified ?? undefined,
    created: first?.created ?? undefined,
    content: first?.content,
    count: String(files.length),
  };
}

type FileClass = Extract<Rule['selections'][string], { type: 'FILE' }>['classes'][number];

/** Words by class or note; the first text of a word that stands twice. */
function labels(
  rule: Rule,
  of: (entry: FileClass) => readonly (readonly [string, RuleText | undefined])[],
): Record<string, RuleText> {
  const found: Record<string, RuleText> = {};
  for (const selection of Object.values(rule.selections)) {
    if (selection.type !== 'FILE') continue;
    for (const [word, text] of selection.classes.flatMap(of)) if (text !== undefined) found[word] ??= text;
  }
  return found;
}
