import { availableParallelism } from 'node:os';
import type { DeadboxError } from '@deadbox/core';
import { type PageOptions, reportFormOf } from '@deadbox/report';
import { jsonText } from '@deadbox/report/internals';
import type { Rule } from '@deadbox/triage';
import { EXIT } from '../exit-code.js';
import type { DiskTarget } from '../input/disk-targets.node.js';
import { withAskedSecrets } from '../input/secrets.node.js';
import type { Session } from '../input/session.node.js';
import { shownName } from '../input/targets.node.js';
import type { Output } from '../output/output.node.js';
import type { ReportFiles } from '../output/report-files.node.js';
import { VERSION } from '../version.js';
import type { WorkerAnswer } from './image-judge.node.js';
import { isoTime, type ScanVerbOptions, shownOptions } from './judge.node.js';
import { LiveView } from './live-view.node.js';
import { openPool } from './pool.node.js';
import { RunResults } from './results.node.js';
import { headOf, RunJournal, takeOver } from './run-journal.node.js';
import { inShard, parseShard, type RunTask, runTasks } from './run-tasks.node.js';
import { showRun, sourceOf } from './show-run.node.js';

/** Images of one command up to which each may be the newer state of each. */
const MAX_LINKED = 64;

/** What is to be judged, and how. */
export interface RunPlan {
  /** As they were given. */
  readonly names: readonly string[];
  /** What they stand for: the disks of a machine together. */
  readonly groups: readonly (readonly DiskTarget[])[];
  readonly options: ScanVerbOptions;
  readonly rules: readonly Rule[];
  readonly session: Session;
  readonly startedAt: Date;
  readonly page: PageOptions;
}

/** Judges many images on worker threads, and reports; gives the exit code. */
export async function runScan(plan: RunPlan, output: Output, files: ReportFiles | undefined): Promise<number> {
  const { options, session, page } = plan;
  const run = new Run(plan, output);
  const interrupted = await run.judgeAll();
  if (interrupted && run.results.size === 0) session.signal.throwIfAborted();
  const report = sourceOf(run.results, { ...run.provenance, finishedAt: isoTime(new Date()) });
  await showRun(run.results, report, { options, output, page, linesWritten: true });
  const failures: DeadboxError[] = [...run.failures, ...((await files?.write(report, page)) ?? [])];
  for (const failure of failures) session.sayError(failure);
  if (interrupted) return EXIT.interrupted;
  return failures.length > 0 ? EXIT.error : report.summary.exitCode;
}

class Run {
  readonly results: RunResults = new RunResults();
  readonly provenance: Omit<Parameters<typeof sourceOf>[1], 'finishedAt'>;
  readonly failures: DeadboxError[] = [];
  readonly #plan: RunPlan;
  readonly #output: Output;
  readonly #tasks: readonly RunTask[];
  readonly #waiting: readonly RunTask[];
  readonly #journal: RunJournal | undefined;
  readonly #shown: LineOrder;

