import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { DeadboxError, defined, httpName } from '@deadbox/core';
import { fleetPage, jsonText } from '@deadbox/report/internals';
import { failedImage, isFailedOutline, type MachineDisk } from '@deadbox/triage';
import { EXIT, usageError } from '../exit-code.js';
import { type DiskTarget, diskTargets } from '../input/disk-targets.node.js';
import { withAskedSecrets } from '../input/secrets.node.js';
import type { Session } from '../input/session.node.js';
import { expandTargets, isUrl } from '../input/targets.node.js';
import { rulesWith } from '../input/user-rules.node.js';
import { Output, withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';
import { type FleetModule, loadFleet, type QueuedImage, type QueueStatus } from '../runs/fleet-module.node.js';
import { fingerprintOf, type JournalHead } from '../runs/journal.js';
import { isoTime, type ScanVerbOptions, shownOptions } from '../runs/judge.node.js';
import { openPool } from '../runs/pool.node.js';
import { headOf, lineOf } from '../runs/run-journal.node.js';
import { runTasks } from '../runs/run-tasks.node.js';
import { readTargetList } from '../runs/target-list.node.js';
import { VERSION } from '../version.js';

/** Options of `deadbox fleet`. */
export interface FleetVerbOptions extends ScanVerbOptions {
  readonly queue?: string;
  /** Of `submit` the site of its images, of `work` those whose images this host sees. */
  readonly site?: readonly string[];
  readonly drain?: boolean;
  /** Seconds. */
  readonly lease?: number;
  readonly watch?: boolean;
}

const USUAL_SITE = 'default';
const USUAL_LEASE = 30;
const WATCH_EVERY = 1000;

/** Gives images to the queue. */
export async function fleetSubmit(
  names: readonly string[],
  options: FleetVerbOptions,
  session: Session,
): Promise<number> {
  const url = queueOf(options);
  const fleet = loadFleet();
  const [site = USUAL_SITE, second] = options.site ?? [];
  if (second !== undefined) throw usageError('one-site', {});
  const listed = options.targets === undefined ? [] : readTargetList(options.targets, session.inputs);
  const all = [...names, ...listed];
  if (all.length === 0) throw usageError('no-targets', {});
  const tasks = runTasks((await diskTargets(await expandTargets(all), options.disk)).map((group) => group.map(placed)));
  const rules = await rulesWith(options.rules, session.inputs);
  const head = headOf({
    shard: null,
    images: tasks.length,
    provenance: {
      tool: 'deadbox',
      version: VERSION,
      rules: rules.map(({ id, name, sha256 }) => ({ id, name, sha256 })),
      options: shownOptions(options),
      startedAt: isoTime(new Date()),
    },
  });
  const run = { head: JSON.stringify(head), fingerprint: fingerprintOf(head) };
  const jobs = tasks.map(({ key, target }) => ({ key: `${site}: ${key}`, ...target }));
  const images = await fleet.submitJobs(url, site, run, jobs);
  session.say(session.language.runs.fleet.submitted(tasks.length, site, images));
  return EXIT.ok;
}

/** The name by which every host of the site finds an image; nothing secret may be in it. */
function placed(target: DiskTarget): DiskTarget {
  const { path } = target;
  if (!isUrl(path)) return { ...target, path: path.startsWith('\\\\.\\') ? path : resolve(path) };
  const { search, username, password } = new URL(path);
  if (search !== '' || username !== '' || password !== '') throw usageError('fleet-secret', { path: httpName(path) });
  return target;
}

/** Judges images of the queue until Ctrl-C, or until none is left. */
export async function fleetWork(options: FleetVerbOptions, session: Session): Promise<number> {
  const url = queueOf(options);
  const fleet = loadFleet();
  const run = await fleet.runOf(url);
  const head = JSON.parse(run.head) as JournalHead;
  const rules = await rulesWith(options.rules, session.inputs);
  const judging = await withAskedSecrets({ ...ownOf(options), ...optionsOf(head) });
  // Read once, so that a fault in them is said before the first image.
  await session.keys(judging);
  const own = {
    ...head.provenance,
    version: VERSION,
    rules: rules.map(({ id, name, sha256 }) => ({ id, name, sha256 })),
  };
  const jobs = options.jobs ?? availableParallelism();
  const setup = { options: judging, rules, language: session.language.code, lines: true };
  // What is under way when the user ends the work is finished: its images are nobody else's.
  const pool = await openPool(setup, { jobs, signal: new AbortController().signal });
  const words = session.language.runs.fleet;
  const place = fleet.shownAddress(url);
  const ending = new AbortController();
  let stopped = false;
  const end = (): void => ending.abort();
  // A service that is stopped has done what it should.
  const stop = (): void => {
    stopped = true;
    end();
  };
  session.signal.addEventListener('abort', end);
  process.once('SIGTERM', stop);
  try {
    const judged = await fleet.workOn({
      url,
      sites: options.site ?? [USUAL_SITE],
      jobs,
      fingerprint: fingerprintOf({ ...head, provenance: own }),
      lease: (options.lease ?? USUAL_LEASE) * 1000,
      drain: options.drain === true,
      signal: ending.signal,
      judge: async ({ key, path, disk, machine, index }) => {
        const target = { path, ...defined({ disk, machine: machine as MachineDisk | undefined }) };
        const { report, line, said } = await pool.judge({ target, index, key, group: index });
        if (options.quiet !== true) for (const content of said) session.say(content);
        return {
          line: line as Uint8Array,
          failedInside: isFailedOutline(report.outline) && isInside(report.outline.error),
        };
      },
      onServer: (state, reason) => session.say(words.server[state](place, reason)),
    });
    if (options.quiet !== true) session.say(words.judged(judged));
    return session.signal.aborted && !stopped ? EXIT.interrupted : EXIT.ok;
  } finally {
    process.off('SIGTERM', stop);
    await pool.close();
  }
}

/** deadbox itself failed, or was not given what it needs: another try may do better. */
const isInside = ({ code }: { code: string }): boolean => code === 'INTERNAL' || code === 'OUT_OF_MEMORY';

/** How the run judges, whoever judges: what it was submitted with. */
function optionsOf({ provenance: { options } }: JournalHead): ScanVerbOptions {
  const { mode, include, explain, target, forceChain, incomplete } = options;
  return {
    quick: mode === 'quick',
    deep: mode === 'deep',
    include: Array.isArray(include) ? include.map(String).join(',') : '',
    explain: explain === true,
    forceChain: forceChain === true,
    incomplete: incomplete === true,
    ...(typeof target === 'string' ? { target } : {}),
  };
}

/** What only this host knows. */
function ownOf({
  recoveryKey,
  password,
  startupKey,
  keys,
  header,
  quiet,
  timeLimit,
}: FleetVerbOptions): ScanVerbOptions {
  return defined({ recoveryKey, password, startupKey, keys, header, quiet, timeLimit });
}

/** Says how far the run is; with `--journal` writes what there is of it. */
export async function fleetStatus(options: FleetVerbOptions, session: Session): Promise<number> {
  const url = queueOf(options);
  const fleet = loadFleet();
  const status = await withOutput(session.output(options), async (output) => {
    for (;;) {
      const now = await fleet.statusOf(url);
      showStatus(now, fleet.shownAddress(url), options, output, session);
      if (options.watch !== true || now.waiting + now.active === 0 || session.signal.aborted) return now;
      output.flush();
      await new Promise((done) => setTimeout(done, WATCH_EVERY));
    }
  });
  if (options.journal !== undefined) await writeJournal(fleet, url, options.journal, status, session);
  return session.signal.aborted ? EXIT.interrupted : EXIT.ok;
}

function showStatus(
  status: QueueStatus,
  queue: string,
  options: FleetVerbOptions,
  output: Output,
  session: Session,
): void {
  const shown = { schema: 'deadbox.fleet/1', queue, ...status };
  if (options.json === true || options.ndjson === true)
    output.writeJson(shown, options.ndjson === true || options.watch === true);
  else output.write(writerFor(options, output)(fleetPage(status, session.reader)));
}

async function writeJournal(
  fleet: FleetModule,
  url: string,
  path: string,
  { images }: QueueStatus,
  session: Session,
): Promise<void> {
  const { head } = await fleet.runOf(url);
  await withOutput(new Output(path, session.inputs), async (output) => {
    output.writeJson({ ...(JSON.parse(head) as JournalHead), images }, true);
    await fleet.eachResult(url, (result) => output.write(result.kind === 'line' ? result.line : lostLine(result.job)));
  });
}

/** The line of an image at which every try ended its worker. */
function lostLine({ key, index, path, machine }: QueuedImage): string {
  const message = 'Every worker that judged this image ended while it did: the image is probably why.';
  const image = {
    ...failedImage(path, new DeadboxError('WORKER_LOST', message)),
    ...defined({ machine: machine as MachineDisk | undefined }),
  };
  const line = lineOf({ type: 'image', key, index, size: null, mtime: null, files: [] }, jsonText(image));
  return new TextDecoder().decode(line);
}

/** Takes the run out of the queue. */
export async function fleetCancel(options: FleetVerbOptions, session: Session): Promise<number> {
  const url = queueOf(options);
  const images = await loadFleet().cancelRun(url);
  session.say(session.language.runs.fleet.cancelled(images));
  return EXIT.ok;
}

/** The address of the queue, whose password nobody shall see in the list of processes. */
function queueOf({ queue }: FleetVerbOptions): string {
  const url = queue ?? process.env.DEADBOX_QUEUE ?? '';
  if (!/^rediss?:\/\/./.test(url)) throw usageError('no-queue', {});
  return url;
}
