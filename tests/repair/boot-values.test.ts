import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRepair, type RefusalId, type RepairRequest } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { describe, expect, test } from 'vitest';
import { boolean, LOADER, mbrDevice, RESUME, windowsBootStore, writeBootStore } from '../support/bcd-writer.js';
import { differingBytes, withDiskFile } from '../support/repair/repaired-disk.js';
import { SMALL_DISK, writeSmallDisk } from '../support/repair/small-disk.js';
import { describeWithTools, temporaryFolder } from '../support/tools.js';
import { type HivexRow, hivexRows } from '../support/windows/hivexml.js';
import { systemHive } from '../support/windows-hives.js';

/*
 * Every value of the registry and of the boot store that a finding may ask to be set. The judge is hivex: the value has
 * the new data, every other key and value is as it was; and only the bytes of the value differ on the disk.
 */

const folder = temporaryFolder();
const SYSTEM = '/Windows/System32/config/SYSTEM';
const STORE = '/Boot/BCD';
const BOOTMGR = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
const SET = 'ControlSet001';
const DISK_DEVICE = `${SET}\\Enum\\SCSI\\Disk&Ven_Msft\\5&1`;
const mounted = (offset: number): Uint8Array => {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, SMALL_DISK.signature, true);
  view.setBigUint64(4, BigInt(offset), true);
  return bytes;
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const hive = systemHive({
  services: 20,
  mounted: { '\\DosDevices\\C:': mounted(SMALL_DISK.offsets[1]), '\\DosDevices\\D:': mounted(4096) },
  system: {
    Select: { Current: 3, Default: 3, Failed: 0, LastKnownGood: 1 },
    Setup: { SetupType: 2, SystemSetupInProgress: 1, OOBEInProgress: 1, CmdLine: 'none.exe' },
    [`${SET}\\Services\\storahci`]: { Start: 3 },
    [`${SET}\\Services\\storahci\\StartOverride`]: { '0': 3 },
    [`${SET}\\Services\\RdAgent`]: { Start: 2, ErrorControl: 3 },
    [`${SET}\\Services\\partmgr\\Parameters`]: { SanPolicy: 3 },
    [DISK_DEVICE]: { ConfigFlags: 0x21 },
    [`${DISK_DEVICE}\\Device Parameters\\Partmgr`]: { Attributes: 4 },
    [`${SET}\\Policies\\EarlyLaunch`]: { DriverLoadPolicy: 8 },
    [`${SET}\\Control\\Session Manager\\Memory Management`]: { VerifyDriverLevel: 0x9bb },
    [`${SET}\\Control\\DeviceGuard\\Scenarios\\SystemGuard`]: { Enabled: 1 },
  },
});
const store = writeBootStore(
  windowsBootStore({
    firmware: 'bios',
    system: mbrDevice(SMALL_DISK.offsets[0], SMALL_DISK.signature),
    windows: mbrDevice(SMALL_DISK.offsets[0], SMALL_DISK.signature),
    manager: { '23000003': '{11111111-2222-3333-4444-555555555555}' },
    loader: {
      '12000002': '\\Windows\\system32\\winload.efi',
      '22000002': '\\Windoof',
      '26000005': boolean(true),
      '260000A0': boolean(true),
      '26000022': boolean(true),
    },
  }),
);

const original = join(folder, 'original.raw');
writeSmallDisk(original, 'mbr', { [SYSTEM]: { content: hive }, [STORE]: { content: store } });

const registry = (key: string, value: string, to: number | string): RepairRequest => ({
  operation: 'set-registry-value',
  volume: 1,
  path: SYSTEM,
  key,
  value,
  to,
});
const element = (object: string, id: string, to: string | false): RepairRequest => ({
  operation: 'set-boot-element',
  volume: 1,
  path: STORE,
  object,
  element: id,
  to,
});

