import { type Document, fields } from '../document/document.js';
import { data, text } from '../document/phrase.js';
import type { HelpWords } from './help-words.js';

/** What `deadbox version --json` prints: what to attach to a report of a fault. */
export interface VersionReport {
  readonly schema: 'deadbox.version/1';
  readonly version: string;
  /** What runs it, with its version. */
  readonly runtime: string;
  /** Operating system and processor, as Node names them. */
  readonly platform: string;
  /** Container formats that are read, by id. */
  readonly formats: readonly string[];
  readonly fileSystems: readonly string[];
  /** Rules that ship with it, by name. */
  readonly rules: readonly string[];
  /** Causes that it can name, by id. */
  readonly causes: readonly string[];
}

/** The same for a person, who needs the number of causes only. */
export function versionPage(report: VersionReport, { versionLabels: labels }: HelpWords): Document {
  return [
    fields([
      { label: 'deadbox', value: [data(report.version)] },
      { label: labels.runtime, value: [data(`${report.runtime}, ${report.platform}`)] },
      { label: labels.formats, value: [data(report.formats.join(', '))] },
      { label: labels.fileSystems, value: [data(report.fileSystems.join(', '))] },
      { label: labels.rules, value: [data(report.rules.join(', '))] },
      { label: labels.causes, value: [text(String(report.causes.length))] },
    ]),
  ];
}
