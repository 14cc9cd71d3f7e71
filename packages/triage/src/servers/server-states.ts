import type { ImageReport, InstallationReport } from '../report/report-types.js';
import type { ServerState, StateTimeSource, UnsafeReason } from '../report/server-report.js';
import type { TimelineEvent } from '../report/timeline-report.js';
import { hostOf, identityOf, type ServerIdentity } from './server-identity.js';

/** A state, with what is needed to compare it with others. */
export interface FoundState {
  readonly state: ServerState;
  readonly identity: ServerIdentity;
  /** The server's name as it was read. */
  readonly name: string | null;
  readonly domain: string | null;
  readonly machineId: string | null;
  readonly changes: readonly TimelineEvent[];
}

/**
 * The states that an image holds: itself, or the snapshot that was opened, and the shadow copies that were looked at.
 */
export function statesOf(image: ImageReport): FoundState[] {
  const { installations } = image;
  const active = installations.filter((installation) => installation.active);
  const host = hostOf(image);
  const shared = {
    identity: identityOf(image),
    name: host?.computerName ?? host?.hostName ?? null,
    domain: host?.domain ?? null,
    machineId: host?.machineId ?? null,
  };
  const copies = installations.filter(({ shadowCopy }) => shadowCopy !== undefined);
  return [
    { ...shared, state: imageState(image, active), changes: active.flatMap(({ timeline }) => timeline?.changes ?? []) },
    ...copies.map((copy) => ({ ...shared, state: copyState(image, copy), changes: [] })),
  ];
}

function imageState(image: ImageReport, active: readonly InstallationReport[]): ServerState {
  const snapshot = snapshotOf(image);
  const time = newestOf(active);
  const unsafe = reasonsAgainst(image, active);
  return {
    path: image.path,
    kind: snapshot === undefined ? 'image' : 'snapshot',
    name: snapshot?.name ?? null,
    at: time?.at ?? snapshot?.taken ?? null,
    atFrom: time?.from ?? (snapshot?.taken === undefined ? null : 'taken'),
    safe: unsafe.length === 0,
    unsafe,
    severity: image.severity,
    verdict: image.verdict,
    cause: image.cause,
  };
}

/** A shadow copy is judged by its files alone: what its hives and its start are like nobody asked. */
function copyState({ path }: ImageReport, { shadowCopy, verdict, severity }: InstallationReport): ServerState {
  const at = momentOf(shadowCopy?.created) ?? null;
  return {
    path,
    kind: 'shadow-copy',
    name: String(shadowCopy?.number ?? ''),
    at,
    atFrom: at === null ? null : 'taken',
    safe: false,
    unsafe: severity === 'none' ? ['not-checked'] : ['verdict', 'not-checked'],
    severity,
    verdict,
    cause: null,
  };
}

/**
 * A state is safe when its files ask for nothing, its boot check is consistent and its hives are sound: those of every
 * Windows on the disk, since the report does not tell which of them the server runs.
 */
function reasonsAgainst(image: ImageReport, active: readonly InstallationReport[]): UnsafeReason[] {
  const reasons: UnsafeReason[] = [];
  if (
    image.unjudgedVolumes.some(({ verdict, couldHoldWindows }) => verdict === 'blocked-encrypted' && couldHoldWindows)
  )
    reasons.push('locked');
  if (active.length === 0) return reasons.length === 0 ? ['not-checked'] : reasons;
  if (image.severity !== 'none') reasons.push('verdict');
  if (image.starts === 'no' || image.starts === 'doubtful') reasons.push('start');
  const boots = active.map(({ boot }) => boot.verdict);
  if (image.starts === 'not-checked' || boots.includes('not-checked')) reasons.push('not-checked');
  else if (boots.some((verdict) => verdict !== 'consistent')) reasons.push('boot');
  const hives = active.flatMap((windows) => windows.hives);
  const unread = active.some((windows) => windows.hives.length === 0);
  // A hive whose newest changes are in its logs alone is sound: Windows takes them over at its next start.
  if (hives.some(({ verdict }) => verdict !== 'clean' && verdict !== 'recoverable')) reasons.push('hives');
  else if (unread && !reasons.includes('not-checked')) reasons.push('not-checked');
  return reasons;
}

/** A moment as a report tells it; what a journal has in place of one is none. */
function momentOf(text: unknown): string | undefined {
  return typeof text === 'string' && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

/** The latest moment that the installations of a disk tell of. */
function newestOf(active: readonly InstallationReport[]): { at: string; from: StateTimeSource } | undefined {
  const moments = active.flatMap(momentsOf).filter(({ at }) => momentOf(at) !== undefined);
  return moments.reduce<{ at: string; from: StateTimeSource } | undefined>(
    (best, moment) => (best === undefined || Date.parse(moment.at) > Date.parse(best.at) ? moment : best),
    undefined,
  );
}

function momentsOf({ sources, host }: InstallationReport): { at: string; from: StateTimeSource }[] {
  return [
    ...sources.flatMap(({ kind, newest }) =>
      newest === null
        ? []
        : [{ at: newest, from: kind === 'event-log' ? ('last-event' as const) : ('newest-record' as const) }],
    ),
    ...(host.lastShutdown === undefined ? [] : [{ at: host.lastShutdown, from: 'last-shutdown' as const }]),
  ];
}

/** The snapshot inside the image that was opened in place of its present state. */
function snapshotOf({ image: { details } }: ImageReport): { name: string; taken: string | undefined } | undefined {
  const { snapshot, snapshots } = details;
  if (!isRecord(snapshot)) return undefined;
  const known = Array.isArray(snapshots)
    ? snapshots.find((other) => isRecord(other) && other.id === snapshot.id)
    : null;
  const taken = isRecord(known) ? momentOf(known.taken) : undefined;
  const name = [snapshot.name, snapshot.id].find((label) => typeof label === 'string' && label !== '');
  return { name: typeof name === 'string' ? name : '', taken };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
