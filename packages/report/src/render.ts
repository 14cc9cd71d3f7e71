import type { StatReport } from '@deadbox/disk';
import type { FailedImage, ImageReport, ScanReport } from '@deadbox/triage';
import { type InfoReport, infoPage } from './pages/info-page.js';
import type { PageOptions } from './pages/page.js';
import { scanImagePage, scanPage, scanSummaryPage } from './pages/scan-page.js';
import { statPage } from './pages/stat-page.js';
import { type TextWriterOptions, textWriter } from './writers/text-writer.js';

// A page and the text writer in one call, for programs that only want text.

/** How a report is shown as text. */
export interface TextOptions extends PageOptions, TextWriterOptions {}

/** The report as an operator reads it: a part for each image, and a summary when there are several. */
export function renderScan(report: ScanReport, options: TextOptions = {}): string {
  return textWriter(options)(scanPage(report, options));
}

/** The part of one image, for streaming. */
export function renderScanImage(image: ImageReport | FailedImage, options: TextOptions = {}): string {
  return textWriter(options)(scanImagePage(image, options));
}

/** The closing lines of a scan of several images. */
export function renderScanSummary(report: ScanReport, options: TextOptions = {}): string {
  return textWriter(options)(scanSummaryPage(report, options));
}

/** The info report as text. */
export function renderInfo(info: InfoReport, options: TextOptions = {}): string {
  return textWriter(options)(infoPage(info, options));
}

/** The stat report as text. */
export function renderStat(stat: StatReport, options: TextOptions = {}): string {
  return textWriter(options)(statPage(stat, options));
}
