import { readFileSync } from 'node:fs';
import { MemorySource } from '@deadbox/core';
import { Hive, openControlSet, type RegistryKey } from '@deadbox/windows';
import {
  expirationDate,
  isKnownDevice,
  policyData,
  readClassFilters,
  readCodePageFiles,
  readDeviceInstances,
  readDriverDatabase,
  readDriverServices,
  readHardwareConfig,
} from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { corpusPath, describeWithCorpus } from '../../support/corpus.js';
import { keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';

type Input = Uint8Array<ArrayBuffer>;

async function opened(bytes: Input): Promise<{ hive: Hive; set: RegistryKey }> {
  const hive = await Hive.open(new MemorySource(bytes));
  const found = await openControlSet(hive);
  if (found === undefined) throw new Error('no control set');
  return { hive, set: found.key };
}

const SET = 'ControlSet001';
const hiveWith = (paths: Record<string, Record<string, ValueData>>): Input =>
  writeHive(keysFromPaths({ Select: { Current: 1, Default: 1 }, [SET]: {}, ...paths }));
const driver = (start: number): Record<string, ValueData> => ({ Type: 1, Start: start, ErrorControl: 3 });

/** A `ProductPolicy` with one entry. */
function policyWith(name: string, data: Uint8Array): Input {
  const size = 16 + name.length * 2 + data.length;
  const bytes = new Uint8Array(20 + size + 4);
  const view = new DataView(bytes.buffer);
  [bytes.length, size, 4, 0, 1].forEach((value, i) => view.setUint32(i * 4, value, true));
  [size, name.length * 2, 3, data.length].forEach((value, i) => view.setUint16(20 + i * 2, value, true));
  for (let i = 0; i < name.length; i += 1) view.setUint16(36 + i * 2, name.charCodeAt(i), true);
  bytes.set(data, 36 + name.length * 2);
  return bytes;
}
const dateOf = (...fields: number[]): Uint8Array =>
  new Uint8Array(Uint16Array.from([...fields, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, 8)).buffer);

describe('a driver', () => {
  test('is started as the override of the last machine says, where there is one', async () => {
    const services = `${SET}\\Services`;
    const bytes = hiveWith({
      HardwareConfig: { LastId: 2 },
      [`${services}\\storvsc`]: driver(0),
      [`${services}\\storvsc\\StartOverride`]: { '0': 0, '2': 3 },
      [`${services}\\stornvme`]: driver(0),
      [`${services}\\stornvme\\StartOverride`]: { '0': 3 },
      [`${services}\\vpci`]: driver(0),
      [`${services}\\vpci\\StartOverride`]: { '2': 0 },
      [`${services}\\Dnscache`]: { Type: 0x20, Start: 2 },
    });
    const { hive, set } = await opened(bytes);
    const { lastId } = await readHardwareConfig(hive);
    const drivers = await readDriverServices(set, '/Windows', lastId);
    expect([...drivers.values()].map(({ name, effectiveStart }) => [name, effectiveStart])).toEqual([
      ['stornvme', 0],
      ['storvsc', 3],
      ['vpci', 0],
    ]);
    const { override } = drivers.get('storvsc') ?? {};
    expect(override).toMatchObject({ value: 3, key: `\\${SET}\\Services\\storvsc\\StartOverride`, name: '2' });
    expect(new DataView(bytes.buffer).getUint32(override?.fileOffset ?? 0, true)).toBe(3);
  });

  test('without an image path is the file of its own name', async () => {
    const { set } = await opened(hiveWith({ [`${SET}\\Services\\Wof`]: driver(0) }));
    expect((await readDriverServices(set, '/WINNT', undefined)).get('wof')?.file).toBe(
      '/WINNT/System32/drivers/Wof.sys',
    );
  });
});

describe('a product policy', () => {
  test.each([
    ['a year that is over', dateOf(2023, 10, 5, 6, 7, 8), '2023-10-05T06:07:08.0000000Z'],
    ['zeros', dateOf(0), undefined],
    ['the first year of all', dateOf(1601, 1, 1), undefined],
    ['no month', dateOf(2023, 13, 1), undefined],
  ])('with %s ends %s', (_, data, expected) => {
    expect(expirationDate(policyWith('Kernel-ExpirationDate', data))).toBe(expected);
  });

  test('is read to its end, however many values stand before', () => {
    const value = policyWith('Kernel-ExpirationDate', dateOf(2023, 10, 5));
    const before = Uint8Array.from({ length: 5000 * 16 }, (_, i) => (i % 16 === 0 ? 16 : 0));
    const bytes = Uint8Array.from([...value.subarray(0, 20), ...before, ...value.subarray(20)]);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, view.getUint32(4, true) + before.length, true);
    expect(expirationDate(bytes)).toBe('2023-10-05T00:00:00.0000000Z');
  });

  test('that is cut short gives nothing', () => {
    expect(
      policyData(policyWith('Kernel-ExpirationDate', dateOf(2023, 1, 1)).slice(0, 60), 'Kernel-ExpirationDate'),
    ).toBeUndefined();
  });
});

