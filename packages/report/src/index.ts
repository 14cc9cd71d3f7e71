export type { Block, Cell, Document, Field, Writer } from './document/document.js';
export type { Part, Phrase, Span, Tone } from './document/phrase.js';
export type { ReportSink, ReportSource, ReportWriter } from './forms/report-form.js';
export { REPORT_FORMS, type ReportForm, reportFormOf, writeReport } from './forms/write-report.js';
export { type InfoReport, infoPage } from './pages/info-page.js';
export type { PageOptions } from './pages/page.js';
export { scanImagePage, scanPage, scanSummaryPage } from './pages/scan-page.js';
export { serversPage } from './pages/servers/servers-page.js';
export { statPage } from './pages/stat-page.js';
export {
  renderInfo,
  renderScan,
  renderScanImage,
  renderScanSummary,
  renderStat,
  type TextOptions,
} from './render.js';
export type { Language, LanguageCode } from './words/language.js';
export type { ShownZone } from './words/times.js';
export { type HtmlWriterOptions, htmlWriter } from './writers/html-writer.js';
export { markdownWriter } from './writers/markdown-writer.js';
export { ansiPaint, noPaint, type Paint } from './writers/paint.js';
export { type TextWriterOptions, textWriter } from './writers/text-writer.js';
