import type { PageOptions } from '../pages/page.js';
import type { ReportSink, ReportSource, ReportWriter } from './report-form.js';

/** A form of report files, by the ending of their names. */
export type ReportForm = 'html' | 'md' | 'sarif' | 'csv' | 'json' | 'ndjson';

/** Loads what writes each form; the code of a form that nobody asked for is not loaded. */
const WRITERS: Readonly<Record<ReportForm, () => Promise<ReportWriter>>> = {
  json: async () => (await import('./data-forms.js')).writeJsonReport,
  ndjson: async () => (await import('./data-forms.js')).writeNdjsonReport,
  csv: async () => (await import('./csv/csv-report.js')).writeCsvReport,
  html: async () => (await import('./html/html-report.js')).writeHtmlReport,
  md: async () => (await import('./page-forms.js')).writeMarkdownReport,
  sarif: async () => (await import('./sarif/sarif-report.js')).writeSarifReport,
};

/** All of them. */
export const REPORT_FORMS: readonly ReportForm[] = ['html', 'md', 'sarif', 'csv', 'json', 'ndjson'];

/** The form of a file with this name; `undefined` for an ending that no form has. */
export function reportFormOf(path: string): ReportForm | undefined {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return REPORT_FORMS.find((form) => form === ending);
}

/**
 * Writes a report in a form.
 * @param sink - takes the text piece by piece; what it throws ends the writing
 */
export async function writeReport(
  form: ReportForm,
  report: ReportSource,
  sink: ReportSink,
  options: PageOptions = {},
): Promise<void> {
  const write = await WRITERS[form]();
  await write(report, sink, options);
}