  constructor(plan: RunPlan, output: Output) {
    const { options, rules, session, groups, names } = plan;
    this.#plan = plan;
    this.#output = output;
    this.provenance = {
      tool: 'deadbox',
      version: VERSION,
      rules: rules.map(({ id, name, sha256 }) => ({ id, name, sha256 })),
      options: shownOptions(options),
      startedAt: isoTime(plan.startedAt),
    };
    const tasks = runTasks(groups);
    if (options.quiet !== true) saySecondNames(tasks, session);
    const shard = options.shard === undefined ? undefined : parseShard(options.shard);
    this.#tasks = shard === undefined ? tasks : tasks.filter(({ target }) => inShard(target, shard, names));
    const { journal: path } = options;
    if (path === undefined) this.#waiting = this.#tasks;
    else {
      session.inputs.refuse(path);
      session.inputs.claim(path);
      const head = headOf({ shard: options.shard ?? null, images: this.#tasks.length, provenance: this.provenance });
      this.#waiting = takeOver(path, head, this.#tasks, this.results);
      this.#journal = new RunJournal(path, head);
    }
    this.#shown = new LineOrder(this.#tasks, this.results, (index) => this.#writeLine(index));
  }

  /** Judges what is still to do. Gives whether the user interrupted: what is finished by then is reported. */
  async judgeAll(): Promise<boolean> {
    const { options, session } = this.#plan;
    this.#shown.advance();
    const jobs = Math.max(Math.min(options.jobs ?? availableParallelism(), this.#waiting.length), 1);
    const view = new LiveView(session, options, { jobs, images: this.#tasks.length, before: this.results.outlines() });
    try {
      if (this.#waiting.length > 0) await this.#judgeWaiting(jobs, view);
      return session.signal.aborted;
    } finally {
      view.end();
      this.#journal?.close();
      if (this.#journal?.failure !== undefined) this.failures.push(this.#journal.failure);
      // Of a machine whose other disks were not reached, what is there.
      this.results.settleAll();
    }
  }

  async #judgeWaiting(jobs: number, view: LiveView): Promise<void> {
    const { options, rules, session } = this.#plan;
    // Read, and asked for, once; a fault in them ends the run before it begins.
    const asked = await withAskedSecrets(options);
    await session.keys(asked);
    const lines = this.#journal !== undefined;
    const language = session.language.code;
    // Of more nobody asks each for each.
    const targets = session.targets.length > MAX_LINKED ? [] : session.targets;
    const setup = { options: asked, rules, language, lines, texts: endsAsJson(options), targets };
    const pool = await openPool(setup, { jobs, signal: session.signal });
    const next = this.#waiting.values();
    const lane = async (number: number): Promise<void> => {
      for (const task of next) {
        if (session.signal.aborted) return;
        view.begin(number, shownName(task.target.path));
        // A turn of the event loop lets Ctrl-C in where there are no threads.
        await new Promise((resolve) => setImmediate(resolve));
        try {
          this.#take(await pool.judge(task), view, number);
        } catch (error) {
          if (!session.signal.aborted) throw error;
          return;
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: jobs }, (_, number) => lane(number)));
    } finally {
      await pool.close();
    }
  }

  #take({ report, line, files, said }: WorkerAnswer, view: LiveView, lane: number): void {
    const { session } = this.#plan;
    session.inputs.add(...files.map(({ path }) => path));
    if (line !== undefined) this.#journal?.add(line);
    this.results.add(report);
    view.done(lane, report.outline, said);
    this.#shown.advance();
  }

  #writeLine(index: number): void {
    if (this.#plan.options.ndjson !== true) return;
    const image = this.results.image(index);
    this.#output.write(`${jsonText({ schema: 'deadbox.scan/1', type: 'image', ...image })}\n`);
    this.#output.flush();
  }
}

/** Whether the whole report is wanted as one document of JSON. */
function endsAsJson({ json, ndjson, report }: ScanVerbOptions): boolean {
  return (json === true && ndjson !== true) || report?.some((path) => reportFormOf(path) === 'json') === true;
}

/** Second names that are said one by one. */
const MAX_NAMES = 3;

/** Says which names stand for one file. */
function saySecondNames(tasks: readonly RunTask[], session: Session): void {
  const { notices } = session.language;
  const seconds = tasks.flatMap(({ target, sameAs }) => (sameAs === undefined ? [] : [{ name: target.path, sameAs }]));
  for (const { name, sameAs } of seconds.slice(0, MAX_NAMES)) session.say(notices.sameFile(shownName(name), sameAs));
  if (seconds.length > MAX_NAMES) session.say(notices.moreSameFiles(seconds.length - MAX_NAMES));
}

/** Gives the images out in their order, those of one machine together, as soon as all before them are there. */
class LineOrder {
  readonly #groups: readonly (readonly number[])[];
  readonly #results: RunResults;
  readonly #write: (index: number) => void;
  #next = 0;

  constructor(tasks: readonly RunTask[], results: RunResults, write: (index: number) => void) {
    const groups = new Map<number, number[]>();
    for (const { index, group } of tasks) groups.set(group, [...(groups.get(group) ?? []), index]);
    this.#groups = [...groups.values()];
    this.#results = results;
    this.#write = write;
  }

  advance(): void {
    for (; this.#next < this.#groups.length; this.#next += 1) {
      const group = this.#groups[this.#next];
      if (!group.every((index) => this.#results.has(index))) return;
      this.#results.settle(group);
      for (const index of group) this.#write(index);
    }
  }
}
