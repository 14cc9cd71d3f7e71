import { allFormats } from '@deadbox/image';
import { mayBeStale } from '../obstacles/obstacles.js';
import type { ImageReport, InstallationReport } from '../report/report-types.js';
import type { NextStep } from '../report/rule-result.js';
import { SHIPPED_RULES } from '../rules/shipped-rules.js';
import { proposeRepairs } from './propose-repairs.js';

/**
 * The repair in place among the next steps, where `deadbox fix` would propose one and nothing in the report forbids it.
 */
export function withRepairStep(report: ImageReport): ImageReport {
  // Only a file or a device can be written or mounted; the rules that a user brought are not those of a plain `fix`.
  if (/^https?:\/\//i.test(report.path)) return withoutMount(report);
  if (mayBeStale(report.obstacles) || !canChange(report)) return report;
  const installations = report.installations.map((installation) => {
    const alone = reportOf(report, installation);
    if (!installation.active || isHibernated(report, installation) || proposeRepairs(alone, SHIPPED_RULES).length === 0)
      return installation;
    return { ...installation, nextSteps: withStep(installation.nextSteps, stepOf(report, installation)) };
  });
  return { ...report, installations };
}

function withoutMount(report: ImageReport): ImageReport {
  const installations = report.installations.map((installation) => ({
    ...installation,
    nextSteps: installation.nextSteps.filter(({ id }) => id !== 'remove-on-linux'),
  }));
  return { ...report, installations };
}

/** The report as far as it concerns one installation. */
function reportOf(report: ImageReport, installation: InstallationReport): ImageReport {
  const causes = report.causes.filter(
    (cause) =>
      cause.installation === null || (cause.installation === installation.root && cause.volume === installation.volume),
  );
  return { ...report, installations: [installation], causes };
}

/** Whether the image can be written in place, or a new file over it. */
function canChange({ image }: ImageReport): boolean {
  const format = allFormats.find(({ id }) => id === image.format);
  return format?.storesVerbatim === true || format?.qemuDrivers?.[0] !== undefined;
}

function isHibernated({ volumes }: ImageReport, { volume }: InstallationReport): boolean {
  const state = volumes.find(({ number }) => number === volume)?.ntfs?.hibernation;
  return state !== undefined && state !== 'none';
}

function stepOf({ volumes }: ImageReport, { volume }: InstallationReport): NextStep {
  const encryption = volumes.find(({ number }) => number === volume)?.encryption;
  const withKeys =
    encryption?.verdict === 'unlocked' && !encryption.keyProtectors.some(({ type }) => type === 'clear-key');
  return { id: 'repair-in-place', data: { withKeys } };
}

/** A copy is made before anything is changed. */
function withStep(steps: readonly NextStep[], step: NextStep): NextStep[] {
  const copyFirst = steps.findIndex(({ id }) => id === 'copy-first');
  return [...steps.slice(0, copyFirst + 1), step, ...steps.slice(copyFirst + 1)];
}
