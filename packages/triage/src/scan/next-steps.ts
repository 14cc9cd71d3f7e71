import type { Json } from '@deadbox/core';
import type { EncryptionInfo, VolumeInfo } from '@deadbox/disk';
import type { InstallationReport } from '../report/report-types.js';
import type { NextStep, ScanStepId } from '../report/rule-result.js';

/**
 * What to do about one installation, in the order to try it (docs/verdicts.md, "Remedies"): the rules' steps, then
 * those of the scan.
 */
export function nextSteps(
  installation: Omit<InstallationReport, 'nextSteps'>,
  volumes: readonly VolumeInfo[],
): NextStep[] {
  const steps: NextStep[] = [];
  const add = (id: ScanStepId, data: Record<string, Json> = {}): void => {
    if (!steps.some((step) => step.id === id)) steps.push({ id, data });
  };
  if (installation.severity === 'act' || installation.boot.severity === 'act') add('copy-first');
  for (const step of installation.rules.flatMap((result) => result.nextSteps)) {
    if (step.text === undefined) add(step.id, step.data);
    else steps.push(step);
  }
  const volume = volumes.find(({ number }) => number === installation.volume);
  const encryption: EncryptionInfo | undefined = volume?.encryption;
  // One file has another drive letter in each step that removes it.
  const doomed = [
    ...new Map(
      steps
        .flatMap(({ data }) => [data.paths].flat())
        .filter((path) => typeof path === 'string')
        .map((path) => [path.replace(/^[A-Z]:/i, '').toUpperCase(), path]),
    ).values(),
  ];
  if (doomed.length > 0 && installation.severity === 'act' && volume?.encryption.verdict === 'none') {
    const { offset, length, number } = volume;
    add('remove-on-linux', { offset, length, volume: number, paths: doomed });
  }
  if (encryption?.keyProtectors.some(({ type }) => type.startsWith('tpm')) === true) add('tpm-bound');
  for (const { path, verdict } of installation.hives) {
    if (verdict === 'damaged' || verdict === 'at-risk' || verdict === 'missing')
      steps.push({ id: 'mend-hive', data: { path, verdict } });
  }
  for (const remedy of installation.boot.remedies) {
    add(`boot-${remedy}`, {
      former: installation.boot.identity?.former ?? null,
      current: installation.boot.identity?.current ?? null,
    });
  }
  if (volume?.ntfs !== undefined && HIBERNATED.has(volume.ntfs.hibernation)) {
    add('hibernated');
    return inOrder(steps.filter(({ id }) => UNWRITING.has(id)));
  }
  return inOrder(steps);
}

/** States in which changes wait in a memory image: whoever writes to the volume destroys them, or the volume. */
const HIBERNATED: ReadonlySet<string> = new Set(['hibernated', 'restoring']);
/** Steps that write nothing to the volume. */
const UNWRITING: ReadonlySet<string> = new Set([
  'copy-first',
  'hibernated',
  'keep-disk-identity',
  'tpm-bound',
  'domain-controller',
]);

/** What must be known before the steps that it warns of. */
const BEFORE: readonly string[] = [
  'copy-first',
  'repair-in-place',
  'hibernated',
  'keep-disk-identity',
  'tpm-bound',
  'domain-controller',
];

/** A copy first, then warnings, then what is to be done, and a backup last: it costs whatever was written since. */
function inOrder(steps: readonly NextStep[]): NextStep[] {
  const rank = ({ id }: NextStep): number => {
    if (BEFORE.includes(id)) return BEFORE.indexOf(id);
    return id.includes('backup') ? BEFORE.length + 1 : BEFORE.length;
  };
  return steps.toSorted((left, right) => rank(left) - rank(right));
}
