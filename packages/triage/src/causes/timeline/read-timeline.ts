import {
  fileTimeFromUnixMs,
  fileTimeText,
  parseFileTime,
  type ReadOptions,
  survive,
  unixMsOfFileTime,
} from '@deadbox/core';
import { findMeasuredBoots } from '@deadbox/windows';
import { type DeviceLog, readDeviceLog, type ServicingLog } from '@deadbox/windows/internals';
import { bootStartFiles } from '../../drivers/driver-facts.js';
import type { TimelineEvent, TimelineReport } from '../../report/timeline-report.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import { servicingLog } from '../session/servicing.js';

/** Changes that are told; the disk has all of them. */
const MAX_CHANGES = 6;
/** What was changed before that does not explain why it ran last and not again. */
const BEFORE_MS = 14 * 24 * 3600_000;
const MINUTE_MS = 60_000;

/** Draws the time line of one installation together from what its logs, dumps and drivers tell. */
export async function readTimeline(subject: InstallationSubject, options: ReadOptions): Promise<TimelineReport> {
  const ran = [...runsOf(subject), ...(await measuredRun(subject, options))].sort(byTime);
  const crashes = crashesOf(subject);
  const orderly = ran.filter(({ kind }) => kind === 'stopped').at(-1)?.at ?? '';
  const firstFailed = crashes.find(({ at }) => at > orderly) ?? null;
  const lastRan = ran.filter(({ at }) => firstFailed === null || at < firstFailed.at).at(-1) ?? null;
  const from = lastRan === null ? '' : shifted(lastRan.at, -BEFORE_MS);
  const changes = (await changesOf(subject, options))
    .filter(({ at }) => at >= from && (firstFailed === null || at <= firstFailed.at))
    .sort(byTime);
  return { lastRan, changes: changes.slice(-MAX_CHANGES), firstFailed };
}

function byTime(left: TimelineEvent, right: TimelineEvent): number {
  return left.at < right.at ? -1 : left.at > right.at ? 1 : 0;
}

/** Starts and orderly ends, and the newest record of the System log: nobody else writes it. */
function runsOf({ crash, machine, root }: InstallationSubject): TimelineEvent[] {
  const log = crash?.sources.find(({ kind, path }) => kind === 'event-log' && /[\\/]System\.evtx$/i.test(path));
  const path = log?.path ?? '';
  const found: TimelineEvent[] = [];
  for (const { kind, time } of crash?.events ?? [])
    if (kind === 'start' || kind === 'stop')
      found.push(event(kind === 'start' ? 'started' : 'stopped', time, null, path));
  if (log?.newest !== undefined && log.newest !== null) found.push(event('running', log.newest, null, path));
  const shutdown = machine?.machine.start?.lastShutdown;
  if (shutdown !== undefined) found.push(event('stopped', shutdown, null, `${root}/System32/config/SYSTEM`));
  return found;
}

/** The newest log of a measured start: that start reached Windows. */
async function measuredRun({ tree, root }: InstallationSubject, options: ReadOptions): Promise<TimelineEvent[]> {
  const boots = await survive(
    () => findMeasuredBoots(tree, root, options),
    () => undefined,
    options,
  );
  const { path, written } = boots?.newest ?? {};
  return path === undefined || written === undefined || written === null ? [] : [event('started', written, null, path)];
}

/** Oldest first; an event is written at the restart after the crash, a dump at the crash. */
function crashesOf({ crash }: InstallationSubject): TimelineEvent[] {
  return (crash?.reports ?? [])
    .flatMap(({ time, code, codeName, module, path, source }) =>
      time === null || source === 'live-report'
        ? []
        : [event('crashed', time, [code, codeName, module].filter((one) => one !== null).join(' ') || null, path)],
    )
    .sort(byTime);
}

async function changesOf(subject: InstallationSubject, options: ReadOptions): Promise<TimelineEvent[]> {
  const orNothing = <T>(work: () => Promise<T>): Promise<T | undefined> => survive(work, () => undefined, options);
  const updates = await orNothing(() => subject.fact(servicingLog, options));
  const devices = await orNothing(() => readDeviceLog(subject.tree, subject.root, options));
  const drivers = await orNothing(() => subject.fact(bootStartFiles, options));
  const bias = subject.machine?.machine.timeZone;
  const minutes = bias?.activeBiasMinutes ?? bias?.biasMinutes ?? 0;
  return [...updatesOf(updates, minutes), ...devicesOf(devices, minutes), ...filesOf([...(drivers?.values() ?? [])])];
}

function updatesOf(log: ServicingLog | undefined, minutes: number): TimelineEvent[] {
  return (log?.packages ?? []).flatMap(({ name, time, result }) => {
    const at = utc(time, minutes);
    // The name of a package stands before its key, processor, language and version.
    return at === undefined ? [] : [event('update', at, withVersion(name), log?.path ?? '', result !== 0)];
  });
}

/** `Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.3930.1.9` without what is the same in all of them. */
function withVersion(name: string): string {
  const [title = name, , , , version] = name.split('~');
  return version === undefined || version === '' ? title : `${title} ${version}`;
}

function devicesOf(log: DeviceLog | undefined, minutes: number): TimelineEvent[] {
  return (log?.installations ?? []).flatMap(({ title, time, status }) => {
    const at = utc(time, minutes);
    return at === undefined
      ? []
      : [event('device', at, title, log?.path ?? '', status === undefined ? null : status !== 'SUCCESS')];
  });
}

function filesOf(files: readonly CheckedFile[]): TimelineEvent[] {
  return files.flatMap(({ path, file }) => {
    const at = fileTimeText(file?.modified);
    return at === null ? [] : [event('driver-file', at, path, path)];
  });
}

function event(
  kind: TimelineEvent['kind'],
  at: string,
  what: string | null,
  path: string,
  failed: boolean | null = null,
): TimelineEvent {
  return { kind, at, what, failed, path };
}

/** The UTC time of a log's local one. @param minutes - UTC = local time + minutes */
function utc(local: string, minutes: number): string | undefined {
  const time = parseFileTime(`${local.replace(' ', 'T')}Z`);
  const text = time === undefined ? undefined : fileTimeText(time);
  return text === undefined || text === null ? undefined : shifted(text, minutes * MINUTE_MS);
}

function shifted(iso: string, milliseconds: number): string {
  const time = parseFileTime(iso);
  if (time === undefined) return iso;
  return fileTimeText(fileTimeFromUnixMs(unixMsOfFileTime(time) + milliseconds)) ?? iso;
}
