import { EXIT } from '../exit-code.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { loadCauseWords } from '../output/language.node.js';
import { withOutput } from '../output/output.node.js';
import { ReportFiles } from '../output/report-files.node.js';
import { type MergedRun, mergeJournals } from '../runs/merge-journals.node.js';
import { showRun, sourceOf } from '../runs/show-run.node.js';

/** Options of `deadbox report`. */
export interface ReportVerbOptions extends CommonOptions {
  readonly report?: readonly string[];
  readonly explain?: boolean;
}

/** Makes reports of the journals of runs; the exit code is that of the scan. */
export async function reportVerb(
  journals: readonly string[],
  options: ReportVerbOptions,
  session: Session,
): Promise<number> {
  const run = mergeJournals(journals);
  try {
    return await writeReports(run, options, session);
  } finally {
    run.close();
  }
}

async function writeReports(
  { results, provenance, unfinished, unfit }: MergedRun,
  options: ReportVerbOptions,
  session: Session,
): Promise<number> {
  const report = sourceOf(results, provenance);
  const page = {
    ...session.pageOptions(options),
    explain: options.explain === true,
    causes: await loadCauseWords(session.language.code),
  };
  const files = new ReportFiles(options.report ?? [], session.inputs);
  const failures = await files.write(report, page);
  for (const failure of failures) session.sayError(failure);
  for (const { path, missing } of unfinished) session.say(session.language.notices.runUnfinished(path, missing));
  for (const { path, first, count } of unfit) session.say(session.language.notices.unfitLines(path, first, count));
  // Files are the output where they are asked for.
  if (options.report === undefined || options.json === true || options.ndjson === true || options.output !== undefined)
    await withOutput(session.output(options), (output) => showRun(results, report, { options, output, page }));
  if (failures.length > 0) return EXIT.error;
  const { exitCode } = report.summary;
  return exitCode === 0 && unfinished.length + unfit.length > 0 ? EXIT.locked : exitCode;
}
