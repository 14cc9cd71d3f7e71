import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DeadboxError, isDeadboxError, isNbdAddress, survive } from '@deadbox/core';
import {
  type ImageHazard,
  planRepair,
  proposeRepairs,
  type RepairPlan,
  type RepairRequest,
  verifyRepair,
} from '@deadbox/repair';
import { applyRepair, writeOverlay } from '@deadbox/repair/node';
import {
  code,
  errorPhrase,
  isUnexamined,
  type RepairOutcome,
  repairPage,
  shellWord,
  text,
} from '@deadbox/report/internals';
import { type ImageReport, type Rule, scanDisk, withHints } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import { EXIT_CODES } from '../exit-codes.js';
import { readLocks } from '../input/in-use/file-locks.node.js';
import { openTarget, type Target } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import { addressName, expandTargets, isUrl } from '../input/targets.node.js';
import { rulesWith } from '../input/user-rules.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';
import { VERSION } from '../version.js';

/** Options of `deadbox fix`. */
export interface FixOptions extends CommonOptions {
  readonly write?: boolean;
  readonly undo?: string;
  readonly overlay?: string;
  readonly disableDriver?: string[];
  readonly blank?: boolean;
  readonly force?: boolean;
  readonly rules?: string;
}

const HAZARDS: readonly string[] = ['snapshot-beside', 'saved-vm-state', 'in-use'] satisfies ImageHazard[];

/** Plans repairs, and makes them where that is asked for; the exit code is the worst of the images. */
export async function fixVerb(names: readonly string[], options: FixOptions, session: Session): Promise<number> {
  const onMount = (folder: string, disk: string): void =>
    session.say(session.language.notices.diskBehind(folder, disk));
  const targets = await expandTargets(names, onMount);
  checkOptions(targets, options);
  session.inputs.add(...targets);
  for (const written of [options.undo, options.overlay]) if (written !== undefined) session.inputs.claim(written);
  const rules = await rulesWith(options.rules, session.inputs);
  const written: Written[] = [];
  const work = withOutput(session.output(options), async (output) => {
    const write = writerFor(options, output);
    const codes: number[] = [];
    const json = (outcome: object): void =>
      output.writeJson({ schema: 'deadbox.fix/1', ...outcome }, options.ndjson === true || targets.length > 1);
    const run: Run = { options, rules, session, several: targets.length > 1, identities: new Map(), written };
    if (run.several) for (const name of targets) run.identities.set(name, await identityOf(name, run));
    for (const name of targets) {
      try {
        const outcome = await fixOne(name, run);
        noteIdentity(name, outcome, run);
        codes.push(exitCode(outcome));
        if (options.json === true || options.ndjson === true) json(outcome);
        else output.write(write(repairPage(outcome, session.pageOptions(options))));
      } catch (error) {
        // One image that cannot be read or written must not keep the others from being repaired.
        if (!run.several || !isDeadboxError(error) || session.signal.aborted) throw error;
        codes.push(EXIT_CODES.fix.error);
        if (options.json === true || options.ndjson === true) json({ image: name, error: error.toJSON() });
        session.say([text(`${name}: `), ...errorPhrase(error, session.reader)]);
      }
    }
    return codes.includes(EXIT_CODES.fix.error) ? EXIT_CODES.fix.error : Math.max(...codes);
  });
  return work.catch((error: unknown) => {
    // Whatever went wrong afterwards, or was interrupted: these images are repaired.
    const words = session.language.repair;
    for (const { sectors, changedBytes, undo } of written)
      session.say([...words.written(sectors, changedBytes), text(' '), code(`deadbox undo ${shellWord(undo)}`)]);
    throw error;
  });
}

type Written = Required<RepairOutcome>['written'];

