import { describe, expect, test } from 'vitest';
import { allCauses, causesOf, type Keys, windowsImage } from '../../../support/triage/windows-volume.js';

const CONTROLLER = 'Enum\\PCI\\VEN_8086&DEV_7111&SUBSYS_00000000&REV_01\\3&61aaa01&0&39';
const DISK = 'Enum\\IDE\\DiskVirtual_HD______1.1.0\\4&23686003&0&0.0.0';
const DRIVERS = '/Windows/System32/drivers';
const severities = async (keys: Keys, target?: string): Promise<string[]> =>
  (await allCauses({ keys, ...(target === undefined ? {} : { target }) })).map(
    ({ id, severity }) => `${id} ${severity}`,
  );

describe('a disabled device', () => {
  test.each([
    ['the controller that the disk hangs on', CONTROLLER],
    ['the disk', DISK],
  ])('ends the start when it is %s', async (_, key) => {
    const [cause] = await allCauses({ keys: { [key]: { ConfigFlags: 1 } } });
    expect(cause).toMatchObject({
      id: 'boot-device-disabled',
      severity: 'act',
      confidence: 'proves',
      data: { found: 1, to: 0 },
    });
    expect(cause?.evidence).toMatchObject([{ bytes: '01000000' }]);
  });

  test('does not matter when it is a controller without disks, or a CD drive', async () => {
    const keys = {
      'Enum\\PCI\\VEN_8086&DEV_2922&SUBSYS_11001AF4&REV_02\\3&0': {
        Service: 'storahci',
        ClassGUID: '{4d36e96a-e325-11ce-bfc1-08002be10318}',
        ConfigFlags: 1,
        ParentIdPrefix: '4&aaaa&0',
      },
      'Enum\\IDE\\CdRomVirtual\\4&23686003&0&1.0.0': {
        ClassGUID: '{4d36e965-e325-11ce-bfc1-08002be10318}',
        ConfigFlags: 1,
      },
    };
    expect(await causesOf({ keys })).toEqual([]);
  });

  test('has bit 0; other flags disable nothing', async () => {
    expect(await causesOf({ keys: { [CONTROLLER]: { ConfigFlags: 0x20 } } })).toEqual([]);
  });
});

describe('a filter on one device', () => {
  const ROOT = 'Enum\\ACPI\\PNP0A03\\1';
  test('that cannot be loaded most likely ends the start', async () => {
    expect(await causesOf({ keys: { [ROOT]: { UpperFilters: ['gone'] } } })).toEqual(['instance-filter act strong']);
  });

  test('that can be loaded is to be looked at', async () => {
    const keys = { [ROOT]: { UpperFilters: ['agent'] }, 'Services\\agent': { Type: 1, Start: 0, ErrorControl: 1 } };
    const files = { [`${DRIVERS}/agent.sys`]: { content: windowsImage('agent') } };
    expect(await causesOf({ keys, files })).toEqual(['instance-filter review strong']);
  });

  test('on the graphics port of Windows 7 is normal', async () => {
    const keys = {
      'Enum\\PCI\\VEN_8086&DEV_7191&SUBSYS_00000000&REV_01\\3&18d45aa6&0&08': { UpperFilters: ['AGP440'] },
    };
    expect(await causesOf({ keys })).toEqual([]);
  });
});

describe('the bus of Hyper-V under its old name alone', () => {
  const old: Keys = { 'Enum\\ACPI\\VMBus\\1': { Service: 'vmbus' } };
  test('is worth knowing, and suspect where the machine is meant for Hyper-V', async () => {
    expect(await severities(old)).toEqual(['acpi-enum-mapping none']);
    expect(await severities(old, 'hyper-v-gen2')).toEqual(['acpi-enum-mapping review']);
  });

  test('is nothing where the new name is there too', async () => {
    expect(await severities({ ...old, 'Enum\\ACPI\\MSFT1000\\1': { Service: 'vmbus' } }, 'hyper-v-gen2')).toEqual([]);
  });
});

