import { MemorySource } from '@deadbox/core';
import { type BootStore, effectiveElement, Hive, readBootStore, systemRoots } from '@deadbox/windows';
import { bootObjectKind, gatherWitnesses } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { chooseStore } from '../../../packages/windows/src/boot/choose-store.js';
import {
  bootDevice,
  fileDevice,
  gptDevice,
  integer,
  LOADER,
  locateDevice,
  mbrDevice,
  windowsBootStore,
  writeBootStore,
} from '../../support/bcd-writer.js';
import { type KeySpec, type ValueData, writeHive } from '../../support/hive-writer.js';
import { ESP, gpt, mbr, NEW, OLD, run, UEFI_FILES, uefi, WINDOWS } from '../../support/windows/boot-disks.js';
import { HiveEditor, VK } from '../../support/windows/hive-editor.js';

const PATH = '/EFI/Microsoft/Boot/BCD';
const ID = LOADER.slice(1, -1).toUpperCase();
const open = async (bytes: Uint8Array<ArrayBuffer>): Promise<{ store: BootStore; hive: Hive }> => {
  const hive = await Hive.open(new MemorySource(bytes));
  return { hive, store: await readBootStore(hive) };
};
const storeOf = (elements: Record<string, ValueData>) =>
  open(writeBootStore({ [LOADER]: { type: 0x10200003, elements } }));

describe('an element of a boot store', () => {
  test.each([
    ['12000004', 5, { format: 'unknown' }],
    ['23000003', 5, { format: 'unknown' }],
    ['23000003', 'no id', { format: 'unknown' }],
    ['23000003', LOADER, { format: 'object', id: ID }],
    ['24000001', LOADER, { format: 'object-list', ids: [ID] }],
    ['24000001', [LOADER, 'no id'], { format: 'object-list', ids: [ID] }],
    ['24000001', 5, { format: 'object-list', ids: [] }],
    ['25000004', new Uint8Array(0), { format: 'unknown' }],
    ['25000004', new Uint8Array(9), { format: 'unknown' }],
    ['25000004', Uint8Array.of(1, 2), { format: 'integer', integer: 0x201n }],
    ['26000022', new Uint8Array(0), { format: 'unknown' }],
    ['27000001', new Uint8Array(17), { format: 'integer-list', integers: [0n, 0n] }],
    ['28000001', new Uint8Array(1), { format: 'unknown' }],
  ] as const)('%s is what its number and its data say (%s)', async (id, data, expected) => {
    const { store } = await storeOf({ [id]: data });
    expect(store.objects[0]?.elements.map(({ value }) => value)).toEqual([expected]);
  });

  test('without a number for a name, without a value, or without data is left out', async () => {
    const keys: Record<string, KeySpec> = {
      name: { values: { Element: 'x' } },
      '12000004': { values: { Other: 'x' } },
      '12000002': { values: { Element: 'a longer text' } },
      '12000005': { values: { Element: 'y' } },
    };
    const object = { keys: { Elements: { keys } } };
    const editor = new HiveEditor(writeHive({ keys: { Objects: { keys: { [LOADER]: object, [ESP]: {} } } } }));
    editor.setU32(editor.value('Element'), VK.data, 4);
    const { store, hive } = await open(editor.bytes);
    expect(store.objects).toEqual([
      expect.objectContaining({
        id: ID,
        type: 0,
        kind: 'other',
        elements: [expect.objectContaining({ id: 0x12000005 })],
      }),
    ]);
    expect(hive.issues.issues).toContainEqual(
      expect.objectContaining({ code: 'bcd.object-damaged', data: { name: ESP } }),
    );
    expect(store).not.toHaveProperty('keyName');
  });

  test('is looked for in nothing, and of a kind that is not known is other', async () => {
    const { store } = await storeOf({});
    expect(effectiveElement(store, undefined, 0x12000004)).toBeUndefined();
    expect([0, 0x10200009, 0x40000000].map(bootObjectKind)).toEqual(['other', 'other', 'other']);
  });
});

test('Windows is where a store says it is on a volume of this disk', async () => {
  const disk = gpt(OLD);
  const roots = async (elements: Record<string, ValueData>) => systemRoots((await storeOf(elements)).store, disk);
  const device = gptDevice(WINDOWS, OLD);
  expect(await roots({ '21000001': device, '22000002': '\\Windows' })).toEqual([{ partition: 3, path: '\\Windows' }]);
  expect(await roots({ '21000001': bootDevice(), '22000002': '\\W' })).toEqual([{ path: '\\W' }]);
  expect(await roots({ '21000001': device })).toEqual([]);
  expect(await roots({ '22000002': '\\Windows' })).toEqual([]);
  const vhd = fileDevice(WINDOWS, OLD, '\\d.vhdx', WINDOWS, 6);
  expect(await roots({ '21000001': vhd, '22000002': '\\Windows' })).toEqual([]);
  expect(await roots({ '21000001': device, '22000002': '\\Windows', '26000022': Uint8Array.of(1) })).toEqual([]);
});

