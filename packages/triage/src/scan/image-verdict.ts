import type { Disk } from '@deadbox/disk';
import { hiveSeverity } from '../machine/machine-report.js';
import type { InstallationReport, UnjudgedVolume } from '../report/report-types.js';
import { compareSeverity, type Severity, VERDICT_ORDER, worseSeverity } from '../report/words.js';

/** A volume of this size could hold Windows even when it is not the largest. */
const COULD_HOLD_WINDOWS = 4 * 2 ** 30;

/** The volumes that nobody can judge as they are: locked, damaged or unrecognised. */
export function unjudgedVolumes(disk: Disk, failures: ReadonlyMap<number, string>): UnjudgedVolume[] {
  const largest = Math.max(...disk.volumes.map((volume) => volume.length));
  return disk.volumes.flatMap((volume) => {
    const reason = volume.locked ? (volume.encryption.product ?? 'encryption') : failures.get(volume.number);
    if (reason === undefined || volume.role === 'microsoft-reserved') return [];
    const couldHoldWindows = volume.length >= COULD_HOLD_WINDOWS || volume.length === largest;
    return [
      { volume: volume.number, verdict: volume.locked ? 'blocked-encrypted' : 'unreadable', couldHoldWindows, reason },
    ];
  });
}

/** The image's verdict: the worst of its active installations and of the volumes that nobody can judge. */
export function judgeImage(
  installations: readonly InstallationReport[],
  unjudged: readonly UnjudgedVolume[],
  disk: Disk,
): { verdict: string; severity: Severity } {
  const active = installations.filter((found) => found.active);
  const barriers = unjudged
    // A small locked volume counts when nothing else was found; a small unrecognised one (empty, foreign) does not.
    .filter((volume) => volume.couldHoldWindows || (active.length === 0 && volume.verdict === 'blocked-encrypted'))
    .map(({ verdict }) => ({ verdict: verdict as string, severity: 'attention' as Severity }));
  const all = [...active.map(({ verdict, severity }) => ({ verdict, severity })), ...barriers];
  if (all.length === 0) {
    if (disk.volumes.length === 0 && disk.encryption.length > 0)
      return { verdict: 'blocked-encrypted', severity: 'attention' };
    // A damaged table may hide the very partition that is looked for.
    const damaged = disk.volumes.length === 0 || disk.table.issues.some((issue) => issue.severity === 'error');
    return { verdict: damaged ? 'unreadable' : 'no-windows', severity: 'attention' };
  }
  const worst = [...all].sort(
    (a, b) => rankOf(a.verdict) - rankOf(b.verdict) || compareSeverity(a.severity, b.severity),
  )[0];
  const severities = [
    ...all.map(({ severity }) => severity),
    ...active.flatMap((found) => [found.boot.severity, ...found.hives.map(hiveSeverity)]),
  ];
  return { verdict: worst?.verdict ?? 'no-windows', severity: severities.reduce(worseSeverity, 'none') };
}

/** Place in the order of badness; words of other rules count as a review. */
function rankOf(verdict: string): number {
  const rank = VERDICT_ORDER.indexOf(verdict);
  return rank < 0 ? VERDICT_ORDER.indexOf('review') : rank;
}