function checkOptions(targets: readonly string[], { write, undo, overlay }: FixOptions): void {
  const address = targets.find(isUrl);
  if (address !== undefined)
    throw usageError(isNbdAddress(address) ? 'fix-needs-no-export' : 'fix-needs-file', { image: addressName(address) });
  const recording = targets.find((name) => /\.diag$/i.test(name));
  if (recording !== undefined)
    throw new DeadboxError('DIAGNOSTICS_REFUSED', `${recording} is a recording: there is nothing in it to repair`);
  if (write === true && overlay !== undefined) throw usageError('write-or-overlay', {});
  if (write === true && undo === undefined) throw usageError('write-needs-undo', {});
  for (const path of [undo, overlay])
    if (path !== undefined && targets.length > 1 && !isFolder(path)) throw usageError('undo-needs-folder', { path });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What the repairs of one call share. */
interface Run {
  readonly options: FixOptions;
  readonly rules: readonly Rule[];
  readonly session: Session;
  readonly several: boolean;
  /** The identity that each disk carries, or is about to; none for a single image. */
  readonly identities: Map<string, string | undefined>;
  /** What was written so far. */
  readonly written: Written[];
}

/** The identity of a disk; it needs no key, and what cannot be opened has none. */
async function identityOf(name: string, { options, session }: Run): Promise<string | undefined> {
  const { recoveryKey: _recovery, password: _password, startupKey: _startup, keys: _keys, ...plain } = options;
  return survive(
    async () => {
      const target = await openTarget(name, { ...plain, quiet: true }, session);
      try {
        return target.disk.table.diskId;
      } finally {
        await target.close();
      }
    },
    () => undefined,
    { signal: session.signal },
  );
}

/** A disk that is given an identity carries it from then on. */
function noteIdentity(name: string, { plan }: RepairOutcome, { several, identities }: Run): void {
  const restored = plan.operations.find(({ id }) => id === 'restore-disk-identity')?.data.to;
  if (several && typeof restored === 'string') identities.set(name, restored);
}

async function fixOne(name: string, run: Run): Promise<RepairOutcome> {
  const { options, rules, session, several } = run;
  const locks = readLocks();
  const target = await openTarget(name, options, session);
  try {
    const report = await scanTarget(target, locks, rules, session);
    const plan = await planFor(target, report, run);
    const outcome: RepairOutcome = { image: name, plan, before: report.verdict };
    const place = (path: string, end: string): string => (several ? join(path, `${basename(name)}${end}`) : path);
    if (plan.operations.length === 0) return outcome;
    if (options.overlay !== undefined) {
      const overlay = place(options.overlay, '.qcow2');
      await writeOverlay(target.disk, plan, overlay);
      const { disk: _, parent = [], ...others } = options;
      // The image need not lie beside it.
      const opening = { ...others, parent: [target.disk.name, ...parent] };
      return { ...outcome, overlay, ...(await lookAgain(overlay, plan, opening, rules, session)) };
    }
    if (options.write !== true) return { ...outcome, command: commandFor(name, options) };
    const undo = place(options.undo as string, '.undo.json');
    const { sectors, changedBytes } = await applyRepair(target.disk, plan, undo, {
      tool: { name: 'deadbox', version: VERSION },
    });
    const written = { sectors, changedBytes, undo };
    run.written.push(written);
    return {
      ...outcome,
      written,
      ...(await lookAgain(name, plan, options, rules, session)),
    };
  } finally {
    await target.close();
  }
}

async function scanTarget(
  target: Target,
  locks: string,
  rules: readonly Rule[],
  { signal }: Session,
): Promise<ImageReport> {
  const report = await scanDisk(target.disk, { signal, rules, around: 'always' });
  return withHints(report, [...target.useHints(locks), ...target.changeHints()]);
}

async function planFor({ name, disk }: Target, report: ImageReport, run: Run): Promise<RepairPlan> {
  const { options, rules, session, identities } = run;
  const { signal } = session;
  // A file that could not be asked is no proof that there is something newer.
  const proven = report.obstacles.filter(({ data }) => typeof data.unread !== 'string');
  const hazards = proven.map(({ id }) => id).filter((id): id is ImageHazard => HAZARDS.includes(id));
  // An earlier state is what a later one was made from.
  if (options.snapshot !== undefined) hazards.push('snapshot-beside');
  const inUse = [...identities].flatMap(([other, id]) => (other === name || id === undefined ? [] : [id]));
  const drivers = (options.disableDriver ?? []).flatMap((driver) =>
    report.installations
      .filter(({ active }) => active)
      .map(
        ({ volume, root }): RepairRequest => ({
          operation: 'disable-driver',
          volume,
          root,
          name: driver,
          force: options.force === true,
        }),
      ),
  );
  const proposed = drivers.length > 0 ? drivers : proposeRepairs(report, rules, inUse);
  const requests = options.blank === true ? proposed.map(blanked) : proposed;
  return planRepair(disk, requests, { signal, hazards, overlay: options.overlay !== undefined });
}

/** The second choice: the file keeps its name and loses its content. */
function blanked(request: RepairRequest): RepairRequest {
  return request.operation === 'neutralise-file' ? { ...request, operation: 'blank-content' } : request;
}

/** Opens the disk anew: nothing that was read before the change is believed. */
async function lookAgain(
  name: string,
  plan: RepairPlan,
  options: FixOptions,
  rules: readonly Rule[],
  session: Session,
): Promise<Pick<RepairOutcome, 'problems' | 'after'>> {
  const { signal } = session;
  const target = await openTarget(name, { ...options, quiet: true }, session);
  try {
    const problems = await verifyRepair(target.disk, plan, { signal });
    return { problems, after: (await scanDisk(target.disk, { signal, rules })).verdict };
  } finally {
    await target.close();
  }
}

/** The command that writes the plan, ready to be copied: with every option that the plan depends on. */
function commandFor(name: string, options: FixOptions): string {
  const { rules, disk, parent = [], member = [], startupKey = [], keys = [], disableDriver = [] } = options;
  const valued: readonly (readonly [flag: string, values: readonly string[]])[] = [
    ['--rules', rules === undefined ? [] : [rules]],
    ['--disk', disk === undefined ? [] : [String(disk)]],
    ['--parent', parent],
    ['--member', member],
    ['--startup-key', startupKey],
    ['--keys', keys],
    ['--recovery-key', (options.recoveryKey ?? []).map(withoutSecret)],
    ['--password', (options.password ?? []).map(withoutSecret)],
    ['--disable-driver', disableDriver],
  ];
  const more = valued.flatMap(([flag, values]) => values.map((value) => ` ${flag} ${shellWord(value)}`)).join('');
  const switches = `${options.blank === true ? ' --blank' : ''}${options.force === true ? ' --force' : ''}`;
  return `deadbox fix ${shellWord(name)}${more}${switches} --write --undo ${shellWord(`${basename(name)}.undo.json`)}`;
}

/** Where a secret comes from is no secret; one that was given itself is asked for again. */
function withoutSecret(value: string): string {
  return value.startsWith('@') || value.startsWith('env:') ? value : '-';
}

function exitCode({ plan, written, overlay, problems, before }: RepairOutcome): number {
  if (problems !== undefined && problems.length > 0) return EXIT_CODES.fix.error;
  if (written !== undefined || overlay !== undefined) return EXIT_CODES.fix.done;
  if (plan.operations.length > 0) return EXIT_CODES.fix.planned;
  const real = plan.refusals.filter(({ id }) => id !== 'nothing-to-repair');
  return real.length > 0 || isUnexamined(before) ? EXIT_CODES.fix.refused : EXIT_CODES.fix.done;
}