async function hivexOf(path: string, file: string): Promise<HivexRow[]> {
  const copy = join(folder, 'copy.hive');
  const bytes = await withDiskFile(path, async (disk) => {
    const stream = await (await (await disk.volumes[0].fileTree()).lookup(file))?.stream();
    return new Uint8Array((await stream?.read(0, stream.size)) ?? []);
  });
  writeFileSync(copy, bytes);
  return hivexRows(copy);
}

/** What a change must be, as hivexml prints it: key, value, and the text of the new data. */
type Case = readonly [request: RepairRequest, key: string, name: string, wanted: string, mostBytes: number];
const CASES: readonly Case[] = [
  [registry(`${SET}\\Services\\storahci`, 'Start', 0), `\\${SET}\\Services\\storahci`, 'Start', '0', 1],
  [
    registry(`${SET}\\Services\\storahci\\StartOverride`, '0', 0),
    `\\${SET}\\Services\\storahci\\StartOverride`,
    '0',
    '0',
    1,
  ],
  [registry(`${SET}\\Services\\RdAgent`, 'ErrorControl', 1), `\\${SET}\\Services\\RdAgent`, 'ErrorControl', '1', 1],
  [
    registry(`${SET}\\Services\\partmgr\\Parameters`, 'SanPolicy', 1),
    `\\${SET}\\Services\\partmgr\\Parameters`,
    'SanPolicy',
    '1',
    1,
  ],
  [registry(DISK_DEVICE, 'ConfigFlags', 0x20), `\\${DISK_DEVICE}`, 'ConfigFlags', '32', 1],
  [
    registry(`${DISK_DEVICE}\\Device Parameters\\Partmgr`, 'Attributes', 0),
    `\\${DISK_DEVICE}\\Device Parameters\\Partmgr`,
    'Attributes',
    '0',
    1,
  ],
  [
    registry(`${SET}\\Policies\\EarlyLaunch`, 'DriverLoadPolicy', 3),
    `\\${SET}\\Policies\\EarlyLaunch`,
    'DriverLoadPolicy',
    '3',
    1,
  ],
  [
    registry(`${SET}\\Control\\Session Manager\\Memory Management`, 'VerifyDriverLevel', 0),
    `\\${SET}\\Control\\Session Manager\\Memory Management`,
    'VerifyDriverLevel',
    '0',
    2,
  ],
  [
    registry(`${SET}\\Control\\DeviceGuard\\Scenarios\\SystemGuard`, 'Enabled', 0),
    `\\${SET}\\Control\\DeviceGuard\\Scenarios\\SystemGuard`,
    'Enabled',
    '0',
    1,
  ],
  [registry('Select', 'Default', 1), '\\Select', 'Default', '1', 1],
  [registry('Select', 'Current', 1), '\\Select', 'Current', '1', 1],
  [registry('Setup', 'SetupType', 0), '\\Setup', 'SetupType', '0', 1],
  [registry('Setup', 'SystemSetupInProgress', 0), '\\Setup', 'SystemSetupInProgress', '0', 1],
  [
    registry('MountedDevices', '\\DosDevices\\C:', hex(mounted(SMALL_DISK.offsets[0]))),
    '\\MountedDevices',
    '\\DosDevices\\C:',
    Buffer.from(mounted(SMALL_DISK.offsets[0])).toString('base64'),
    8,
  ],
  [element(BOOTMGR, '23000003', LOADER), `\\Objects\\${BOOTMGR}\\Elements\\23000003`, 'Element', LOADER, 76],
  [
    element(LOADER, '12000002', '\\Windows\\system32\\winload.exe'),
    `\\Objects\\${LOADER}\\Elements\\12000002`,
    'Element',
    '\\Windows\\system32\\winload.exe',
    3,
  ],
  [element(LOADER, '22000002', '\\Windows'), `\\Objects\\${LOADER}\\Elements\\22000002`, 'Element', '\\Windows', 2],
  [element(LOADER, '26000005', false), `\\Objects\\${LOADER}\\Elements\\26000005`, 'Element', 'AA==', 1],
  [element(LOADER, '260000A0', false), `\\Objects\\${LOADER}\\Elements\\260000A0`, 'Element', 'AA==', 1],
  [element(LOADER, '26000022', false), `\\Objects\\${LOADER}\\Elements\\26000022`, 'Element', 'AA==', 1],
  [element(LOADER, '16000009', false), `\\Objects\\${LOADER}\\Elements\\16000009`, 'Element', 'AA==', 1],
];

