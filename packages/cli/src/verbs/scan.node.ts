import { scanImagePage } from '@deadbox/report';
import { type FailedImage, type ImageReport, isFailedImage, scanReport } from '@deadbox/triage';
import { EXIT, usageError } from '../exit-code.js';
import { type DiskTarget, diskTargets } from '../input/disk-targets.node.js';
import type { Session } from '../input/session.node.js';
import { expandTargets } from '../input/targets.node.js';
import { rulesWith } from '../input/user-rules.node.js';
import { loadCauseWords, loadHelpWords } from '../output/language.node.js';
import { type Output, withOutput } from '../output/output.node.js';
import type { ReportFiles } from '../output/report-files.node.js';
import { writerFor } from '../output/show.node.js';
import type { Diagnostics } from '../runs/diagnostics.node.js';
import { isoTime, type Judging, judge, type ScanVerbOptions, shownOptions } from '../runs/judge.node.js';
import type { RunPlan } from '../runs/run.node.js';
import { VERSION } from '../version.js';

/** Judges every target; the exit code says whether something is to be done. */
export async function scanVerb(names: readonly string[], options: ScanVerbOptions, session: Session): Promise<number> {
  const startedAt = new Date();
  const named = await namedTargets(names, options, session);
  const onMount = (folder: string, disk: string): void =>
    session.say(session.language.notices.diskBehind(folder, disk));
  const { answer, silent } = await answeringNames(named, options);
  const answered = await diskTargets(await expandTargets(answer, onMount), options.disk);
  const groups = await allTargets(answered, options, session);
  session.inputs.forget(silent);
  session.inputs.addAll(answer);
  for (const group of groups) session.inputs.addAll(group.map(({ path }) => path));
  session.targets = groups.flat().map(({ path }) => path);
  for (const path of silent) groups.push([{ path, silent: true }]);
  await checkInclude(options.include);
  await checkTarget(options);
  const rules = await rulesWith(options.rules, session.inputs);
  const files = await reportFiles(options, session);
  const words = !isData(options) || files?.needWords === true;
  const page = {
    ...session.pageOptions(options),
    explain: options.explain === true,
    ...(options.quick !== true && words ? { causes: await loadCauseWords(session.language.code) } : {}),
  };
  const plan: RunPlan = { names: named, groups, options, rules, session, startedAt, page };
  try {
    // The exit code is a verdict: it is found though nobody reads the report any more.
    // A run over many is refused one.
    if (isRun(plan)) await recording([], options, session);
    return await withOutput(session.output(options), async (output) =>
      isRun(plan) ? (await import('../runs/run.node.js')).runScan(plan, output, files) : scanOne(plan, output, files),
    );
  } finally {
    files?.discard();
  }
}

/** The names that can be asked what they are; all of them where no time is set for that. */
async function answeringNames(
  names: readonly string[],
  options: ScanVerbOptions,
): Promise<{ answer: readonly string[]; silent: readonly string[] }> {
  if (options.timeLimit === undefined) return { answer: names, silent: [] };
  const { answering, timeLimitOf } = await import('../supervision/time-limit.node.js');
  const { answer, silent } = await answering(names, timeLimitOf(options) ?? 0);
  return { answer, silent };
}

/** The targets; where the newest safe state is looked for, all states that they lead to. */
async function allTargets(groups: DiskTarget[][], options: ScanVerbOptions, session: Session): Promise<DiskTarget[][]> {
  if (options.newestClean !== true) return groups;
  if (options.quick === true) throw usageError('newest-clean-and-quick', {});
  return (await import('../input/other-states.node.js')).withOtherStates(groups, options, session);
}

/** Whether there is more to do than to judge one image. */
function isRun({ groups, options }: RunPlan): boolean {
  return (
    groups.flat().length !== 1 ||
    options.newestClean === true ||
    options.journal !== undefined ||
    options.timeLimit !== undefined ||
    options.shard !== undefined
  );
}

/** The names on the command line, and those of `--targets`. */
async function namedTargets(
  names: readonly string[],
  { targets }: ScanVerbOptions,
  session: Session,
): Promise<readonly string[]> {
  if (targets !== undefined)
    return [...names, ...(await import('../runs/target-list.node.js')).readTargetList(targets, session.inputs)];
  if (names.length === 0) throw usageError('no-targets', {});
  return names;
}

/** One image, in this thread: nothing of what many need is loaded. */
async function scanOne(plan: RunPlan, output: Output, files: ReportFiles | undefined): Promise<number> {
  const { options, session, groups } = plan;
  const judging: Judging = plan;
  const [target] = groups.flat();
  // A turn of the event loop lets Ctrl-C in: reading files does not wait for anything.
  await new Promise((resolve) => setImmediate(resolve));
  session.signal.throwIfAborted();
  const diagnostics = await recording(groups.flat(), options, session);
  try {
    const { image } = await judge(target, judging);
    await diagnostics?.write(target, options);
    return await showOne(image, plan, output, files);
  } finally {
    diagnostics?.discard();
  }
}

/** Shows the report of one image, and writes it where it is wanted. */
async function showOne(
  image: ImageReport | FailedImage,
  { options, session, page, startedAt, rules }: RunPlan,
  output: Output,
  files: ReportFiles | undefined,
): Promise<number> {
  const report = scanReport({
    tool: 'deadbox',
    version: VERSION,
    rules,
    options: shownOptions(options),
    startedAt: isoTime(startedAt),
    finishedAt: isoTime(new Date()),
    images: [image],
  });
  const { schema, provenance, summary } = report;
  if (options.ndjson === true) {
    output.writeJson({ schema, type: 'image', ...image }, true);
    output.writeJson({ schema, type: 'summary', provenance, ...summary }, true);
  } else if (options.json === true) output.writeJson(report, false);
  else output.write(writerFor(options, output)(scanImagePage(image, page)));
  if (isFailedImage(image) && image.error.code === 'INTERNAL') await sayAttach(session);
  const failures = (await files?.write(report, page)) ?? [];
  for (const failure of failures) session.sayError(failure);
  return failures.length > 0 ? EXIT.error : summary.exitCode;
}

async function sayAttach(session: Session): Promise<void> {
  session.say((await loadHelpWords(session.language.code)).attach);
}

/** What `--diagnostics` asks for; what makes it is loaded when it is. */
async function recording(
  targets: readonly DiskTarget[],
  options: ScanVerbOptions,
  session: Session,
): Promise<Diagnostics | undefined> {
  if (options.diagnostics === undefined && options.diagnosticsContents !== true) return undefined;
  return (await import('../runs/diagnostics.node.js')).diagnosticsOf(targets, options, session);
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
async function checkInclude(include: string | undefined): Promise<void> {
  const unknown = (include ?? '').split(',').find((word) => word !== '' && word !== 'old' && word !== 'vss');
  if (unknown === undefined) return;
  const { closest } = await import('../closest.js');
  throw usageError('include-unknown', { word: unknown, meant: closest(unknown, ['old', 'vss']) ?? null });
}

/** `--target` takes the name of a platform; a quick scan does not ask what can start where. */
async function checkTarget({ target, quick }: ScanVerbOptions): Promise<void> {
  if (target === undefined) return;
  if (quick === true) throw usageError('target-and-quick', {});
  const { isPlatform, PLATFORM_IDS } = await import('@deadbox/triage/platforms');
  if (isPlatform(target)) return;
  const { closest } = await import('../closest.js');
  const meant = closest(target, PLATFORM_IDS) ?? null;
  throw usageError('target-unknown', { word: target, known: PLATFORM_IDS.join(', '), meant });
}
