import { readdirSync } from 'node:fs';
import { CountingSource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { FoundCause } from '../../../packages/triage/src/causes/cause.js';
import type { DiskDetector, VolumeDetector } from '../../../packages/triage/src/causes/detector.js';
import { healthyDisk } from '../../support/healthy/healthy-disk.js';
import { type Hostility, sickTables, sickWindows } from '../../support/triage/hostile-windows.js';

type Detector = Pick<DiskDetector, 'causes'> & Record<'detect', (...args: never[]) => Promise<readonly FoundCause[]>>;

/** Every detector that is registered, by the list it stands in and the first cause that it may find. */
async function registered(): Promise<ReadonlyMap<string, Detector>> {
  const causes = new URL('../../../packages/triage/src/causes/', import.meta.url);
  const found = new Map<string, Detector>();
  for (const entry of readdirSync(causes, { recursive: true, encoding: 'utf8' })) {
    if (!/(?:^|[\\/])detectors\.ts$/.test(entry)) continue;
    const lists: Record<string, readonly (DiskDetector | VolumeDetector)[]> = await import(
      /* @vite-ignore */ new URL(entry, causes).pathname
    );
    for (const [list, detectors] of Object.entries(lists))
      for (const detector of detectors) found.set(`${list} ${detector.causes[0]}`, detector);
  }
  return found;
}

/** On which disks the inputs of a detector are hostile. */
const ATTACKED: Readonly<Record<string, readonly Hostility[]>> = {
  'BOOT_MANAGER_DETECTORS bcd-bootsequence': ['types', 'numbers'],
  'BOOT_MANAGER_DETECTORS bcd-default-setup': ['texts', 'types', 'numbers'],
  'BOOT_MANAGER_DETECTORS recovery-loop': ['types', 'files'],
  'CRASH_DETECTORS ci-blocked-driver': ['lists', 'types', 'files'],
  'CRASH_DETECTORS driver-verifier': ['lists', 'texts', 'types', 'numbers'],
  'CRASH_DETECTORS third-party-crash': ['lists', 'types', 'files'],
  'DATA_DETECTORS hibernated-mismatch': ['files', 'volume'],
  'DATA_DETECTORS ntfs-attrlist-name-offset': ['volume'],
  'DATA_DETECTORS ntfs-boot-sector': ['volume'],
  'DATA_DETECTORS ntfs-index-or-record-bad': ['volume'],
  'DATA_DETECTORS ntfs-log-unreplayable': ['volume'],
  'DATA_DETECTORS ntfs-mft-head': ['volume'],
  'DATA_DETECTORS volume-compressed-core': ['files', 'volume'],
  'DATA_DISK_DETECTORS disk-read-only': ['types', 'volume'],
  'FIRMWARE_DETECTORS bitlocker-will-ask': ['types', 'volume', 'tables'],
  'FIRMWARE_DETECTORS boot-manager-damaged': ['files'],
  'FIRMWARE_DETECTORS bootmgr-missing': ['tables'],
  'FIRMWARE_DETECTORS damaged-table-or-boot-sector': ['volume', 'tables'],
  'FIRMWARE_DETECTORS drive-letter-moved': ['types', 'volume'],
  'FIRMWARE_DETECTORS efi-entry-mismatch': ['files', 'volume'],
  'FIRMWARE_DETECTORS efi-fallback-missing': ['files'],
  'FIRMWARE_DETECTORS esp-missing': ['files', 'volume'],
  'FIRMWARE_DETECTORS gpt-blank-entry': ['volume'],
  'FIRMWARE_DETECTORS image-truncated': ['volume', 'tables'],
  'FIRMWARE_DETECTORS layout-vs-firmware': ['types', 'tables'],
  'FIRMWARE_DETECTORS mbr-no-signature': ['tables'],
  'FIRMWARE_DETECTORS secure-boot-state': ['types', 'files'],
  'FIRMWARE_DETECTORS vbr-no-code': ['tables'],
  'KERNEL_DETECTORS boot-device-disabled': ['lists', 'texts', 'types', 'numbers'],
  'KERNEL_DETECTORS boot-driver-file-bad': ['lists', 'texts', 'types', 'numbers', 'files'],
  'KERNEL_DETECTORS boot-driver-not-boot': ['lists', 'types', 'numbers'],
  'KERNEL_DETECTORS class-filter-dangling': ['lists', 'texts', 'types'],
  'KERNEL_DETECTORS elam-good-only': ['types', 'numbers'],
  'KERNEL_DETECTORS storage-driver-absent': ['lists', 'types', 'numbers'],
  'KERNEL_DETECTORS xen-residue': ['lists', 'texts', 'types'],
  'LOADER_DETECTORS catalog-store-damaged': ['files'],
  'LOADER_DETECTORS ci-policy-bad': ['files'],
  'LOADER_DETECTORS core-file-bad': ['files'],
  'LOADER_DETECTORS loader-file-bad': ['files'],
  'LOADER_DETECTORS nls-file-bad': ['texts'],
  'LOADER_DETECTORS os-expired': ['types'],
  'LOADER_DETECTORS select-broken': ['numbers'],
  'LOADER_DISK_DETECTORS ci-policy-bad': ['files'],
  'LOGON_DETECTORS ifeo-hijack': ['texts', 'types', 'numbers'],
  'LOGON_DETECTORS lsa-package-missing': ['lists', 'texts', 'types'],
  'LOGON_DETECTORS profile-broken': ['texts', 'types'],
  'LOGON_DETECTORS rpc-host-split': ['texts', 'numbers'],
  'LOGON_DETECTORS service-critical': ['texts', 'types', 'numbers'],
  'LOGON_DETECTORS winlogon-values': ['texts', 'types'],
  'LOGON_DISK_DETECTORS ntds-unavailable': ['texts', 'files'],
  'SESSION_DETECTORS boot-execute-dangling': ['lists', 'texts'],
  'SESSION_VOLUME_DETECTORS chkdsk-each-boot': ['lists', 'volume'],
  'SESSION_DETECTORS core-process-bad': ['files'],
  'SESSION_VOLUME_DETECTORS disk-full': ['volume'],
  'SESSION_DETECTORS known-dlls': ['lists', 'texts', 'types'],
  'SESSION_DETECTORS pagefile-other-disk': ['lists', 'texts'],
  'SESSION_DETECTORS pending-renames': ['lists'],
  'SESSION_DETECTORS servicing-log-full': ['files'],
  'SESSION_DETECTORS servicing-stuck': ['lists', 'types', 'files'],
  'SESSION_DETECTORS session-manager-key': ['lists', 'texts', 'types'],
  'SESSION_DETECTORS setup-mode-command': ['texts', 'numbers'],
  'SESSION_DETECTORS sysprep-interrupted': ['types'],
  'SESSION_DETECTORS update-mixed': ['files', 'numbers'],
  'SESSION_DETECTORS upgrade-interrupted': ['types', 'files'],
};
const HOSTILITIES = ['lists', 'texts', 'types', 'numbers', 'files', 'volume', 'tables'] as const;

interface Outcome {
  readonly report: ImageReport;
  /** Ids that each detector found. */
  readonly found: ReadonlyMap<string, readonly string[]>;
  readonly reads: number;
  readonly bytes: number;
}

let detectors: ReadonlyMap<string, Detector>;
const sick = new Map<'tables' | 'windows', Outcome>();

/** Scans a disk and keeps which causes each detector found. */
async function scanned(options: Parameters<typeof healthyDisk>[0]): Promise<Outcome> {
  const found = new Map<string, readonly string[]>();
  for (const [name, detector] of detectors) {
    const detect = detector.detect.bind(detector);
    vi.spyOn(detector, 'detect').mockImplementation(async (...args) => {
      // What damage ends found nothing, and is a doubt.
      found.set(name, []);
      const causes = await detect(...args);
      found.set(name, [...new Set(causes.map(({ id }) => id))]);
      return causes;
    });
  }
  const counting = new CountingSource(await healthyDisk(options));
  const disk = await openDisk(counting, { name: 'server.raw' });
  try {
    return { report: await scanDisk(disk), found, reads: counting.reads, bytes: counting.bytes };
  } finally {
    await disk.close();
    vi.restoreAllMocks();
  }
}

/** Whether a cause of the detector is among what the report calls undecided. */
function isDoubted({ issues }: ImageReport, { causes }: Detector): boolean {
  const undecided = issues.flatMap(({ data }) => (Array.isArray(data.causes) ? data.causes : []));
  return causes.some((id) => undecided.includes(id));
}

beforeAll(async () => {
  detectors = await registered();
  sick.set('windows', await scanned(sickWindows()));
  sick.set('tables', await scanned(sickTables(false)));
});

test('every detector is attacked through its inputs', () => {
  expect(Object.keys(ATTACKED).toSorted()).toEqual([...detectors.keys()].toSorted());
  expect(detectors.size).toBeGreaterThan(60);
});

test('most detectors find something on the disks on which hostile inputs could hide it', () => {
  const found = [...sick.values()].flatMap((outcome) => [...outcome.found.values()].filter((ids) => ids.length > 0));
  expect(found.length).toBeGreaterThan(33);
});

describe.each(HOSTILITIES)('hostile %s', (hostility) => {
  let outcome: Outcome;
  beforeAll(async () => {
    outcome = await scanned(hostility === 'tables' ? sickTables(true) : sickWindows(hostility));
  });

  test('lose nothing that was found before: each detector still finds something, or says that it cannot tell', () => {
    const before = sick.get(hostility === 'tables' ? 'tables' : 'windows');
    const silent = [...detectors].filter(
      ([name, detector]) =>
        (before?.found.get(name) ?? []).length > 0 &&
        (outcome.found.get(name) ?? []).length === 0 &&
        !isDoubted(outcome.report, detector),
    );
    // Without a table that can be read nobody looks for Windows, and the image is unreadable.
    expect(hostility === 'tables' ? [] : silent.map(([name]) => name)).toEqual([]);
    expect(outcome.report.severity).not.toBe('none');
    expect(outcome.report.starts).not.toBe('nothing-found');
  });

  test('reach every detector that reads them', () => {
    const attacked = Object.keys(ATTACKED).filter((name) => ATTACKED[name].includes(hostility));
    expect(attacked.length).toBeGreaterThan(5);
    expect(hostility === 'tables' ? [] : attacked.filter((name) => !outcome.found.has(name))).toEqual([]);
  });

  test('cost no more than their size explains, and end in a report that a person can read', () => {
    expect(outcome.reads).toBeLessThan(400);
    expect(outcome.bytes).toBeLessThan(24 << 20);
    const { causes, issues } = outcome.report;
    expect(causes.length).toBeLessThan(200);
    expect(issues.length).toBeLessThan(40);
  });
});