describe('drivers of another hypervisor', () => {
  const hardware = (manufacturer: string): Keys => ({
    'HardwareConfig\\{5eed0000-0000-4000-8000-000000000001}': {
      SystemManufacturer: manufacturer,
      SystemProductName: 'machine',
    },
  });
  const SYSTEM_CLASS = 'Control\\Class\\{4d36e97d-e325-11ce-bfc1-08002be10318}';
  const driver = { Type: 1, Start: 0, ErrorControl: 1 };
  const xen: Keys = {
    [SYSTEM_CLASS]: { UpperFilters: ['XENFILT'] },
    'Services\\xenfilt': driver,
    'Services\\xenbus': driver,
    'Enum\\PCI\\VEN_5853&DEV_0002&SUBSYS_00015853&REV_02\\3&0': { Service: 'xenbus' },
  };
  const files = Object.fromEntries(
    ['xenfilt', 'xenbus', 'prl_strg'].map((name) => [`${DRIVERS}/${name}.sys`, { content: windowsImage(name) }]),
  );
  const idsOf = async (keys: Keys, system: Keys) =>
    (await allCauses({ keys, system, files }))
      .filter(({ id }) => id !== 'class-filter-third-party')
      .map(({ id, severity }) => `${id} ${severity}`);

  test('of Xen are suspect on a machine that ran on VMware last, and as they must be on Xen', async () => {
    expect(await idsOf(xen, hardware('VMware, Inc.'))).toEqual(['xen-residue review', 'xen-device-id none']);
    expect((await idsOf(xen, hardware('Xen'))).toSorted()).toEqual(['xen-device-id none', 'xen-residue none']);
  });

  test('of Parallels are suspect on a machine that ran on VMware last', async () => {
    const keys = {
      'Control\\Class\\{4d36e965-e325-11ce-bfc1-08002be10318}': { LowerFilters: ['prl_strg'] },
      'Services\\prl_strg': { ...driver, Start: 3 },
    };
    expect(await idsOf(keys, hardware('VMware, Inc.'))).toEqual(['parallels-residue review']);
    expect(await idsOf(keys, hardware('Parallels Software International Inc.'))).toEqual(['parallels-residue none']);
  });
});

describe('settings of the kernel', () => {
  const foreign = { 'Services\\ngelam': { Type: 1, Start: 0, ErrorControl: 1 } };
  const files = { [`${DRIVERS}/ngelam.sys`]: { content: windowsImage('ngelam') } };
  const policy = (value: number): Keys => ({ 'Policies\\EarlyLaunch': { DriverLoadPolicy: value } });

  test('that load good drivers only are suspect while there are others', async () => {
    const [cause] = await allCauses({ keys: { ...policy(8), ...foreign }, files });
    expect(cause).toMatchObject({ id: 'elam-good-only', severity: 'review', data: { drivers: ['ngelam'], to: 3 } });
    expect(await causesOf({ keys: policy(8) })).toEqual([]);
    expect(await causesOf({ keys: { ...policy(3), ...foreign }, files })).toEqual([]);
  });

  test.each([
    [1, []],
    [2, []],
    [3, ['san-policy review hint']],
    [4, ['san-policy review hint']],
  ])('SAN policy %i', async (value, expected) => {
    expect(await causesOf({ keys: { 'Services\\partmgr\\Parameters': { SanPolicy: value } } })).toEqual(expected);
  });

  test('Secure Launch is suspect on a server of 2019 or older', async () => {
    const server = { 'Control\\ProductOptions': { ProductType: 'ServerNT' } };
    const enabled = { 'Control\\DeviceGuard\\Scenarios\\SystemGuard': { Enabled: 1 } };
    expect(await causesOf({ keys: { ...server, ...enabled } })).toEqual(['secure-launch review strong']);
    expect(await causesOf({ keys: { ...server, ...enabled }, build: 20_348 })).toEqual([]);
    expect(await causesOf({ keys: { ...enabled, 'Control\\ProductOptions': { ProductType: 'WinNT' } } })).toEqual([]);
  });

  test('the key of Windows PE is a hint, and none where a tweak for ReFS put it', async () => {
    expect(await causesOf({ keys: { 'Control\\MiniNT': {} } })).toEqual(['minint-key review hint']);
    const tweak = { 'Control\\MiniNT': { AllowRefsFormatOverNoMirrorVolume: 1 } };
    expect(await severities(tweak)).toEqual(['minint-key none']);
  });
});
