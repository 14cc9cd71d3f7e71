import { type FileTree, parseFileTime, type ReadOptions } from '@deadbox/core';
import {
  type CrashEvidence,
  type Machine,
  readCrashEvidence,
  readSystemEvents,
  type SourceFact,
  type SystemEvent,
  type SystemEvents,
} from '@deadbox/windows';
import type { CrashReport } from '../report/report-types.js';
import type { FileReport } from '../report/rule-result.js';
import type { CrashSelection, FailedStartSelection, Rule } from '../rules/rule.js';
import { type Conditions, CRASH_CONDITIONS } from '../rules/rule-keys.js';

/** What the disk tells of crashes, as report data and as facts for rules. */
export interface CrashFacts {
  readonly reports: readonly CrashReport[];
  /** Crashes, starts and stops that the System log tells of, newest first. */
  readonly events: readonly SystemEvent[];
  /** The files that were read for it. */
  readonly sources: readonly SourceFact[];
  /** The last start is known to have failed, and when that was at the earliest. */
  readonly failedStart: boolean;
  /** Times of the starts that are known to have failed, ISO-8601 UTC; `null` where only the fact was recorded. */
  readonly failedStarts: readonly (string | null)[];
}

/** Reads dumps, error reports and the traces of failed starts. */
export async function readCrashFacts(
  tree: FileTree,
  root: string,
  machine: Machine | undefined,
  options: ReadOptions,
): Promise<CrashFacts> {
  const evidence = await readCrashEvidence(tree, root, {
    ...options,
    settings: machine?.crashSettings,
    pageFiles: machine?.pageFiles ?? [],
  });
  const log = await readSystemEvents(tree, root, { ...options, maxChunks: EVENT_CHUNKS });
  const reports = [...describe(evidence), ...describeEvents(log)];
  const sources = [...evidence.sources, ...(log === undefined ? [] : [log.source])];
  return {
    reports,
    events: log?.events ?? [],
    sources,
    failedStart: hasFailedStart(evidence),
    failedStarts: failedStarts(evidence, log),
  };
}

/** An unexpected restart is written at the next start, by the one that came after the failed one. */
function failedStarts(evidence: CrashEvidence, log: SystemEvents | undefined): (string | null)[] {
  const events = (log?.events ?? []).filter(({ kind }) => kind !== 'start' && kind !== 'stop');
  return [...events.map(({ time }) => time), ...(hasFailedStart(evidence) ? [null] : [])];
}

/** Chunks of 64 KiB: days of a server, hours of one that restarts all the time, and no more than 512 KiB. */
const EVENT_CHUNKS = 8;
const MAX_EVENTS = 16;

/**
 * The stop codes that the System log tells of, newest first. Such an event names no driver; its dump, where it is left,
 * does.
 */
function describeEvents(log: SystemEvents | undefined): CrashReport[] {
  const crashes = (log?.events ?? []).filter(
    ({ kind, code }) => kind === 'bugcheck' || (kind === 'unexpected-restart' && (code ?? 0) !== 0),
  );
  return crashes.slice(0, MAX_EVENTS).map(({ time, code, codeName, parameters }) => ({
    source: 'event',
    path: log?.path ?? '',
    time,
    code: code === undefined ? null : stopCode(code),
    codeName: codeName ?? null,
    parameters,
    module: null,
    modules: [],
  }));
}

function describe(evidence: CrashEvidence): CrashReport[] {
  const reports: CrashReport[] = evidence.dumps.map(({ source, path, dump, modified }) => ({
    source,
    path,
    time: plausible(dump.time) ?? modified ?? null,
    code: stopCode(dump.code),
    codeName: dump.codeName ?? null,
    parameters: dump.parameters,
    module: dump.driver?.name ?? dump.stackDrivers[0]?.name ?? null,
    modules: [...(dump.driver === undefined ? [] : [dump.driver.name]), ...dump.stackDrivers.map(({ name }) => name)],
  }));
  for (const { path, report } of evidence.reports) {
    const named = Object.values(report.signature).filter((value) => /\.sys$/i.test(value));
    reports.push({
      source: 'error-report',
      path,
      time: plausible(report.time) ?? null,
      code: report.code === undefined ? null : stopCode(report.code),
      codeName: report.codeName ?? null,
      parameters: report.parameters,
      module: named[0] ?? null,
      modules: named,
    });
  }
  if (evidence.repairLog !== undefined) {
    const { path, log } = evidence.repairLog;
    reports.push({
      source: 'startup-repair',
      path,
      time: null,
      code: log.code === undefined ? null : stopCode(log.code),
      codeName: log.codeName ?? null,
      parameters: log.parameters,
      module: log.files.find((name) => /\.sys$/i.test(name)) ?? null,
      modules: log.files,
    });
  }
  return reports;
}