describeWithTools(['hivexml'], 'a value is set in place, as hivex reads it, and put back', () => {
  test('each of them, and nothing besides', async () => {
    const before = { [SYSTEM]: await hivexOf(original, SYSTEM), [STORE]: await hivexOf(original, STORE) };
    const path = join(folder, 'disk.raw');
    copyFileSync(original, path);
    for (const [number, [request, key, name, wanted, mostBytes]] of CASES.entries()) {
      const undo = join(folder, `${number}.undo.json`);
      await withDiskFile(path, async (disk) => {
        const plan = await planRepair(disk, [request]);
        expect(plan.refusals, `${key} ${name}`).toEqual([]);
        await applyRepair(disk, plan, undo);
      });
      const changed = differingBytes(original, path);
      expect(changed.length, key).toBeGreaterThan(0);
      expect(changed.length, key).toBeLessThanOrEqual(mostBytes);
      const file = request.operation === 'set-registry-value' ? SYSTEM : STORE;
      const expected = before[file].map((row) =>
        row.key.toLowerCase() === key.toLowerCase() && row.name === name ? { ...row, value: wanted } : row,
      );
      expect(expected, key).not.toEqual(before[file]);
      expect(await hivexOf(path, file), key).toEqual(expected);
      undoRepair(readJournal(undo));
      expect(differingBytes(original, path), key).toEqual([]);
    }
  });
});

describe('a value is not set', () => {
  const refused: readonly (readonly [string, RepairRequest, RefusalId])[] = [
    [
      'that disables a driver, which has an operation of its own',
      registry(`${SET}\\Services\\disk`, 'Start', 4),
      'value-not-settable',
    ],
    ['whose meaning is not known', registry(`${SET}\\Services\\disk`, 'Type', 2), 'value-not-settable'],
    ['that adds a bit to ConfigFlags', registry(DISK_DEVICE, 'ConfigFlags', 0x25), 'value-not-settable'],
    ['that is there already', registry('Select', 'LastKnownGood', 1), 'nothing-to-repair'],
    ['that names no control set', registry('Select', 'Default', 2), 'target-missing'],
    ['that is not there', registry('Select', 'Other', 1), 'value-missing'],
    ['that is no number', registry('Setup', 'CmdLine', 0), 'value-not-in-place'],
    ['of another length', registry('MountedDevices', '\\DosDevices\\C:', '00'), 'value-not-in-place'],
    ['that names no partition', registry('MountedDevices', '\\DosDevices\\C:', hex(mounted(512))), 'target-missing'],
    [
      'of another hive',
      { ...registry('Select', 'Default', 1), path: '/Boot/BCD' } as RepairRequest,
      'value-not-settable',
    ],
    ['that names no entry', element(BOOTMGR, '23000003', '{11111111-2222-3333-4444-555555555556}'), 'target-missing'],
    [
      'that is a path of another file',
      element(LOADER, '12000002', '\\Windows\\system32\\winlord.exe'),
      'element-not-settable',
    ],
    ['that is a path of another folder', element(LOADER, '12000002', '\\Windows\\winload.exe'), 'element-not-settable'],
    ['that names no Windows folder', element(LOADER, '22000002', '\\Winxxxx'), 'target-missing'],
    ['that is no switch', element(BOOTMGR, '24000001', false), 'element-not-settable'],
    ['of an element that is not there', element(RESUME, '26000005', false), 'element-missing'],
  ];

  test.each(refused)('%s', async (_, request, id) => {
    await withDiskFile(original, async (disk) => {
      const { operations, refusals } = await planRepair(disk, [request]);
      expect(operations).toEqual([]);
      expect(refusals.map((refusal) => refusal.id)).toEqual([id]);
    });
  });
});
