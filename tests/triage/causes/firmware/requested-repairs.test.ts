import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { boolean, fileDevice, gptDevice, guidBytes, LOADER, RECOVERY, RESUME } from '../../../support/bcd-writer.js';
import {
  HEALTHY_DISK_ID,
  HEALTHY_ESP_ID,
  HEALTHY_WINDOWS_ID,
  type HealthyOptions,
  healthyDisk,
} from '../../../support/healthy/healthy-disk.js';
import { bootOption, filePath, variable, writeMeasuredLog } from '../../../support/measured-boot-writer.js';
import { asking, reportOf, requestsOf } from '../../../support/triage/found-causes.js';

const BASIC_DATA = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
const EFI_SYSTEM = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const SYSTEM_HIVE = '/Windows/System32/config/SYSTEM';
const STORE = { volume: 1, path: '/EFI/Microsoft/Boot/BCD', object: '9DEA862C-5CDD-4E70-ACC1-F32B344D4795' };
const letter = (id: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([...new TextEncoder().encode('DMIO:ID:'), ...guidBytes(id)]);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const FORMER_ESP = 'A1B2C3D4-0102-0304-0506-0708090A0B0C';
const MANAGER_FILE = '\\EFI\\Microsoft\\Boot\\bootmgfw.efi';
const idOf = (braced: string): string => braced.slice(1, -1).toUpperCase();

const CASES: readonly (readonly [id: string, options: HealthyOptions, request: object])[] = [
  [
    'mbr-no-signature',
    { firmware: 'bios', patch: (disk) => disk.write(510, new Uint8Array(2)) },
    { operation: 'restore-boot-signature' },
  ],
  [
    'mbr-no-active',
    { firmware: 'bios', patch: (disk) => disk.write(0x1be, new Uint8Array(1)) },
    { operation: 'set-active-partition', partition: 1 },
  ],
  [
    'mbr-two-active',
    { firmware: 'bios', patch: (disk) => disk.write(0x1ce, Uint8Array.of(0x80)) },
    { operation: 'set-active-partition', partition: 1 },
  ],
  [
    'vbr-no-code',
    { firmware: 'bios', patch: (disk, { system }) => disk.write(system + 0x54, new Uint8Array(510 - 0x54)) },
    { operation: 'restore-boot-sector', volume: 1 },
  ],
  [
    'vbr-no-code',
    { firmware: 'bios', patch: (disk, { system }) => disk.write(system + 510, new Uint8Array(2)) },
    { operation: 'restore-boot-sector', volume: 1 },
  ],
  [
    'vbr-hidden-sectors',
    { firmware: 'bios', patch: (disk, { system }) => disk.write(system + 0x1c, new Uint8Array(4)) },
    { operation: 'set-hidden-sectors', volume: 1 },
  ],
  [
    'esp-type-wrong',
    {
      change({ gpt }) {
        if (gpt[0] !== undefined) gpt[0].type = BASIC_DATA;
      },
    },
    { operation: 'set-partition-entry', partition: 1, type: EFI_SYSTEM },
  ],
  [
    'partition-hidden',
    {
      change({ gpt }) {
        if (gpt[2] !== undefined) gpt[2].attributes = (1n << 62n) | (1n << 60n);
      },
    },
    { operation: 'set-partition-entry', partition: 3, clear: [60, 62] },
  ],
  [
    'drive-letter-moved',
    { change: ({ system }) => void (system.MountedDevices = { '\\DosDevices\\C:': letter(HEALTHY_ESP_ID) }) },
    {
      operation: 'set-registry-value',
      volume: 3,
      path: SYSTEM_HIVE,
      key: 'MountedDevices',
      value: '\\DosDevices\\C:',
      to: hexOf(letter(HEALTHY_WINDOWS_ID)),
    },
  ],
  [
    'bcd-resume-stale',
    { change: ({ store }) => void (store.manager = { '26000005': boolean(true) }) },
    { operation: 'set-boot-element', ...STORE, element: '26000005', to: false },
  ],
  [
    'bcd-debug-wait',
    { change: ({ store }) => void (store.loader = { '260000a0': boolean(true) }) },
    { operation: 'set-boot-element', ...STORE, object: idOf(LOADER), element: '260000a0', to: false },
  ],
  [
    'bcd-bootsequence',
    { change: ({ store }) => void (store.manager = { '24000002': ['{00000000-1111-2222-3333-444444444444}'] }) },
    { operation: 'remove-boot-element', ...STORE, element: '24000002' },
  ],
  [
    'bcd-default-setup',
    {
      change({ store, files }) {
        const path = '\\Recovery\\WindowsRE\\Winre.wim';
        store.recovery = fileDevice(HEALTHY_WINDOWS_ID, HEALTHY_DISK_ID, path, RESUME);
        store.manager = { '23000003': RECOVERY };
        files[path.replaceAll('\\', '/')] = { content: new Uint8Array(64).fill(1) };
      },
    },
    { operation: 'set-boot-element', ...STORE, element: '23000003', to: LOADER },
  ],
  [
    'efi-entry-mismatch',
    {
      change({ store, files }) {
        // The partition was made anew: the firmware and the store know the former one.
        store.system = gptDevice(FORMER_ESP, HEALTHY_DISK_ID);
        const path = filePath({ number: 1, startLba: 2048, sizeLba: 131_072, id: FORMER_ESP }, MANAGER_FILE);
        const option = variable(0x8000_0002, 'Boot0000', bootOption('Windows Boot Manager', path));
        files['/Windows/Logs/MeasuredBoot/0000000004-0000000000.log'] = { content: writeMeasuredLog([option]) };
      },
    },
    { operation: 'set-partition-entry', partition: 1, id: FORMER_ESP },
  ],
];

test.each(CASES)(
  '%s asks for the change in place that cures it, and the disk is healthy after it',
  async (id, options, request) => {
    const disk = await healthyDisk(options);
    const report = await reportOf(disk);
    expect(requestsOf(report, id)).toEqual([request]);
    await repair(disk, report, id);
    expect(asking(await reportOf(disk))).toEqual([]);
  },
);

/** Writes the plan for what the cause asks for. */
async function repair(disk: Awaited<ReturnType<typeof healthyDisk>>, report: ImageReport, id: string): Promise<void> {
  const opened = await openDisk(disk, { name: 'server.raw' });
  const requests = report.causes.find((cause) => cause.id === id)?.requests ?? [];
  // A disk in memory has no file that the plan could be written to.
  const plan = await planRepair(opened, requests, { overlay: true });
  expect(plan.refusals).toEqual([]);
  for (const { edits } of plan.operations)
    for (const { volume, offset, after } of edits) {
      const base = volume === null ? 0 : (opened.volumes.find(({ number }) => number === volume)?.offset ?? 0);
      disk.write(base + offset, Buffer.from(after, 'hex'));
    }
  await opened.close();
}

test('what is told of a disk that needs nothing asks for nothing', async () => {
  const opened = await openDisk(await healthyDisk(), { name: 'server.raw' });
  const { causes } = await scanDisk(opened);
  expect(causes.flatMap(({ severity, requests = [] }) => (severity === 'none' ? [] : requests))).toEqual([]);
  await opened.close();
});