describe('the database of drivers', () => {
  test('knows a device by an id that says less of it', async () => {
    const { hive, set } = await opened(
      hiveWith({
        'DriverDatabase\\DeviceIds\\PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00': {},
        [`${SET}\\Control\\CriticalDeviceDatabase\\PCI#VEN_15AD&DEV_07C0`]: { Service: 'pvscsi' },
      }),
    );
    const database = await readDriverDatabase(hive, set);
    expect(isKnownDevice(database, 'VEN_1AF4&DEV_1001')).toBe(true);
    expect(isKnownDevice(database, 'VEN_15AD&DEV_07C0')).toBe(true);
    expect(isKnownDevice(database, 'VEN_1AF4&DEV_10')).toBe(false);
    expect(isKnownDevice(database, 'VEN_1AF4&DEV_1042')).toBe(false);
    expect(database.unread).toEqual([]);
  });

  test.each([
    [32_768, 0],
    [32_769, 2],
  ])('with %i ids in each list tells of %i lists that go on', async (subkeyCount, lists) => {
    const key = { subkeyCount, subkeys: () => Promise.resolve([]) };
    const place = { key: () => Promise.resolve(key) } as never;
    expect((await readDriverDatabase(place, place)).unread).toHaveLength(lists);
  });
});

/** What Windows wrote there, as hivexget shows it too. */
describeWithCorpus('SYSTEM hives of real machines', () => {
  const real = (name: string) => opened(new Uint8Array(readFileSync(corpusPath(`hives/${name}.hiv.gz`))));

  test('of a Windows 10 on VMware start what VMware needs and override the rest', async () => {
    const { hive, set } = await real('win10-1709-system');
    const { lastId, known } = await readHardwareConfig(hive);
    expect([lastId, known.map(({ product }) => product)]).toEqual([0, ['VMware Virtual Platform']]);
    const drivers = await readDriverServices(set, '/Windows', lastId);
    const starts = (name: string) => [drivers.get(name)?.start?.value, drivers.get(name)?.override?.value];
    expect(['disk', 'lsi_sas', 'storahci', 'storvsc', 'vmbus', 'stornvme'].map(starts)).toEqual([
      [0, undefined],
      [0, undefined],
      [0, undefined],
      [0, 3],
      [0, 3],
      [0, 3],
    ]);
    const filters = (await readClassFilters(set)).map((found) => [
      found.class,
      found.position,
      found.filters.values.join(),
    ]);
    expect(filters).toEqual([
      ['disk', 'upper', 'partmgr'],
      ['disk', 'lower', 'EhStorClass'],
      ['volume', 'upper', 'volsnap'],
      ['volume', 'lower', 'fvevol,iorate,rdyboost'],
    ]);
  });

  test('of Windows 7 know no overrides', async () => {
    const { hive, set } = await real('win-system-regipy');
    expect(await readHardwareConfig(hive)).toEqual({ known: [] });
    const names = (await readCodePageFiles(set)).map(({ use, name }) => [use, name]);
    expect(names).toEqual([
      ['ansi', 'c_1252.nls'],
      ['oem', 'c_437.nls'],
      ['case', 'l_intl.nls'],
    ]);
    const database = await readDriverDatabase(hive, set);
    expect([database.pci.length, isKnownDevice(database, 'VEN_1000&DEV_0054')]).toEqual([0, true]);
  });

  test('tell which controller a disk hangs on by the name of its instance', async () => {
    const { set } = await real('win10-1709-system');
    const { devices } = await readDeviceInstances(set);
    const controller = devices.find(({ service }) => service === 'LSI_SAS');
    const disks = devices.filter(
      ({ service, instance }) => service === 'disk' && instance.startsWith(controller?.childPrefix ?? '?'),
    );
    expect(disks.map(({ instance }) => instance)).toEqual([
      '5&1ec51bf7&0&000000',
      '5&1ec51bf7&0&000100',
      '5&1ec51bf7&0&000200',
    ]);
  });
});