/** A damaged dump can carry any number as its time. */
function plausible(time: string | undefined): string | undefined {
  return time !== undefined && /^(199\d|20\d\d)-/.test(time) ? time : undefined;
}

function stopCode(code: number): string {
  return `0x${(code >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
}

function hasFailedStart(evidence: CrashEvidence): boolean {
  return (
    evidence.bootStatus.some(({ status }) => !status.lastBootSucceeded) ||
    (evidence.repairLog?.log.repairAttempts ?? 0) > 0
  );
}

type CrashTests = Conditions<typeof CRASH_CONDITIONS>;

type Test<Key extends keyof CrashTests> = (wanted: NonNullable<CrashTests[Key]>, crash: CrashReport) => boolean;

/** What each condition asks of one crash. */
const TESTS: { readonly [key in keyof CrashTests]-?: Test<key> } = {
  module: (wanted, { modules }) => modules.some((name) => name.toLowerCase() === wanted.toLowerCase()),
  code: (wanted, { code }) => Number(code) === Number(wanted),
  'time|gte': (wanted, { time }) => time !== null && isFrom(time, wanted),
  'time|lt': (wanted, { time }) => time !== null && !isFrom(time, wanted),
};

/** The crash reports that a rule's CRASH selection means. */
export function matchingCrashes(selection: CrashSelection, reports: readonly CrashReport[]): CrashReport[] {
  const keys = (Object.keys(CRASH_CONDITIONS) as (keyof CrashTests)[]).filter((key) => selection[key] !== undefined);
  return reports.filter((report) =>
    keys.every((key) => (TESTS[key] as Test<typeof key>)(selection[key] as never, report)),
  );
}

function isFrom(time: string, from: string): boolean {
  const [at, least] = [parseFileTime(time), parseFileTime(from)];
  return at !== undefined && least !== undefined && at >= least;
}

/** Answers a rule's selections on crashes and failed starts. */
export function crashAnswers(rule: Rule, facts: CrashFacts): [string, boolean][] {
  return Object.entries(rule.selections).flatMap(([name, selection]): [string, boolean][] =>
    selection.type === 'CRASH'
      ? [[name, matchingCrashes(selection, facts.reports).length > 0]]
      : selection.type === 'FAILED_START'
        ? [[name, facts.failedStarts.some((time) => failedIn(selection, time))]]
        : [],
  );
}

/** A start whose time is not known is in no period. */
function failedIn(selection: FailedStartSelection, time: string | null): boolean {
  const [from, before] = [selection['time|gte'], selection['time|lt']];
  if (from === undefined && before === undefined) return true;
  return time !== null && (from === undefined || isFrom(time, from)) && (before === undefined || !isFrom(time, before));
}

/** What the crash evidence says of a rule's verdict, and by which crash. */
export interface CrashConfidence {
  readonly confidence: 'confirmed' | 'contradicted' | 'likely' | 'file-only';
  readonly crash: CrashReport | undefined;
}

/**
 * What the crash evidence says of a rule's verdict (docs/verdicts.md, "Confidence"). `undefined` for rules that ask for
 * no crash.
 */
export function crashConfidence(
  rule: Rule,
  facts: CrashFacts,
  judged: readonly FileReport[],
): CrashConfidence | undefined {
  const selections = Object.values(rule.selections).filter((selection) => selection.type === 'CRASH');
  if (selections.length === 0) return undefined;
  const [confirming] = selections.flatMap((selection) => matchingCrashes(selection, facts.reports));
  if (confirming !== undefined) return { confidence: 'confirmed', crash: confirming };
  const newest = facts.reports
    .filter(({ source, time }) => source !== 'live-report' && source !== 'event' && time !== null)
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0];
  // A crash from before the file came says nothing about the file.
  if (newest?.module != null && (newest.time ?? '') >= arrivalOf(judged))
    return { confidence: 'contradicted', crash: newest };
  return { confidence: facts.failedStart ? 'likely' : 'file-only', crash: undefined };
}

/**
 * When the newest of the judged files came: it was not here before it was created, and a copy keeps its modification
 * time.
 */
function arrivalOf(files: readonly FileReport[]): string {
  return files.map(({ modified, created }) => latest([modified, created])).reduce((a, b) => (a > b ? a : b), '');
}

function latest(times: readonly (string | null)[]): string {
  return times.reduce<string>((newest, time) => (time !== null && time > newest ? time : newest), '');
}

/** Whether a crash that the rule means is later than the newest judged file: then nothing reassuring is said. */
export function crashedAfter(rule: Rule, facts: CrashFacts, files: readonly FileReport[]): boolean {
  const newest = latest(files.map(({ modified }) => modified));
  return Object.values(rule.selections).some(
    (selection) =>
      selection.type === 'CRASH' &&
      matchingCrashes(selection, facts.reports).some((report) => (report.time ?? '') > newest),
  );
}
