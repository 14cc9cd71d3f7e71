import type { FailedImage, ImageReport } from '@deadbox/triage';
import { jsonText } from '../document/escape.js';
import type { ReportSink, ReportSource } from './report-form.js';

/** The JSON document of `scan --json`. */
export function writeJsonReport(report: ReportSource, sink: ReportSink): void {
  const { schema, provenance, summary } = report;
  sink(`{\n  "schema": ${jsonText(schema)},\n  "provenance": ${indented(jsonText(provenance, 2), 2)},\n  "images": [`);
  let count = 0;
  for (const text of report.texts ?? textsOf(report.images)) {
    sink(`${count === 0 ? '' : ','}\n    `);
    sink(text);
    count += 1;
  }
  sink(`${count === 0 ? '' : '\n  '}],\n  "summary": ${indented(jsonText(summary, 2), 2)}\n}\n`);
}

/** The lines of `scan --ndjson`: one for each image, and the summary. */
export function writeNdjsonReport({ schema, provenance, images, summary }: ReportSource, sink: ReportSink): void {
  for (const image of images) sink(`${jsonText({ schema, type: 'image', ...image })}\n`);
  sink(`${jsonText({ schema, type: 'summary', provenance, ...summary })}\n`);
}

function* textsOf(images: Iterable<ImageReport | FailedImage>): Generator<string> {
  for (const image of images) yield imageText(image);
}

/** The report of an image as it stands in the document of `scan --json`. */
export function imageText(image: ImageReport | FailedImage): string {
  return indented(jsonText(image, 2), 4);
}

/** Strings hold no line feeds: every one of them stands between values. */
function indented(json: string, columns: number): string {
  return json.replaceAll('\n', `\n${' '.repeat(columns)}`);
}
