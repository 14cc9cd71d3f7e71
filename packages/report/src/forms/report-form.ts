import type { FailedImage, ImageReport, ScanReport } from '@deadbox/triage';
import type { PageOptions } from '../pages/page.js';

/**
 * What a report file is written from: a `ScanReport`, or the same whose images are read one at a time, so that a report
 * of ten thousand disks needs
 * no more memory than one of ten. They can be gone through several times.
 */
export interface ReportSource extends Omit<ScanReport, 'images'> {
  readonly images: Iterable<ImageReport | FailedImage>;
  /** The same, the worst first, where the source can give them so; else they are sorted in memory. */
  readonly worstFirst?: Iterable<ImageReport | FailedImage>;
  /** The images in their order as `imageText` gives them, where that is there already. */
  readonly texts?: Iterable<string>;
}

/** Takes the text of a report piece by piece. */
export type ReportSink = (text: string) => void;

/** Writes a report in one form. */
export type ReportWriter = (report: ReportSource, sink: ReportSink, options: PageOptions) => void | Promise<void>;
