import { type PageOptions, type ReportSource, scanImagePage, scanSummaryPage } from '@deadbox/report';
import { type ScanReport, summarise } from '@deadbox/triage';
import type { CommonOptions } from '../options.js';
import type { Output } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';
import type { RunResults } from './results.node.js';

/** The report of a run, whose images are read one at a time. */
export function sourceOf(results: RunResults, provenance: ScanReport['provenance']): ReportSource {
  return {
    schema: 'deadbox.scan/1',
    provenance,
    images: results.images,
    summary: summarise(results.outlines()),
  };
}

/** Text of a run: the pages, the worst image first, and the summary. */
export function showRun(
  results: RunResults,
  report: ReportSource,
  options: CommonOptions,
  output: Output,
  page: PageOptions,
): void {
  const write = writerFor(options, output);
  for (const image of results.worstFirst) output.write(write(scanImagePage(image, page)));
  if (results.size > 1) output.write(write(scanSummaryPage(report, page)));
}
