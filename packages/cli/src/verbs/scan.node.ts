import { type CoreErrorCode, DeadboxError, defined, httpName, isDeadboxError, type Json } from '@deadbox/core';
import { type PageOptions, scanImagePage, scanSummaryPage, type Writer } from '@deadbox/report';
import {
  compareImages,
  type FailedImage,
  failedImage,
  type ImageReport,
  type Rule,
  type ScanReport,
  scanDisk,
  scanReport,
  settleMachine,
  summarise,
  withHints,
} from '@deadbox/triage';
import { EXIT, UsageError, usageError } from '../exit-code.js';
import { type DiskTarget, diskTargets } from '../input/disk-targets.node.js';
import { readLocks } from '../input/file-locks.node.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import { expandTargets, isUrl } from '../input/targets.node.js';
import { rulesWith } from '../input/user-rules.node.js';
import type { CommonOptions } from '../options.js';
import { loadCauseWords } from '../output/language.node.js';
import { type Output, withOutput } from '../output/output.node.js';
import type { ReportFiles } from '../output/report-files.node.js';
import { writerFor } from '../output/show.node.js';
import { VERSION } from '../version.js';

/** Options of `deadbox scan`. */
export interface ScanVerbOptions extends CommonOptions {
  readonly quick?: boolean;
  readonly deep?: boolean;
  readonly include?: string;
  readonly explain?: boolean;
  readonly target?: string;
  readonly rules?: string;
  readonly report?: readonly string[];
}

type Judged = ImageReport | FailedImage;

/** What the judgement of every image shares. */
interface Scan {
  readonly options: ScanVerbOptions;
  readonly rules: readonly Rule[];
  readonly session: Session;
  readonly output: Output;
  readonly write: Writer;
  readonly page: PageOptions;
}

/** Judges every target; the exit code says whether something is to be done. */
export async function scanVerb(names: readonly string[], options: ScanVerbOptions, session: Session): Promise<number> {
  const startedAt = new Date();
  const named = expandTargets(names);
  const targets = await diskTargets(named, options.disk);
  session.inputs.add(...named, ...targets.flat().map(({ path }) => path));
  checkInclude(options.include);
  await checkTarget(options);
  const rules = await rulesWith(options.rules, session.inputs);
  const files = await reportFiles(options, session);
  const words = !isData(options) || files?.needWords === true;
  const page = {
    ...session.pageOptions(options),
    explain: options.explain === true,
    ...(options.quick !== true && words ? { causes: await loadCauseWords(session.language.code) } : {}),
  };
  try {
    // The exit code is a verdict: it is found though nobody reads the report any more.
    return await withOutput(session.output(options, { goOnUnread: true }), async (output) => {
      const scan: Scan = { options, rules, session, output, page, write: writerFor(options, output) };
      const { images, interrupted } = await scanAll(targets, scan);
      const report = finish(images, scan, startedAt);
      writeEnd(report, scan);
      const failures = (await files?.write(report, page)) ?? [];
      for (const failure of failures) session.sayError(failure);
      if (failures.length > 0) return EXIT.error;
      return interrupted ? EXIT.interrupted : report.summary.exitCode;
    });
  } finally {
    files?.discard();
  }
}

/** Judges one target after another, until all are done or the user interrupts: what is finished by then is reported. */
async function scanAll(
  groups: readonly (readonly DiskTarget[])[],
  scan: Scan,
): Promise<{ images: Judged[]; interrupted: boolean }> {
  const { options, session, output } = scan;
  const images: Judged[] = [];
  const progress = session.progress('scan', options);
  const count = groups.flat().length;
  for (const group of groups) {
    const judged: Judged[] = [];
    let interrupted = false;
    for (const target of group) {
      const index = images.length + judged.length + 1;
      if (count > 1) progress.step(session.language.notices.imageOf(index, count, target.path));
      // A turn of the event loop lets Ctrl-C in: reading files does not wait for anything.
      await new Promise((resolve) => setImmediate(resolve));
      try {
        session.signal.throwIfAborted();
        judged.push(await scanOne(target, scan));
      } catch (error) {
        if (!session.signal.aborted || index === 1) throw error;
        interrupted = true;
        break;
      } finally {
        progress.end();
      }
    }
    // The disks of a machine are seen together.
    for (const image of group.length > 1 ? settleMachine(judged) : judged) {
      images.push(image);
      if (options.ndjson === true) output.writeJson({ schema: 'deadbox.scan/1', type: 'image', ...image }, true);
    }
    if (interrupted) return { images, interrupted };
  }
  return { images, interrupted: false };
}

