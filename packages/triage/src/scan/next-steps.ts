import type { Json } from '@deadbox/core';
import type { EncryptionInfo } from '@deadbox/disk';
import type { ImageReport, InstallationReport } from '../report/report-types.js';

/** One thing to do: an id with the facts that its sentence needs. */
export interface NextStep {
  readonly id: string;
  readonly data: Record<string, Json>;
}

/** What to do about one installation, in the order to try it (docs/verdicts.md, "Remedies"). */
export function nextSteps(installation: InstallationReport, image: Pick<ImageReport, 'volumes'>): NextStep[] {
  const steps: NextStep[] = [];
  const add = (id: string, data: Record<string, Json> = {}): void => void steps.push({ id, data });
  const faulty = installation.files.filter((file) => file.class === 'faulty-window' && !file.deleted);
  const acts = installation.severity === 'act';
  if (acts || installation.boot.severity === 'act') add('copy-first');
  if (acts && faulty.length > 0) {
    const paths = faulty.map((file) => windowsPath(file.path));
    add('wait-for-self-healing');
    add('safe-mode', { paths: paths.map((path) => `C:${path}`) });
    add('offline-helper', { paths: paths.map((path) => `X:${path}`) });
    add('keep-disk-identity');
    if (installation.host.productType === 'domain-controller') add('domain-controller');
    else add('restore-backup');
  }
  if (installation.verdict === 'superseded')
    add('tidy-up', { paths: faulty.map((file) => `C:${windowsPath(file.path)}`) });
  const encryption: EncryptionInfo | undefined = image.volumes.find(
    ({ number }) => number === installation.volume,
  )?.encryption;
  if (encryption?.keyProtectors.some(({ type }) => type.startsWith('tpm')) === true) add('tpm-bound');
  for (const hive of installation.hives) {
    if (hive.verdict === 'damaged' || hive.verdict === 'at-risk' || hive.verdict === 'missing')
      add('mend-hive', { path: hive.path, verdict: hive.verdict });
  }
  for (const remedy of installation.boot.remedies) {
    add(`boot-${remedy}`, {
      former: installation.boot.identity?.former ?? null,
      current: installation.boot.identity?.current ?? null,
    });
  }
  addSensorSteps(installation, add);
  return steps;
}

/** A sensor that responders switched off or renamed stays so until somebody undoes it. */
function addSensorSteps(
  installation: InstallationReport,
  add: (id: string, data?: Record<string, Json>) => void,
): void {
  const sensor = installation.host.sensor as { disabled?: boolean; renamed?: Json[] } | undefined;
  if (sensor?.disabled === true)
    add('enable-sensor', { hive: `X:${windowsPath(installation.root)}\\System32\\config\\SYSTEM` });
  if (sensor?.renamed !== undefined && sensor.renamed.length > 0) add('rename-sensor-back', { names: sensor.renamed });
}

function windowsPath(path: string): string {
  return path.replaceAll('/', '\\');
}
