import { compareImages } from '@deadbox/triage';
import type { PageOptions } from '../pages/page.js';
import { scanImagePage, scanSummaryPage } from '../pages/scan-page.js';
import { markdownWriter } from '../writers/markdown-writer.js';
import type { ReportSink, ReportSource } from './report-form.js';

/** The pages of `scan --markdown`, the worst image first. */
export function writeMarkdownReport(report: ReportSource, sink: ReportSink, options: PageOptions): void {
  const write = markdownWriter();
  const { worstFirst: images = [...report.images].sort(compareImages) } = report;
  for (const image of images) sink(`${write(scanImagePage(image, options))}\n`);
  if (report.summary.images > 1) sink(write(scanSummaryPage({ ...report, images }, options)));
}
