import type { Document } from '../document/document.js';
import { code, concat, data, type Phrase, text } from '../document/phrase.js';
import type { HelpWords } from './help-words.js';

/** What `deadbox config --json` prints. */
export interface ConfigReport {
  readonly schema: 'deadbox.config/1';
  /** The configuration file: where it is, or would be. */
  readonly file: { readonly path: string; readonly exists: boolean };
  readonly settings: readonly ShownSetting[];
}

/** One default. */
export interface ShownSetting {
  /** Its name in the file. */
  readonly key: string;
  /** The variable that goes before the file. */
  readonly variable: string;
  readonly value: string | number | boolean | readonly string[] | null;
  readonly from: 'variable' | 'file' | 'built-in';
  /** Of the file, from 1. */
  readonly line: number | null;
}

/** The same for a person. */
export function configPage({ file, settings }: ConfigReport, words: HelpWords): Document {
  const { configLabels: labels } = words;
  return [
    {
      kind: 'fields',
      fields: [
        {
          label: labels.file,
          value: concat(data(file.path), file.exists ? undefined : text(` (${labels.absent})`)),
        },
      ],
    },
    { kind: 'break' },
    {
      kind: 'table',
      head: [labels.key, labels.value, labels.from],
      rows: settings.map((setting) => [[code(setting.key)], valueOf(setting, words), originOf(setting, words)]),
    },
  ];
}

function valueOf({ value }: ShownSetting, { configLabels: labels }: HelpWords): Phrase {
  if (value === null || (Array.isArray(value) && value.length === 0)) return [text(labels.none, 'faint')];
  return [data(Array.isArray(value) ? value.join(', ') : String(value))];
}

function originOf({ from, variable, line }: ShownSetting, words: HelpWords): Phrase {
  if (from === 'variable') return [code(variable)];
  return [text(line === null ? `${words.configLabels.builtIn} (${variable})` : words.configLine(line), 'faint')];
}
