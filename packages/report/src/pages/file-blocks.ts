import type { FileReport, RuleResult } from '@deadbox/triage';
import { type Block, type Field, fields, group, heading } from '../document/document.js';
import { data, text } from '../document/phrase.js';
import { evidenceBlocks } from './explain-blocks.js';
import type { Reader } from './page.js';
import { classPhrase, notePhrase } from './rule-phrases.js';

/** Runs shown of a file; --json has all that were kept. */
const MAX_RUNS = 16;

/** A file that a rule looked at. */
export function fileBlocks(file: FileReport, rules: readonly RuleResult[], reader: Reader): Block[] {
  const { scan: words } = reader.language;
  const { labels } = words;
  const list: Field[] = [
    { label: labels.class, value: words.class(classPhrase(file, rules, reader), words.contents[file.content]) },
    { label: labels.modified, value: [reader.timeOrNot(file.modified)] },
    { label: labels.created, value: [reader.timeOrNot(file.created)] },
    { label: labels.size, value: words.size(file.size, file.initializedSize ?? file.size) },
    ...(file.sha256 === null ? [] : [{ label: 'SHA-256', value: [text(file.sha256)] }]),
    ...(file.record === null || file.sequence === null
      ? []
      : [{ label: labels.record, value: words.record(file.record, file.sequence, words.foundBy[file.foundBy]) }]),
    ...file.notes.map((note) => ({ label: labels.note, value: notePhrase(note, rules, reader) })),
  ];
  if (reader.explain) list.push(...timeFields(file, reader), ...runFields(file, reader));
  return [
    heading(3, [data(file.path, 'strong')]),
    group(fields(list), ...(reader.explain ? evidenceBlocks(file, reader) : [])),
  ];
}

function timeFields(file: FileReport, reader: Reader): Field[] {
  return (['changed', 'accessed', 'nameCreated', 'nameModified', 'nameChanged', 'nameAccessed'] as const).map(
    (which) => ({
      label: reader.language.scan.labels[which],
      value: [reader.timeOrNot(file[which])],
    }),
  );
}

function runFields({ runs }: FileReport, { language: { scan: words } }: Reader): Field[] {
  return runs
    .slice(0, MAX_RUNS)
    .map(({ clusters, lcn, offset }) => ({ label: words.labels.run, value: words.run(clusters, lcn, offset) }));
}