/** The files of `--report`; what writes them is loaded when there are some. */
async function reportFiles({ report }: ScanVerbOptions, { inputs }: Session): Promise<ReportFiles | undefined> {
  if (report === undefined) return undefined;
  return new (await import('../output/report-files.node.js')).ReportFiles(report, inputs);
}

/** Output for programs, which needs no words. */
function isData({ json, ndjson }: ScanVerbOptions): boolean {
  return json === true || ndjson === true;
}

/** `--include` takes `old` and `vss`, separated by commas. */
function checkInclude(include: string | undefined): void {
  const unknown = (include ?? '').split(',').find((word) => word !== '' && word !== 'old' && word !== 'vss');
  if (unknown !== undefined) throw usageError('include-unknown', { word: unknown });
}

/** `--target` takes the name of a platform; a quick scan does not ask what can start where. */
async function checkTarget({ target, quick }: ScanVerbOptions): Promise<void> {
  if (target === undefined) return;
  if (quick === true) throw usageError('target-and-quick', {});
  const { isPlatform, PLATFORM_IDS } = await import('@deadbox/triage/platforms');
  if (!isPlatform(target)) throw usageError('target-unknown', { word: target, known: PLATFORM_IDS.join(', ') });
}

async function scanOne({ path: name, disk, machine }: DiskTarget, scan: Scan): Promise<Judged> {
  const { options, rules, session } = scan;
  const { signal } = session;
  const ofMachine = machine === undefined ? {} : { machine };
  const started = performance.now();
  const locks = readLocks();
  try {
    const { disk: _, ...others } = options;
    const target = await openTarget(name, disk === undefined ? others : { ...others, disk }, session);
    try {
      const report = await scanDisk(target.disk, {
        signal,
        rules,
        explain: options.explain === true,
        told: session.toldBeside(target.name),
        mode: modeOf(options),
        includeOld: (options.include ?? '').split(',').includes('old'),
        includeShadowCopies: (options.include ?? '').split(',').includes('vss'),
        ...defined({ target: options.target }),
      });
      const { reads, bytes } = target.counting;
      const hinted = withHints(report, [...target.useHints(await locks), ...target.changeHints()]);
      return {
        ...hinted,
        ...ofMachine,
        cost: { ...report.cost, reads, bytes, milliseconds: Math.round((performance.now() - started) * 10) / 10 },
      };
    } finally {
      await target.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    // A fault of the call concerns every image.
    if (error instanceof UsageError) throw error;
    const shown = isUrl(name) ? httpName(name) : name;
    return { ...failedImage(shown, isDeadboxError(error) ? error : internalError(error)), ...ofMachine };
  }
}

/** A mistake of deadbox in one image must not cost the reports of the others. */
function internalError(cause: unknown): DeadboxError<CoreErrorCode> {
  if ((process.env.DEADBOX_DEBUG ?? '') !== '' && cause instanceof Error) process.stderr.write(`${cause.stack}\n`);
  const what = cause instanceof Error ? cause.message : String(cause);
  return new DeadboxError('INTERNAL', `Unexpected error: ${what}. Please report it.`, { cause });
}

function modeOf(options: ScanVerbOptions): 'quick' | 'full' | 'deep' {
  return options.quick === true ? 'quick' : options.deep === true ? 'deep' : 'full';
}

function finish(images: Judged[], { options, rules }: Scan, startedAt: Date): ScanReport {
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

/** What is shown once all are judged: of several images the worst first. */
function writeEnd(report: ScanReport, { options, output, write, page }: Scan): void {
  if (options.ndjson === true) {
    const { schema, provenance } = report;
    output.writeJson({ schema, type: 'summary', provenance, ...summarise(report.images) }, true);
  } else if (options.json === true) output.writeJson(report, false);
  else {
    for (const image of [...report.images].sort(compareImages)) output.write(write(scanImagePage(image, page)));
    if (report.images.length > 1) output.write(write(scanSummaryPage(report, page)));
  }
}

/** The options that shaped the report; secrets are counted, never shown. */
function shownOptions(options: ScanVerbOptions): Record<string, Json> {
  return {
    mode: modeOf(options),
    include: (options.include ?? '').split(',').filter((word) => word !== ''),
    explain: options.explain === true,
    target: options.target ?? null,
    timeZone: options.timeZone ?? null,
    parents: options.parent ?? [],
    snapshot: options.snapshot ?? null,
    disk: options.disk ?? null,
    forceChain: options.forceChain === true,
    incomplete: options.incomplete === true,
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
