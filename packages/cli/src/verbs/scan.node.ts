import { httpName, isDeadboxError, type Json } from '@deadbox/core';
import { renderScanImage, renderScanSummary, type TextOptions } from '@deadbox/report';
import {
  compareImages,
  type FailedImage,
  failedImage,
  type ImageReport,
  type Rule,
  type ScanReport,
  scanDisk,
  scanReport,
  summarise,
  withHints,
} from '@deadbox/triage';
import { UsageError } from '../exit-code.js';
import { readLocks } from '../input/file-locks.node.js';
import { openTarget } from '../input/open-target.node.js';
import { expandTargets, isUrl } from '../input/targets.node.js';
import { rulesWith } from '../input/user-rules.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output/output.node.js';
import { Progress } from '../output/progress.node.js';
import { protectInputs } from '../output/protected-inputs.node.js';
import { textOptions } from '../output/show.node.js';
import { VERSION } from '../version.js';

/** Options of `deadbox scan`. */
export interface ScanVerbOptions extends CommonOptions {
  readonly quick?: boolean;
  readonly deep?: boolean;
  readonly include?: string;
  readonly explain?: boolean;
  readonly rules?: string;
}

type Judged = ImageReport | FailedImage;

/** Judges every target; the exit code says whether something is to be done. */
export async function scanVerb(
  names: readonly string[],
  options: ScanVerbOptions,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = new Date();
  const targets = expandTargets(names);
  protectInputs(targets);
  const rules = await rulesWith(options.rules);
  checkInclude(options.include);
  const output = new Output(options.output);
  const text = textOptions(options, output);
  const images: Judged[] = [];
  const progress = new Progress('scan', options.quiet !== true && options.progress !== false);
  for (const [index, name] of targets.entries()) {
    if (targets.length > 1) progress.step(`${index + 1} of ${targets.length}, ${name}`);
    // A turn of the event loop lets Ctrl-C in: reading files does not wait for anything.
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const image = await scanOne(name, options, rules, signal);
    progress.end();
    images.push(image);
    if (options.ndjson === true)
      output.write(`${JSON.stringify({ schema: 'deadbox.scan/1', type: 'image', ...image })}\n`);
    // Several images are shown worst first, so text waits for the last one.
    else if (options.json !== true && targets.length === 1)
      output.write(renderScanImage(image, { ...text, explain: options.explain === true }));
  }
  const report = finish(images, options, rules, startedAt);
  writeEnd(report, options, output, text);
  output.close();
  return report.summary.exitCode;
}

/** `--include` takes `old` and `vss`, separated by commas. */
function checkInclude(include: string | undefined): void {
  const unknown = (include ?? '').split(',').find((word) => word !== '' && word !== 'old' && word !== 'vss');
  if (unknown !== undefined) throw new UsageError(`--include takes old and vss, not "${unknown}"`);
}

async function scanOne(
  name: string,
  options: ScanVerbOptions,
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<Judged> {
  const started = performance.now();
  const locks = readLocks();
  try {
    const target = await openTarget(name, options, { signal });
    try {
      const report = await scanDisk(target.disk, {
        signal,
        rules,
        explain: options.explain === true,
        mode: options.quick === true ? 'quick' : options.deep === true ? 'deep' : 'full',
        includeOld: (options.include ?? '').split(',').includes('old'),
        includeShadowCopies: (options.include ?? '').split(',').includes('vss'),
      });
      const { reads, bytes } = target.counting;
      const hinted = withHints(report, [...target.useHints(await locks), ...target.changeHints()]);
      return {
        ...hinted,
        cost: { ...report.cost, reads, bytes, milliseconds: Math.round((performance.now() - started) * 10) / 10 },
      };
    } finally {
      await target.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    return failedImage(isUrl(name) ? httpName(name) : name, error);
  }
}

function finish(images: Judged[], options: ScanVerbOptions, rules: readonly Rule[], startedAt: Date): ScanReport {
  return scanReport({
    tool: 'deadbox',
    version: VERSION,
    rules,
    options: shownOptions(options),
    startedAt: isoTime(startedAt),
    finishedAt: isoTime(new Date()),
    images,
  });
}

function writeEnd(report: ScanReport, options: ScanVerbOptions, output: Output, text: TextOptions): void {
  if (options.ndjson === true) {
    output.write(
      `${JSON.stringify({ schema: report.schema, type: 'summary', provenance: report.provenance, ...summarise(report.images) })}\n`,
    );
  } else if (options.json === true) output.write(`${JSON.stringify(report, undefined, 2)}\n`);
  else if (report.images.length > 1) {
    for (const image of [...report.images].sort(compareImages))
      output.write(renderScanImage(image, { ...text, explain: options.explain === true }));
    output.write(renderScanSummary(report, text));
  }
}

/** The options that shaped the report; secrets are counted, never shown. */
function shownOptions(options: ScanVerbOptions): Record<string, Json> {
  return {
    mode: options.quick === true ? 'quick' : options.deep === true ? 'deep' : 'full',
    include: (options.include ?? '').split(',').filter((word) => word !== ''),
    explain: options.explain === true,
    timeZone: options.timeZone ?? null,
    parents: options.parent ?? [],
    snapshot: options.snapshot ?? null,
    keysGiven:
      (options.recoveryKey?.length ?? 0) +
      (options.password?.length ?? 0) +
      (options.startupKey?.length ?? 0) +
      (options.keys?.length ?? 0),
  };
}

/** ISO-8601 UTC with seven decimals, as every time of the report. */
function isoTime(date: Date): string {
  return date.toISOString().replace('Z', '0000Z');
}
