import type { Json } from '@deadbox/core';
import type { EncryptionInfo, VolumeInfo } from '@deadbox/disk';
import type { InstallationReport } from '../report/report-types.js';
import type { NextStep, ScanStepId } from '../report/rule-result.js';

/** What to do about one installation, in the order to try it (docs/verdicts.md, "Remedies"): the rules' steps, then those of the scan. */
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
  const encryption: EncryptionInfo | undefined = volumes.find(
    ({ number }) => number === installation.volume,
  )?.encryption;
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
  return steps;
}
