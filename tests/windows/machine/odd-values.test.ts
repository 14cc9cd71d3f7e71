import { type FileTree, MemorySource } from '@deadbox/core';
import { findInstallations, Hive, type Machine, readMachine } from '@deadbox/windows';
import { parseMountedDevice, readMountedDevices, resolveImagePath } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { readPackages } from '../../../packages/windows/src/machine/servicing-packages.js';
import { withBadPlaces, withLostConnection } from '../../support/encryption/failing-source.js';
import { keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';
import { type MemoryContent, memoryTree } from '../../support/memory-tree.js';
import { writePe } from '../../support/pe-writer.js';
import { HiveEditor, VK } from '../../support/windows/hive-editor.js';

type Paths = Record<string, Record<string, ValueData>>;
type Files = Record<string, MemoryContent | undefined>;
const CONFIG = '/Windows/System32/config';
const SET = 'ControlSet001';
const VERSION = 'Microsoft\\Windows NT\\CurrentVersion';
const hive = (paths: Paths): Uint8Array<ArrayBuffer> => writeHive(keysFromPaths(paths));
const systemOf = (paths: Paths): Uint8Array<ArrayBuffer> =>
  hive({ Select: { Current: 1, Default: 1 }, [SET]: {}, ...paths });
const treeOf = (system: Paths, software: Paths = {}, files: Files = {}): FileTree =>
  memoryTree({ [`${CONFIG}/SYSTEM`]: systemOf(system), [`${CONFIG}/SOFTWARE`]: hive(software), ...files });
const machineOf = async (system: Paths, software?: Paths, files?: Files): Promise<Machine> =>
  (await readMachine(treeOf(system, software, files), '/Windows')).machine;

describe('values that say nothing', () => {
  test('leave the machine without those facts', async () => {
    const machine = await machineOf(
      {
        [`${SET}\\Control`]: { SystemStartOptions: ' ', SystemBootDevice: '' },
        [`${SET}\\Control\\CrashControl`]: { DumpFile: '' },
        [`${SET}\\Control\\ProductOptions`]: { ProductType: 'Other' },
        [`${SET}\\Control\\TimeZoneInformation`]: {},
      },
      { [VERSION]: { ProductName: '', CurrentMajorVersionNumber: 10, CurrentBuild: 'x' } },
    );
    expect(machine).toMatchObject({ crashSettings: {}, start: { pendingRenames: 0 }, product: { version: '10.0' } });
    expect(machine.crashSettings).toEqual({});
    expect(machine.product).toEqual({ version: '10.0' });
    for (const fact of ['timeZone', 'productType']) expect(machine).not.toHaveProperty(fact);
    for (const fact of ['startOptions', 'systemBootDevice']) expect(machine.start).not.toHaveProperty(fact);
  });

  test('are not told of a product without a key, or of a version of another form', async () => {
    expect(await machineOf({})).not.toHaveProperty('product');
    const old = await machineOf({}, { [VERSION]: { CurrentVersion: '6.1', CurrentBuild: '7601', InstallDate: 0 } });
    expect(old.product).toEqual({ version: '6.1.7601', build: 7601 });
  });
});

describe('a time zone', () => {
  const zone = async (values: Record<string, ValueData>) =>
    (await machineOf({ [`${SET}\\Control\\TimeZoneInformation`]: values })).timeZone;

  test('is named by its key, by itself before Vista, or by its offset', async () => {
    expect(await zone({ TimeZoneKeyName: 'No Such Zone' })).toEqual({ key: 'No Such Zone', name: 'No Such Zone' });
    const bias = { Bias: -540 >>> 0 };
    expect(await zone({ StandardName: 'Tokyo (Normalzeit)', ...bias })).toEqual({
      biasMinutes: -540,
      name: 'Tokyo (Normalzeit)',
    });
    expect((await zone({ StandardName: '@tzres.dll,-632', ...bias }))?.name).toBe('UTC+09:00');
    expect(await zone({ StandardName: '@tzres.dll,-632' })).toBeUndefined();
  });
});

describe('records of drive letters', () => {
  test('are a partition of either table, a path, or nothing', () => {
    expect(parseMountedDevice(Uint8Array.of(0xae, 0x46, 0x45, 0xdf, 0, 0, 0x50, 0x1f, 0, 0, 0, 0))).toEqual({
      kind: 'mbr',
      diskSignature: 'DF4546AE',
      partitionOffset: 0x1f50_0000,
    });
    expect(parseMountedDevice(Uint8Array.from(Buffer.from('\\??\\x', 'utf16le')))).toEqual({
      kind: 'device',
      path: '\\??\\x',
    });
    expect(parseMountedDevice(Uint8Array.from(Buffer.from('twelve chars', 'utf16le')))).toMatchObject({
      kind: 'device',
    });
    for (const length of [0, 3, 5]) expect(parseMountedDevice(new Uint8Array(length))).toBeUndefined();
  });

  test('whose data cannot be read are left out', async () => {
    const editor = new HiveEditor(hive({ MountedDevices: { '#{a}': new Uint8Array(12), '#{b}': new Uint8Array(3) } }));
    editor.setU32(editor.value('#{a}'), VK.data, 4);
    expect(await readMountedDevices(await Hive.open(new MemorySource(editor.bytes)))).toEqual([]);
  });
});

test('a path that is quoted to no end is all that follows', () => {
  expect(resolveImagePath('"C:\\a b\\x.exe', '/Windows')).toBe('/a b/x.exe');
});

test('a volume without a root folder has no installation', async () => {
  const tree: FileTree = { fileSystem: 'memory', lookup: () => Promise.resolve(undefined) };
  expect(await findInstallations(tree)).toEqual([]);
});

test('a service whose value cannot be read is told without it', async () => {
  const editor = new HiveEditor(
    systemOf({ [`${SET}\\Services\\a`]: { Type: 1, Start: 0, ImagePath: 'system32\\a.sys' } }),
  );
  editor.setU32(editor.value('ImagePath'), VK.data, 4);
  const tree = memoryTree({ [`${CONFIG}/SYSTEM`]: editor.bytes });
  const { machine } = await readMachine(tree, '/Windows');
  expect(machine.bootDrivers).toEqual([
    { name: 'a', type: 1, start: 0, startName: 'boot', file: '/Windows/System32/drivers/a.sys' },
  ]);
});

test('packages of servicing have the state that their number means', async () => {
  const list = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';
  const name = (i: number): string => `Package_${i}~31bf3856ad364e35~amd64~~20348.1.${i}.0`;
  const states: Record<string, ValueData>[] = [{}, 0x20, 0x40, 0x50, 0x60, 0x65, 0x70, 0x80, 0x99].map((state) =>
    typeof state === 'number' ? { CurrentState: state } : state,
  );
  const software = await Hive.open(
    new MemorySource(
      hive({
        ...Object.fromEntries(states.map((values, i) => [`${list}\\${name(i)}`, values])),
        [`${list}\\Other`]: {},
        [`${list}\\Package_versionless`]: {},
      }),
    ),
  );
  const found = await readPackages(software, (one) => one.startsWith('Package'));
  expect(found?.map(({ state }) => state).join(' ')).toBe(
    'absent absent staged replaced pending installed installed installed absent absent',
  );
  expect(found?.map(({ version }) => version)).toEqual([...states.map((_, i) => `20348.1.${i}.0`), undefined]);
  expect(await readPackages(await Hive.open(new MemorySource(hive({}))), () => true)).toBeUndefined();
  const long = { subkeyCount: 65_537, subkeys: () => Promise.resolve([]) };
  expect(await readPackages({ key: () => Promise.resolve(long) } as never, () => true)).toBeUndefined();
});

describe('security products', () => {
  const SERVICE = { Start: 0, Type: 1, Group: 'Early-Launch' };
  const DRIVERS = '/Windows/System32/drivers';

  test('that are not known are told by their early-launch driver', async () => {
    const system = { [`${SET}\\Services\\NewElam`]: SERVICE };
    const [product, ...others] = (await machineOf(system)).securityProducts;
    expect(others).toEqual([]);
    expect(product).toMatchObject({
      product: 'NewElam',
      vendor: '',
      fileMissing: true,
      missingFiles: [`${DRIVERS}/NewElam.sys`],
      identifiers: {},
    });
    expect(product).not.toHaveProperty('version');
    const files = { [`${DRIVERS}/NewElam.sys`]: writePe({ fileVersion: '1.2.3.4' }) };
    expect((await machineOf(system, {}, files)).securityProducts).toMatchObject([
      { version: '1.2.3.4', versionFrom: 'driver', missingFiles: [] },
    ]);
  });

  test('of another volume, or read without files, have no version', async () => {
    const elsewhere = { [`${SET}\\Services\\NewElam`]: { ...SERVICE, ImagePath: '\\??\\D:\\x.sys' } };
    expect((await machineOf(elsewhere)).securityProducts).toMatchObject([{ fileMissing: false, missingFiles: [] }]);
    const { machine } = await readMachine(treeOf({ [`${SET}\\Services\\NewElam`]: SERVICE }), '/Windows', {
      versions: false,
    });
    expect(machine.securityProducts).toMatchObject([{ fileMissing: false, missingFiles: [] }]);
  });

  test('are looked for in the list of programs where their drivers tell no version', async () => {
    const sensor = { [`${SET}\\Services\\CSAgent`]: { Start: 1, Type: 2 } };
    const uninstall = 'WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
    const listed = { [`${uninstall}\\{b}`]: { DisplayName: 'CrowdStrike Windows Sensor', DisplayVersion: '7.1' } };
    expect((await machineOf(sensor, listed)).securityProducts).toMatchObject([
      { version: '7.1', versionFrom: 'uninstall' },
    ]);
    const other = { [`${uninstall}\\{b}`]: { DisplayName: 'Other' }, [`${uninstall}\\{c}`]: {} };
    expect((await machineOf(sensor, other)).securityProducts[0]).not.toHaveProperty('version');
    const unreadable = withBadPlaces(new MemorySource(new Uint8Array(4096)), [{ offset: 0, length: 512 }]);
    const files = { [`${DRIVERS}/CSAgent.sys`]: unreadable };
    expect((await machineOf(sensor, listed, files)).securityProducts).toMatchObject([
      { version: '7.1', fileMissing: false },
    ]);
  });

  test('whose folder cannot be listed are told without what is beside it, unless a connection was lost', async () => {
    const sensor = { [`${SET}\\Services\\CSAgent`]: { Start: 1, Type: 2 } };
    const failing = (source: MemorySource | ReturnType<typeof withBadPlaces>): FileTree => {
      const tree = treeOf(sensor, {}, { [`${DRIVERS}/`]: undefined });
      return {
        fileSystem: 'memory',
        async lookup(path) {
          const node = await tree.lookup(path);
          if (node?.path !== DRIVERS) return node;
          return {
            ...node,
            async *entries() {
              yield [];
              await source.read(0, 1);
            },
          };
        },
      };
    };
    const place = new MemorySource(new Uint8Array(1));
    const { machine } = await readMachine(failing(withBadPlaces(place, [{ offset: 0, length: 1 }])), '/Windows');
    expect(machine.securityProducts).toMatchObject([{ vendor: 'CrowdStrike', renamed: [] }]);
    await expect(readMachine(failing(withLostConnection(place, 0)), '/Windows')).rejects.toMatchObject({
      data: { transport: 'network' },
    });
  });
});
