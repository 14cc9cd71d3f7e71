import { readFileSync } from 'node:fs';
import type { PlatformReport } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { corpusPath, describeWithCorpus } from '../../support/corpus.js';
import {
  allCauses,
  causesOf,
  type Keys,
  scanWindows,
  type WindowsSpec,
  windowsImage,
} from '../../support/triage/windows-volume.js';

const DRIVERS = '/Windows/System32/drivers';
const STORAGE = ['intelide', 'atapi', 'storahci', 'stornvme', 'storvsc', 'vmbus', 'vpci'];
const override = (...names: string[]): Keys =>
  Object.fromEntries(names.map((name) => [`Services\\${name}\\StartOverride`, { '0': 3 }]));
const virtio: Keys = {
  'Services\\viostor': { Type: 1, Start: 0, ErrorControl: 1, ImagePath: { expand: 'System32\\drivers\\viostor.sys' } },
};
const viostor = { [`${DRIVERS}/viostor.sys`]: { content: windowsImage('viostor') } };
const DATABASE: Keys = { 'DriverDatabase\\DeviceIds\\PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00': {} };

async function platforms(spec: WindowsSpec = {}): Promise<Readonly<Record<string, PlatformReport>>> {
  return (await scanWindows(spec)).installations[0]?.platforms ?? {};
}

describe('where an installation can start', () => {
  test('is a platform whose controller it has seen, or whose drivers it has and knows the controller', async () => {
    const found = await platforms();
    expect(found['hyper-v-gen1']).toEqual({ starts: 'yes', missing: [] });
    expect(found['hyper-v-gen2']).toEqual({ starts: 'likely', missing: [] });
    expect(found['virtio-blk']).toEqual({ starts: 'no', missing: ['viostor'] });
  });

  test('needs the driver at start type 0, its file, and the id of the controller in the driver database', async () => {
    const starts = async (spec: WindowsSpec) => (await platforms(spec))['virtio-blk'];
    expect(await starts({ keys: virtio, system: DATABASE, files: viostor })).toEqual({ starts: 'likely', missing: [] });
    expect(await starts({ keys: virtio, files: viostor })).toEqual({ starts: 'no', missing: ['VEN_1AF4&DEV_1001'] });
    expect(await starts({ keys: virtio, system: DATABASE })).toEqual({ starts: 'no', missing: ['viostor'] });
    const later = { 'Services\\viostor': { ...virtio['Services\\viostor'], Start: 3 } };
    expect(await starts({ keys: later, system: DATABASE, files: viostor })).toEqual({
      starts: 'no',
      missing: ['viostor'],
    });
  });

  test('is nowhere without the drivers that every platform needs', async () => {
    const found = await platforms({ keys: { 'Services\\disk': { Start: 3 } } });
    expect(Object.values(found).every(({ starts, missing }) => starts === 'no' && missing.includes('disk'))).toBe(true);
  });

  test('is one of two ways where a platform has both', async () => {
    expect((await platforms({ keys: override('stornvme') })).gce).toMatchObject({ starts: 'no' });
    expect((await platforms()).gce).toEqual({ starts: 'likely', missing: [] });
  });
});

describe('every platform with a driver of its own', () => {
  /** By platform: its drivers, and the device of which the driver database must know (PCI ids of the vendors). */
  const NEEDS: Readonly<Record<string, { readonly drivers: readonly string[]; readonly id: string }>> = {
    'virtio-blk': { drivers: ['viostor'], id: 'VEN_1AF4&DEV_1001' },
    'virtio-scsi': { drivers: ['vioscsi'], id: 'VEN_1AF4&DEV_1004' },
    'nutanix-ahv': { drivers: ['vioscsi'], id: 'VEN_1AF4&DEV_1004' },
    'vmware-lsi-sas': { drivers: ['LSI_SAS'], id: 'VEN_1000&DEV_0054' },
    'vmware-lsi-parallel': { drivers: ['LSI_SCSI'], id: 'VEN_1000&DEV_0030' },
    'vmware-pvscsi': { drivers: ['pvscsi'], id: 'VEN_15AD&DEV_07C0' },
    xen: { drivers: ['xenbus', 'xenvbd'], id: 'VEN_5853&DEV_0001' },
  };
  const names = [...new Set(Object.values(NEEDS).flatMap(({ drivers }) => drivers))];
  const spec: WindowsSpec = {
    keys: Object.fromEntries(names.map((name) => [`Services\\${name}`, { Type: 1, Start: 0, ErrorControl: 1 }])),
    files: Object.fromEntries(names.map((name) => [`${DRIVERS}/${name}.sys`, { content: windowsImage(name) }])),
  };
  const database = Object.fromEntries(
    Object.values(NEEDS).map(({ id }) => [`DriverDatabase\\DeviceIds\\PCI\\${id}&SUBSYS_00000000&REV_00`, {}]),
  );
  const answers = async (one: WindowsSpec): Promise<Record<string, string>> => {
    const all = await platforms(one);
    return Object.fromEntries(Object.keys(NEEDS).map((name) => [name, all[name]?.starts ?? 'unknown']));
  };
  const each = (starts: string): Record<string, string> =>
    Object.fromEntries(Object.keys(NEEDS).map((name) => [name, starts]));

  test('is likely with driver and id, and none with one of the two', async () => {
    expect(await answers({ ...spec, system: database })).toEqual(each('likely'));
    expect(await answers(spec)).toEqual(each('no'));
    expect(await answers({ system: database })).toEqual(each('no'));
  });

  test('without one of its own is likely with what Windows brings', async () => {
    const inbox = ['azure-scsi', 'azure-nvme', 'vmware-nvme', 'vmware-ahci', 'ahci', 'nvme', 'ec2-nitro', 'gce'];
    const all = await platforms();
    expect(inbox.map((name) => all[name]?.starts)).toEqual(inbox.map(() => 'likely'));
    expect(['hyper-v-gen1', 'ide'].map((name) => all[name]?.starts)).toEqual(['yes', 'yes']);
  });
});

