import { type FailedImage, type ImageReport, isFailedImage } from '../report/report-types.js';
import type { LostSince, ServerReport } from '../report/server-report.js';
import { groupStates, type StateGroup } from './group-states.js';
import { type FoundState, statesOf } from './server-states.js';

/**
 * The images of a run by the server that they are of, each with its states in time and the newest that is safe to
 * restore. Images that hold no Windows and are like no other, and those that could not be opened, are no server's.
 */
export function findServers(images: Iterable<ImageReport | FailedImage>): ServerReport[] {
  const found: FoundState[][] = [];
  for (const image of images) if (!isFailedImage(image)) found.push(statesOf(image));
  return groupStates(found)
    .filter(({ states }) => states.length > 1 || states.some(({ name, machineId }) => (name ?? machineId) !== null))
    .map(describe);
}

function describe({ states, reasons }: StateGroup): ServerReport {
  const sorted = [...states].sort(compareTimes);
  const known = (key: 'name' | 'domain' | 'machineId'): string | null =>
    sorted.map((found) => found[key]).find((value) => value !== null) ?? null;
  const safe = sorted.findIndex(({ state }) => state.safe);
  return {
    name: known('name'),
    domain: known('domain'),
    machineId: known('machineId'),
    sameBy: [...reasons].sort(),
    states: sorted.map(({ state }) => state),
    newestSafe: safe < 0 ? null : safe,
    lost: safe <= 0 ? null : lostBetween(sorted[safe], sorted),
  };
}

/** The newest first; those of an unknown time last. */
function compareTimes(a: FoundState, b: FoundState): number {
  const time = ({ state }: FoundState): number => (state.at === null ? Number.NEGATIVE_INFINITY : Date.parse(state.at));
  const [left, right] = [time(a), time(b)];
  return left === right ? 0 : right > left ? 1 : -1;
}

function lostBetween({ state: { at: from } }: FoundState, sorted: readonly FoundState[]): LostSince | null {
  const to = sorted[0]?.state.at ?? null;
  if (from === null || to === null) return null;
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const changes = new Map(
    sorted
      .flatMap((found) => found.changes)
      .filter(({ at }) => Date.parse(at) > begin && Date.parse(at) <= end)
      .map((change) => [`${change.at} ${change.kind} ${change.what}`, change]),
  );
  const inOrder = [...changes.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { from, to, milliseconds: end - begin, changes: inOrder };
}
