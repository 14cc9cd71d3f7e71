import { type PageOptions, type ReportSource, scanImagePage, scanSummaryPage, writeReport } from '@deadbox/report';
import { jsonText, summaryTable, type TableRoom } from '@deadbox/report/internals';
import { findServers, type ScanReport, summarise } from '@deadbox/triage';
import type { CommonOptions } from '../options.js';
import type { Output } from '../output/output.node.js';
import { askedWidth, terminalWidth, writerFor } from '../output/show.node.js';
import { standardOutput } from '../output/standard-streams.node.js';
import type { RunResults } from './results.node.js';

/** Images whose pages a terminal shows before the table; of more, they would be all that anybody sees. */
const MAX_PAGES = 10;
/** Lines of a terminal that the summary and the next prompt take. */
const OTHER_LINES = 6;
const USUAL_ROWS = 24;
const USUAL_COLUMNS = 80;
const LEAST_COLUMNS = 20;
const LEAST_LINES = 6;

/** The report of a run, whose images are read one at a time. */
export function sourceOf(results: RunResults, provenance: ScanReport['provenance']): ReportSource {
  const { images, worstFirst, texts } = results;
  const servers = provenance.options.newestClean === true ? { servers: findServers(images) } : {};
  const summary = { ...summarise(results.outlines()), ...servers };
  return { schema: 'deadbox.scan/1', provenance, images, worstFirst, texts, summary };
}

/** How a run is shown. */
export interface ShowOptions {
  readonly options: CommonOptions;
  readonly output: Output;
  readonly page: PageOptions;
  /** Whether the lines of `--ndjson` were written as the images were done. */
  readonly linesWritten?: boolean;
}

/** Writes the report of a run to the output, in the form that the options ask for. */
export async function showRun(results: RunResults, report: ReportSource, show: ShowOptions): Promise<void> {
  const { options, output } = show;
  const sink = (text: string): void => output.write(text);
  if (options.ndjson === true && show.linesWritten === true) {
    const { schema, provenance, summary } = report;
    sink(`${jsonText({ schema, type: 'summary', provenance, ...summary })}\n`);
  } else if (options.ndjson === true) await writeReport('ndjson', report, sink);
  else if (options.json === true) await writeReport('json', report, sink);
  else showText(results, report, show);
}

/**
 * The pages, the worst image first, then the table and the summary; a terminal gets no more pages than somebody scrolls
 * through.
 */
function showText(results: RunResults, report: ReportSource, { options, output, page }: ShowOptions): void {
  const write = writerFor(options, output);
  if (!output.isTerminal || results.size <= MAX_PAGES)
    for (const image of results.worstFirst) output.write(write(scanImagePage(image, page)));
  if (results.size < 2) return;
  output.write(write(summaryTable(results.worstFirst, roomOf(results.size, options, output), page)));
  output.write(write(scanSummaryPage(report, page)));
}

/** What a terminal has room for; a file has for everything, unless COLUMNS says otherwise. */
function roomOf(images: number, { markdown }: CommonOptions, output: Output): TableRoom | undefined {
  if (markdown === true) return undefined;
  if (!output.isTerminal) {
    const columns = askedWidth();
    return columns === undefined ? undefined : { columns, lines: Number.MAX_SAFE_INTEGER };
  }
  const lines = Math.max((standardOutput().rows || USUAL_ROWS) - OTHER_LINES, Math.min(images, LEAST_LINES));
  return { columns: Math.max(terminalWidth(standardOutput()) || USUAL_COLUMNS, LEAST_COLUMNS), lines };
}
