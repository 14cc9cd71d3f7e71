import { extname } from 'node:path';
import { type DeadboxError, isDeadboxError } from '@deadbox/core';
import {
  type PageOptions,
  REPORT_FORMS,
  type ReportForm,
  type ReportSource,
  reportFormOf,
  writeReport,
} from '@deadbox/report';
import { closest } from '../closest.js';
import { usageError } from '../exit-code.js';
import type { InputFiles } from './input-files.node.js';
import { Output, withOutput } from './output.node.js';
import { outputFailed } from './output-file.node.js';

interface ReportFile {
  readonly path: string;
  readonly form: ReportForm;
  readonly output: Output;
}

/** Forms that hold data, and no words. */
const DATA: ReadonlySet<ReportForm> = new Set(['json', 'ndjson']);

/**
 * The files of `--report`, begun before the work: a folder that nobody may write to is known at once, not after hours.
 */
export class ReportFiles {
  readonly #files: ReportFile[] = [];

  /** @throws UsageError for an ending that no form has */
  constructor(paths: readonly string[], inputs: InputFiles) {
    const forms = [...new Set(paths)].map((path) => ({ path, form: formOf(path) }));
    try {
      for (const { path, form } of forms) this.#files.push({ path, form, output: new Output(path, inputs) });
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Whether one of them has words. */
  get needWords(): boolean {
    return this.#files.some(({ form }) => !DATA.has(form));
  }

  /** Writes all of them; one that fails does not stop the others. Gives what failed. */
  async write(report: ReportSource, page: PageOptions): Promise<DeadboxError[]> {
    const failures: DeadboxError[] = [];
    for (const { path, form, output } of this.#files) {
      try {
        await withOutput(output, () => writeReport(form, report, (text) => output.write(text), page));
      } catch (error) {
        if (!isDeadboxError(error)) throw error;
        // Whoever wrote did not know the name.
        failures.push(error.code === 'OUTPUT_FAILED' ? outputFailed(path, error.cause) : error);
      }
    }
    return failures;
  }

  /** Ends without reports: what was there stays. Does nothing after {@link write}. */
  discard(): void {
    for (const { output } of this.#files) output.discard();
  }
}

function formOf(path: string): ReportForm {
  const form = reportFormOf(path);
  if (form !== undefined) return form;
  const meant = closest(extname(path).slice(1), REPORT_FORMS);
  throw usageError('report-form', {
    path,
    known: REPORT_FORMS.map((known) => `.${known}`).join(', '),
    meant: meant === undefined ? null : `.${meant}`,
  });
}
