import type { ReadOptions } from '@deadbox/core';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { DiskDetector } from '../detector.js';
import { noted } from '../disk-cause.js';
import { measuredBoots } from './firmware-entry.js';
import { isUefiDisk } from './start-disk.js';

/**
 * Steps of Secure Boot servicing that Windows asks for, by their bits in `AvailableUpdates` (Microsoft, "Windows Boot
 * Manager revocations for Secure Boot changes"). Other bits are set on machines that wait for nothing.
 */
const STEPS: readonly (readonly [bit: number, step: string])[] = [
  [0x40, 'ca-2023'],
  [0x80, 'revoke-2011'],
  [0x100, 'boot-manager-2023'],
  [0x200, 'version-number'],
];

/** What Secure Boot servicing still has to do, and whether the last measured start had Secure Boot on. */
export const SECURE_BOOT_STATE: DiskDetector = {
  causes: ['secure-boot-state'],
  async detect(subject, options) {
    if (!(await isUefiDisk(subject, options))) return [];
    const found = [];
    for (const installation of subject.installations) {
      const data = await pendingSteps(installation, options);
      if (data === undefined) continue;
      const secureBoot = (await installation.fact(measuredBoots, options))?.newest?.log?.secureBoot ?? null;
      found.push({
        ...noted('secure-boot-state', 'hint', { volume: installation.volume.number, data: { ...data, secureBoot } }),
        installation: installation.root,
      });
    }
    return found;
  },
};

async function pendingSteps(
  installation: InstallationSubject,
  options: ReadOptions,
): Promise<{ updates: number; steps: string[]; status: string | null } | undefined> {
  const set = await installation.controlSet(options);
  const key = await set?.key.key('Control\\SecureBoot');
  const updates = await key?.number('AvailableUpdates');
  if (key === undefined || updates === undefined) return undefined;
  const steps = STEPS.filter(([bit]) => (updates & bit) !== 0).map(([, step]) => step);
  if (steps.length === 0) return undefined;
  const status = await (await key.key('Servicing'))?.text('UEFICA2023Status');
  return { updates, steps, status: status ?? null };
}
