import { type ReadOptions, unlessDamaged } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { type BootCheck, checkBoot, type OpenMachine } from '@deadbox/windows';
import type { BootReport } from '../report/report-types.js';
import { type Severity, worseSeverity } from '../report/words.js';
import { bootDiskOf, type DiskBootStores, findDiskBootStores } from './boot-stores.js';

/** An installation whose hives were read. */
export interface ExaminedInstallation {
  /** 1-based volume number. */
  readonly volume: number;
  /** Path of the Windows folder. */
  readonly root: string;
  /** Its machine, with the hives open. */
  readonly opened: OpenMachine;
}

/** Verdict words of the boot check by how urgent they are. */
const SEVERITY: Readonly<Record<BootCheck['verdict'], Severity>> = {
  consistent: 'none',
  'not-checked': 'none',
  'no-system-partition': 'none',
  'identity-changed': 'act',
  'partition-missing': 'review',
  'loader-missing': 'review',
  'default-entry-missing': 'review',
  'converted-disk': 'review',
  'store-missing': 'review',
  'store-damaged': 'review',
};

/** How urgent a boot verdict is. */
export function bootSeverity(verdict: BootCheck['verdict']): Severity {
  return SEVERITY[verdict];
}

/** Checks the disk's boot store(s) against the disk they lie on. */
export async function checkDiskBoot(
  disk: Disk,
  installations: readonly ExaminedInstallation[],
  options: ReadOptions,
  found?: DiskBootStores,
): Promise<BootReport> {
  const { stores, unreadable } = found ?? (await findDiskBootStores(disk, options));
  let unread = false;
  const check = await checkBoot({
    disk: bootDiskOf(disk),
    stores,
    unreadable,
    hasWindows: installations.length > 0,
    exists: async (partition, path) => {
      const there = await exists(disk, partition, path, options);
      if (there === 'unreadable') unread = true;
      return there === 'unreadable' ? undefined : there;
    },
    mountedDevices: installations.map(({ volume, root, opened }) => ({
      partition: volume,
      path: `${root}/System32/config/SYSTEM`,
      devices: opened.machine.mountedDevices,
    })),
  });
  const report = describeCheck(check);
  // What nobody could look for is not known to be there.
  return unread ? { ...report, severity: worseSeverity(report.severity, 'review') } : report;
}

/** `undefined`: the volume is locked or not there. */
async function exists(
  disk: Disk,
  partition: number,
  path: string,
  options: ReadOptions,
): Promise<boolean | 'unreadable' | undefined> {
  const volume: Volume | undefined = disk.volumes.find((candidate) => candidate.number === partition);
  if (volume === undefined || volume.locked) return undefined;
  const look = async (): Promise<boolean> =>
    (await (await volume.fileTree(options)).lookup(path, options)) !== undefined;
  return unlessDamaged(look, 'unreadable', options);
}

function describeCheck(check: BootCheck): BootReport {
  const { verdict, findings, codes, remedies, store = null, identity, entries, flags } = check;
  const severity = bootSeverity(verdict);
  return {
    verdict,
    // A store that was not read to its end may hold anything.
    severity: isTooLong(check) ? worseSeverity(severity, 'review') : severity,
    findings: [...findings],
    codes: [...codes],
    remedies: [...remedies],
    store,
    identity: identity === undefined ? null : identityOf(identity),
    entries: plain(entries),
    flags: plain(flags),
  };
}

/** Whether the store goes on behind what was read, so that nothing is concluded from it. */
export function isTooLong({ findings }: Pick<BootReport, 'findings'>): boolean {
  return findings.some(({ id }) => id === 'store-too-long');
}

function identityOf({ current, former, witnesses }: NonNullable<BootCheck['identity']>): BootReport['identity'] {
  return { current, former: former ?? null, witnesses: plain(witnesses) };
}

/** A copy without members that are `undefined`: as the report's JSON has it. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