describe('witnesses of the identity of a disk', () => {
  const witness = (store: BootStore) => ({ store, path: PATH, partition: 1, recovery: false });

  test('are the backup of its table, and its own store', async () => {
    const { store } = await storeOf({ '11000001': gptDevice(WINDOWS, NEW) });
    const { former, witnesses } = gatherWitnesses({ ...gpt(OLD), backupDiskId: NEW }, [witness(store)], []);
    expect(witnesses.map(({ source }) => source)).toEqual(['boot-store', 'gpt-backup-header']);
    expect(former).toBe(NEW);
  });

  test('that name two others equally often name none', async () => {
    const other = '99999999-0000-4000-8000-000000000000';
    const { store } = await storeOf({
      '11000001': gptDevice(WINDOWS, NEW),
      '21000001': gptDevice(WINDOWS, NEW),
      '31000001': gptDevice(ESP, other),
      '31000002': gptDevice(ESP, other),
    });
    const found = gatherWitnesses(gpt(OLD), [witness(store)], []);
    expect(found.witnesses).toHaveLength(4);
    expect(found).not.toHaveProperty('former');
  });

  test('are entries of the firmware on an MBR disk, and drive letters there only', () => {
    const partition = { style: 'mbr' as const, diskSignature: '11112222', number: 1, startLba: 1, sizeLba: 1 };
    const object = { id: ID, type: 0, kind: 'other' as const, elements: [], firmware: { name: '', partition } };
    const named = { ...object, name: '{bootmgr}' };
    const store: BootStore = { objects: [object, named], complete: true };
    const letter = {
      name: '\\DosDevices\\C:',
      target: { kind: 'mbr' as const, diskSignature: '11112222', partitionOffset: 0x1f500000 },
      fileOffset: 5,
    };
    const mounted = { partition: 2, path: '/SYSTEM', devices: [letter] };
    const found = gatherWitnesses(mbr('DF4546AE'), [witness(store)], [mounted]);
    expect(found.witnesses.map(({ source, where }) => [source, where])).toEqual([
      ['firmware-variable', LOADER],
      ['firmware-variable', '{bootmgr}'],
      ['mounted-devices', '\\DosDevices\\C:'],
    ]);
    expect(found.former).toBe('11112222');
    expect(gatherWitnesses(gpt(OLD), [witness(store)], [mounted]).witnesses).toEqual([]);
  });
});

describe('the boot check', () => {
  test('takes the store of the partition that the firmware starts from', async () => {
    const disk = gpt(OLD);
    const store = (partition: number, role: 'uefi' | 'bios') => ({ partition, role, path: PATH, issues: [] }) as never;
    expect(chooseStore(disk, [store(3, 'uefi'), store(1, 'uefi')])?.partition).toBe(1);
    expect(chooseStore(mbr('1'), [store(2, 'bios'), store(1, 'bios'), store(9, 'bios')])?.partition).toBe(1);
    expect(chooseStore(disk, [])).toBeUndefined();
  });

  test('looks for the root folder of an entry that names neither a path nor a place', async () => {
    const objects = windowsBootStore(uefi);
    const { '12000002': _, ...elements } = objects[LOADER].elements;
    objects[LOADER] = { ...objects[LOADER], elements: { ...elements, '11000001': locateDevice() } };
    const asked: string[] = [];
    await run(gpt(OLD), { [PATH]: writeBootStore(objects) }, UEFI_FILES, {
      exists: (partition, path) => Promise.resolve(asked.push(`${partition}:${path}`) > 0),
    });
    expect(asked).toContain('1:\\');
  });

  test.each([
    [0, 'display-all-failures'],
    [1, 'ignore-all-failures'],
    [3, 'ignore-boot-failures'],
    [9, 'other'],
  ])('tells the policy %i on failures as %s', async (value, policy) => {
    const objects = windowsBootStore({ ...uefi, loader: { '250000e0': integer(value) } });
    const check = await run(gpt(OLD), { [PATH]: writeBootStore(objects) }, UEFI_FILES);
    expect(check.flags.bootStatusPolicy).toBe(policy);
  });

  test('reads a device of an MBR partition', async () => {
    const { store } = await storeOf({ '11000001': mbrDevice(0x100000, 1) });
    expect(store.objects[0]?.elements[0]?.value).toMatchObject({ format: 'device', device: { kind: 'partition' } });
  });
});
