import { MemorySource } from '@deadbox/core';
import { Hive, type RegistryKey } from '@deadbox/windows';
import {
  expirationDate,
  placedTexts,
  policyData,
  readClassFilters,
  readCodePageFiles,
  readDeviceInstances,
  readDriverDatabase,
  readDriverServices,
  readHardwareConfig,
} from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';

type Paths = Record<string, Record<string, ValueData>>;
const hiveOf = (paths: Paths): Promise<Hive> => Hive.open(new MemorySource(writeHive(keysFromPaths(paths))));
const keyOf = async (paths: Paths): Promise<RegistryKey> =>
  (await (await hiveOf({ S: {}, ...paths })).key('S')) as RegistryKey;

test('a control set without anything has no drivers, devices, filters or code pages', async () => {
  const hive = await hiveOf({ S: {} });
  const set = (await hive.key('S')) as RegistryKey;
  expect((await readDriverServices(set, '/Windows', 1)).size).toBe(0);
  expect(await readDeviceInstances(set)).toEqual({ devices: [], complete: true });
  expect(await readClassFilters(set)).toEqual([]);
  expect(await readCodePageFiles(set)).toEqual([]);
  expect(await readHardwareConfig(hive)).toEqual({ known: [] });
  expect(await readDriverDatabase(hive, set)).toMatchObject({ pci: [], unread: [] });
});

describe('a driver', () => {
  const read = async (values: Record<string, ValueData>, more: Paths = {}) => {
    const set = await keyOf({ 'S\\Services\\x': values, ...more });
    return (await readDriverServices(set, '/Windows', 2)).get('x');
  };

  test('without a number for its start has none, and no override counts for it', async () => {
    for (const start of [{}, { Start: '0' }] as Record<string, ValueData>[]) {
      const driver = await read({ Type: 1, ...start }, { 'S\\Services\\x\\StartOverride': { '2': 0 } });
      expect(driver).toMatchObject({ name: 'x', type: 1, file: '/Windows/System32/drivers/x.sys' });
      expect([driver?.start, driver?.override, driver?.effectiveStart]).toEqual(Array(3).fill(undefined));
    }
  });

  test('whose failure means what no Windows knows has no such meaning', async () => {
    const control = async (value: ValueData) => (await read({ Type: 2, ErrorControl: value }))?.errorControl;
    expect([await control(3), await control(4), await control('3')]).toEqual(['critical', undefined, undefined]);
  });

  test('of another volume has no file here, and a service is no driver', async () => {
    expect(await read({ Type: 1, ImagePath: '\\??\\D:\\x.sys', Group: '' })).not.toHaveProperty('file');
    expect(await read({ Type: 0x10 })).toBeUndefined();
  });
});

test('the tables of the loader are those that the numbers name; that of letter cases needs no name', async () => {
  const files = await readCodePageFiles(
    await keyOf({
      'S\\Control\\Nls\\CodePage': { ACP: '1252', OEMCP: '437', '1252': 'c_1252.nls' },
      'S\\Control\\Nls\\Language': { Default: '0411' },
    }),
  );
  expect(files.map(({ use, name }) => [use, name])).toEqual([
    ['ansi', 'c_1252.nls'],
    ['case', 'l_intl.nls'],
  ]);
  expect(await readCodePageFiles(await keyOf({ 'S\\Control\\Nls\\CodePage': { ACP: '', '': 'x' } }))).toEqual([]);
  const named = await keyOf({ 'S\\Control\\Nls\\Language': { Default: '0411', '0411': 'l_jpn.nls' } });
  expect((await readCodePageFiles(named)).map(({ name }) => name)).toEqual(['l_jpn.nls']);
});

test('a machine that Windows knows is a key called by a GUID', async () => {
  const hive = await hiveOf({ 'HardwareConfig\\{a}': { Id: 1 }, 'HardwareConfig\\Current': { Id: 2 } });
  expect(await readHardwareConfig(hive)).toEqual({ known: [{ guid: '{a}', id: 1 }] });
});

test('machines that are more than are looked at are told by their key', async () => {
  const config = { subkeyCount: 257, subkeys: () => Promise.resolve([]), number: () => Promise.resolve(undefined) };
  const system = { key: () => Promise.resolve(config) } as never;
  expect((await readHardwareConfig(system)).unread).toBe(config);
});

test('texts with their place are those of a text or a list, and of nothing else', async () => {
  const key = await keyOf({ S: { one: 'a', none: '', list: ['a', 'b'], number: 1 } });
  const values = async (name: string) => (await placedTexts(key, name))?.values;
  expect([await values('one'), await values('none'), await values('list')]).toEqual([['a'], [], ['a', 'b']]);
  expect([await values('number'), await values('missing')]).toEqual([undefined, undefined]);
  expect(await placedTexts(undefined, 'one')).toBeUndefined();
});

test('devices are not all where they are more than are looked at', async () => {
  const instance = {
    name: '0',
    path: '',
    value: () => Promise.resolve(undefined),
    text: () => Promise.resolve(undefined),
    texts: () => Promise.resolve(undefined),
  };
  const list = (keys: readonly object[]) => ({
    name: 'x',
    subkeyCount: keys.length,
    subkeys: () => Promise.resolve(keys),
  });
  const device = list(Array.from({ length: 9000 }, () => instance));
  const set = (keys: readonly object[]): RegistryKey =>
    ({ key: (path: string) => Promise.resolve(path.endsWith('\\PCI') ? list(keys) : undefined) }) as never;
  expect((await readDeviceInstances(set([list([instance])]))).complete).toBe(true);
  const { devices, complete } = await readDeviceInstances(set([device, device]));
  expect([devices.length, complete]).toEqual([16_384, false]);
});

describe('a product policy', () => {
  test('whose entry is shorter than its parts ends before it', () => {
    const bytes = new Uint8Array(80);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, 60, true);
    view.setUint16(20, 24, true);
    view.setUint16(22, 16, true);
    expect(policyData(bytes, 'x')).toBeUndefined();
  });

  test('without the value, with one that is too short, or too short itself, never ends', () => {
    expect(expirationDate(new Uint8Array(80))).toBeUndefined();
    expect(expirationDate(new Uint8Array(3))).toBeUndefined();
    const name = 'Kernel-ExpirationDate';
    const bytes = new Uint8Array(20 + 16 + name.length * 2 + 8);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, bytes.length - 20, true);
    [bytes.length - 20, name.length * 2, 3, 8].forEach((value, i) => view.setUint16(20 + i * 2, value, true));
    for (let i = 0; i < name.length; i += 1) view.setUint16(36 + i * 2, name.charCodeAt(i), true);
    expect(policyData(bytes, name)).toHaveLength(8);
    expect(expirationDate(bytes)).toBeUndefined();
  });
});
