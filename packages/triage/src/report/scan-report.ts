import type { Json } from '@deadbox/core';
import type { StartVerdict } from './cause-report.js';
import { type ImageOutline, isFailedOutline, type JudgedOutline } from './image-outline.js';
import type { FailedImage, ImageReport, ScanReport, ScanSummary } from './report-types.js';
import { findSharedIdentities } from './shared-identities.js';
import { compareSeverity, type Severity } from './words.js';

/**
 * Exit codes of `scan`: 0 nothing to act on, 1 at least one to act on, 2 nothing could be opened, 3 a person must look.
 */
export function exitCodeOf(images: readonly ImageOutline[]): 0 | 1 | 2 | 3 {
  const judged = images.filter((image): image is JudgedOutline => !isFailedOutline(image));
  if (judged.length === 0) return 2;
  if (judged.some((image) => image.severity === 'act')) return 1;
  return judged.length < images.length || judged.some((image) => image.severity !== 'none') ? 3 : 0;
}

/** Counts over all images. */
export function summarise(images: readonly ImageOutline[]): ScanSummary {
  const severities: Record<Severity, number> = { act: 0, attention: 0, review: 0, none: 0 };
  const verdicts: Record<string, number> = {};
  const starts: Record<StartVerdict, number> = { no: 0, doubtful: 0, 'nothing-found': 0, 'not-checked': 0 };
  let failed = 0;
  for (const image of images) {
    starts[image.starts] += 1;
    if (isFailedOutline(image)) failed += 1;
    else {
      severities[image.severity] += 1;
      verdicts[image.verdict] = (verdicts[image.verdict] ?? 0) + 1;
    }
  }
  return {
    images: images.length,
    failed,
    severities,
    verdicts,
    starts,
    sharedIdentities: findSharedIdentities(images),
    exitCode: exitCodeOf(images),
  };
}

/** The whole report from its parts. */
export function scanReport(parts: {
  tool: string;
  version: string;
  rules: readonly { readonly id: string; readonly name: string; readonly sha256: string }[];
  options: Record<string, Json>;
  startedAt: string;
  finishedAt: string;
  images: (ImageReport | FailedImage)[];
}): ScanReport {
  const { tool, version, options, startedAt, finishedAt, images } = parts;
  const rules = parts.rules.map(({ id, name, sha256 }) => ({ id, name, sha256 }));
  return {
    schema: 'deadbox.scan/1',
    provenance: { tool, version, rules, options, startedAt, finishedAt },
    images,
    summary: summarise(images),
  };
}

/** Orders images worst first; those that could not be opened come before harmless ones. */
export function compareImages(left: ImageOutline, right: ImageOutline): number {
  const urgency = (image: ImageOutline): Severity => (isFailedOutline(image) ? 'attention' : image.severity);
  return (
    compareSeverity(urgency(left), urgency(right)) || (left.path < right.path ? -1 : left.path > right.path ? 1 : 0)
  );
}
