import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { type ImageReport, scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { boolean, guidBytes } from '../../../support/bcd-writer.js';
import {
  HEALTHY_ESP_ID,
  HEALTHY_WINDOWS_ID,
  type HealthyOptions,
  healthyDisk,
} from '../../../support/healthy/healthy-disk.js';
import { asking, reportOf, requestsOf } from '../../../support/triage/found-causes.js';

const BASIC_DATA = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
const EFI_SYSTEM = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const SYSTEM_HIVE = '/Windows/System32/config/SYSTEM';
const STORE = { volume: 1, path: '/EFI/Microsoft/Boot/BCD', object: '9DEA862C-5CDD-4E70-ACC1-F32B344D4795' };
const letter = (id: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([...new TextEncoder().encode('DMIO:ID:'), ...guidBytes(id)]);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

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
