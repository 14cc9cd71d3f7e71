import { isDeadboxError } from '@deadbox/core';
import { PLACEHOLDERS, placeholdersIn, type RuleText } from '../report/rule-text.js';
import { namesIn, parseCondition } from './condition.js';
import type { Rule, Selection } from './rule.js';
import { namesFiles, SCAN_STEPS } from './steps.js';

/** A name in a rule that leads nowhere: with one, the rule would be accepted and never fire. */
export interface BrokenReference {
  /** Where it stands in the rule file. */
  readonly path: readonly PropertyKey[];
  readonly what: string;
}

type Found = BrokenReference[];

/** Everything in a rule that names something which is not there. */
export function checkReferences(rule: Rule): BrokenReference[] {
  const found: Found = [];
  for (const { when, path } of conditionsOf(rule)) checkCondition(when, path, rule, found);
  for (const [name, selection] of Object.entries(rule.selections)) checkSelection(name, selection, rule, found);
  checkVerdictWords(rule, found);
  checkFileSelections(rule, found);
  for (const { text, path, place } of textsOf(rule)) checkText(text, path, PLACEHOLDERS[place], found);
  return found;
}

function conditionsOf(rule: Rule): { when: string; path: PropertyKey[] }[] {
  const rows = (['verdicts', 'confidence', 'steps'] as const).flatMap((list) =>
    rule[list].flatMap(({ when }, i) => (when === undefined ? [] : [{ when, path: [list, i, 'when'] }])),
  );
  return [{ when: rule.condition, path: ['detection', 'condition'] }, ...rows];
}

function checkCondition(when: string, path: readonly PropertyKey[], rule: Rule, found: Found): void {
  try {
    for (const name of namesIn(parseCondition(when))) {
      if (!Object.hasOwn(rule.selections, name)) found.push({ path, what: `there is no selection called "${name}"` });
    }
  } catch (error) {
    if (!isDeadboxError(error, 'CONDITION_INVALID')) throw error;
    found.push({ path, what: error.message });
  }
}

function checkSelection(name: string, selection: Selection, rule: Rule, found: Found): void {
  const path = ['detection', name];
  const wrong = (what: string): void => void found.push({ path, what });
  if (selection.type === 'REGISTRY_KEY') {
    const { type: _type, key: _key, exists: _exists, ...more } = selection;
    if (Object.keys(more).length > 0)
      wrong(`selection "${name}": a REGISTRY_KEY has no value or data; use REGISTRY_VALUE`);
  }
  const other =
    selection.type === 'OF' ? selection.of : selection.type === 'FILE' ? selection.compare?.other : undefined;
  if (other === undefined) return;
  const file = rule.selections[other];
  if (file?.type !== 'FILE') {
    wrong(`"${other}" is not a FILE selection`);
    return;
  }
  if (selection.type !== 'OF') return;
  const classes = file.classes.length === 0 ? ['present'] : file.classes.map((entry) => entry.class);
  const notes = file.classes.flatMap((entry) => entry.notes.map(({ note }) => note));
  if (selection.class !== undefined && !classes.includes(selection.class))
    wrong(`selection "${name}": "${other}" has no class "${selection.class}"`);
  if (selection.note !== undefined && !notes.includes(selection.note))
    wrong(`selection "${name}": "${other}" has no note "${selection.note}"`);
}

function checkVerdictWords(rule: Rule, found: Found): void {
  const verdicts = new Set(rule.verdicts.map(({ verdict }) => verdict));
  const texts = new Set([...verdicts, ...rule.verdicts.flatMap(({ text }) => text ?? [])]);
  for (const word of Object.keys(rule.texts)) {
    if (!texts.has(word)) found.push({ path: ['texts', word], what: `texts: no verdict is called "${word}"` });
  }
  rule.verdicts.forEach(({ text }, i) => {
    if (text !== undefined && !Object.hasOwn(rule.texts, text))
      found.push({ path: ['verdicts', i, 'text'], what: `there is no text called "${text}"` });
  });
  const named = [
    ...rule.order.map((word, i) => ({ word, path: ['order', i] })),
    ...(['history', 'steps'] as const).flatMap((list) =>
      rule[list].flatMap((row, i) => row.verdicts.map((word, j) => ({ word, path: [list, i, 'verdicts', j] }))),
    ),
  ];
  for (const { word, path } of named)
    if (!verdicts.has(word)) found.push({ path, what: `no verdict is called "${word}"` });
}

/** Selections that are named for their files, and steps that need some. */
function checkFileSelections(rule: Rule, found: Found): void {
  const isFiles = (name: string | undefined): boolean => {
    const type = name === undefined ? undefined : rule.selections[name]?.type;
    return type === 'FILE' || type === 'OF';
  };
  const { target } = rule.remediation;
  if (target !== undefined && !isFiles(target))
    found.push({ path: ['remediation', 'target'], what: `remediation.target: "${target}" is not a FILE selection` });
  rule.steps.forEach((row, i) => {
    const { id, files, text } = row;
    for (const name of files ?? [])
      if (!isFiles(name)) found.push({ path: ['steps', i, 'files'], what: `"${name}" is not a FILE selection` });
    if (text === undefined && !SCAN_STEPS.some((known) => known === id))
      found.push({ path: ['steps', i], what: `the step "${id}" needs a text: deadbox knows none for it` });
    if (namesFiles(row) && files === undefined && target === undefined)
      found.push({ path: ['steps', i], what: `the step "${id}" names files and has no "files" selection` });
  });
}

interface PlacedText {
  readonly text: RuleText | undefined;
  readonly path: readonly PropertyKey[];
  readonly place: keyof typeof PLACEHOLDERS;
}

function textsOf(rule: Rule): PlacedText[] {
  return [
    ...Object.entries(rule.texts).flatMap(([word, { title, sentence }]): PlacedText[] => [
      { text: title, path: ['texts', word, 'title'], place: 'verdict' },
      { text: sentence, path: ['texts', word, 'sentence'], place: 'verdict' },
    ]),
    ...rule.confidence.map(
      ({ text }, i): PlacedText => ({ text, path: ['confidence', i, 'text'], place: 'confidence' }),
    ),
    ...rule.history.map(({ text }, i): PlacedText => ({ text, path: ['history', i, 'text'], place: 'history' })),
    ...rule.steps.map(({ text }, i): PlacedText => ({ text, path: ['steps', i, 'text'], place: 'step' })),
    ...Object.entries(rule.selections).flatMap(([name, selection]) =>
      selection.type !== 'FILE'
        ? []
        : selection.classes.flatMap((entry, i): PlacedText[] => [
            { text: entry.text, path: ['detection', name, 'classes', i, 'text'], place: 'label' },
            ...entry.notes.map(
              ({ text }, j): PlacedText => ({
                text,
                path: ['detection', name, 'classes', i, 'notes', j, 'text'],
                place: 'label',
              }),
            ),
          ]),
    ),
  ];
}

function checkText(
  text: RuleText | undefined,
  path: readonly PropertyKey[],
  known: readonly string[],
  found: Found,
): void {
  for (const [language, words] of Object.entries(text ?? {}) as [string, string][]) {
    for (const word of placeholdersIn(words)) {
      if (!known.includes(word))
        found.push({
          path: [...path, language],
          what: `{${word}} means nothing here; known: ${known.join(', ') || 'none'}`,
        });
    }
  }
}