describe('a target', () => {
  test('whose driver is not there is a cause', async () => {
    const [cause] = await allCauses({ target: 'virtio-scsi' });
    expect(cause).toMatchObject({
      id: 'storage-driver-absent',
      severity: 'act',
      confidence: 'proves',
      data: { target: 'virtio-scsi', drivers: ['vioscsi'] },
    });
    expect(await causesOf({ target: 'hyper-v-gen1' })).toEqual([]);
  });

  test('whose driver is overridden is a cause: proven on the machine that Windows ran on last', async () => {
    const keys = override('storvsc');
    expect(await causesOf({ keys })).toEqual([]);
    expect(await causesOf({ keys, target: 'hyper-v-gen2' })).toEqual(['start-override act proves']);
    const system = {
      'HardwareConfig\\{5eed0000-0000-4000-8000-000000000001}': {
        SystemManufacturer: 'VMware, Inc.',
        SystemProductName: 'VMware7,1',
      },
    };
    expect(await causesOf({ keys, system, target: 'hyper-v-gen2' })).toEqual(['start-override act strong']);
    expect(await causesOf({ keys, target: 'azure-nvme' })).toEqual([]);
  });

  test('whose virtual PCI bus is overridden has a cause of its own', async () => {
    const [cause] = await allCauses({ keys: override('vpci'), target: 'azure-nvme' });
    expect(cause).toMatchObject({
      id: 'vpci-override',
      severity: 'act',
      confidence: 'strong',
      data: { name: 'vpci', to: 0 },
    });
    expect(cause?.evidence).toMatchObject([{ bytes: '03000000' }]);
    expect(await causesOf({ keys: override('vpci'), target: 'hyper-v-gen2' })).toEqual([]);
  });

  test('whose controller is bound to nothing is a cause although its driver is loaded', async () => {
    expect(await causesOf({ keys: virtio, files: viostor, target: 'virtio-blk' })).toEqual([
      'device-unbound act strong',
    ]);
    expect(await causesOf({ keys: virtio, files: viostor, system: DATABASE, target: 'virtio-blk' })).toEqual([]);
  });
});

test('a controller whose id may stand behind those that are looked at is neither bound nor unbound', async () => {
  const before = Array.from({ length: 32_768 }, (_, i) => [`DriverDatabase\\DeviceIds\\PCI\\A_${10_000 + i}`, {}]);
  const system = { ...Object.fromEntries(before), ...DATABASE };
  const report = await scanWindows({ keys: virtio, files: viostor, system, target: 'virtio-blk' });
  expect(report.causes.filter(({ id }) => id === 'device-unbound')).toEqual([]);
  expect(report.installations[0]?.platforms?.['virtio-blk']).toBeUndefined();
  expect(report.installations[0]?.platforms?.['virtio-scsi']).toMatchObject({ starts: 'no' });
  expect(report.issues.map(({ data }) => data)).toContainEqual({
    causes: ['device-unbound', 'storage-driver-absent'],
    key: '\\DriverDatabase\\DeviceIds\\PCI',
    reason: 'too-many',
  });
});

test('without a target an installation that can start nowhere is a cause, one that has one platform left is none', async () => {
  const later = (names: string[]): Keys => Object.fromEntries(names.map((name) => [`Services\\${name}`, { Start: 3 }]));
  expect(await causesOf({ keys: later(STORAGE) })).toEqual(['storage-driver-absent act proves']);
  expect(await causesOf({ keys: later(STORAGE.filter((name) => name !== 'storahci')) })).toEqual([]);
});

describeWithCorpus('hives of real machines', () => {
  const judged = async (name: string, target: string) => {
    const hive = new Uint8Array(readFileSync(corpusPath(`hives/${name}.hiv.gz`)));
    const files = Object.fromEntries(
      ['lsi_sas', ...STORAGE].map((driver) => [`${DRIVERS}/${driver}.sys`, { content: windowsImage(driver) }]),
    );
    const report = await scanWindows({ hive, files, target });
    const { platforms: all = {} } = report.installations[0] ?? {};
    return {
      starts: all[target]?.starts,
      ids: report.causes
        .filter(({ data }) => data.target === target)
        .map(({ id, data }) => `${id} ${String(data.name as string | undefined)}`),
    };
  };

  test.each([
    ['win10-1709-system', 'vmware-lsi-sas', 'yes', []],
    ['win10-1709-system', 'vmware-ahci', 'yes', []],
    ['win10-1709-system', 'hyper-v-gen2', 'no', ['start-override vmbus', 'start-override storvsc']],
    ['win-system-dissect', 'vmware-nvme', 'yes', []],
    ['win-system-dissect', 'azure-nvme', 'no', ['vpci-override vpci', 'start-override vmbus']],
    ['win-system-regipy', 'vmware-lsi-sas', 'yes', []],
    ['win-system-regipy', 'nvme', 'no', ['storage-driver-absent undefined']],
  ])('%s on %s: %s', async (hive, target, starts, ids) => {
    const result = await judged(hive, target);
    expect(result.starts).toBe(starts);
    expect(result.ids.toSorted()).toEqual([...ids].toSorted());
  });
});
