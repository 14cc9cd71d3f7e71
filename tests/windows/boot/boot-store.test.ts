import { readFileSync } from 'node:fs';
import { MemorySource, toHex } from '@deadbox/core';
import {
  type BootElementEntry,
  type BootStore,
  bootElementName,
  effectiveElement,
  Hive,
  readBootStore,
  underlyingDevice,
} from '@deadbox/windows';
import { bootObjectKind, parseDeviceElement } from '@deadbox/windows/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bootDevice,
  fileDevice,
  gptDevice,
  integer,
  locateDevice,
  mbrDevice,
  windowsBootStore,
  writeBootStore,
} from '../../support/bcd-writer.js';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';

const PARTITION = '8E0F2C38-E4EA-47BA-B7FC-9D8C74DCCF0B';
const DISK = '0B2394A9-095E-487D-8D48-719ECD4D78CA';

async function storeOf(bytes: Uint8Array<ArrayBuffer>): Promise<BootStore> {
  return readBootStore(await Hive.open(new MemorySource(bytes)));
}

/** An element in the form of the corpus' answers: text, texts, or the data in hexadecimal. */
function answer(element: BootElementEntry): string | string[] {
  const { value } = element;
  if (value.format === 'string') return value.text;
  if (value.format === 'object') return `{${value.id.toLowerCase()}}`;
  if (value.format === 'object-list') return value.ids.map((id) => `{${id.toLowerCase()}}`);
  return toHex(element.bytes);
}

describeWithCorpus('boot stores of the corpus', () => {
  for (const entry of corpusManifest().filter((one) => one.expected?.bcd !== undefined)) {
    test(`${entry.id}: objects, types and elements are the recorded ones`, async () => {
      const store = await storeOf(new Uint8Array(readFileSync(corpusFile(entry))));
      const ours = Object.fromEntries(
        store.objects.map((object) => [
          `{${object.id.toLowerCase()}}`,
          {
            type: `0x${object.type.toString(16)}`,
            elements: Object.fromEntries(
              object.elements.map((element) => [element.id.toString(16).padStart(8, '0'), answer(element)]),
            ),
          },
        ]),
      );
      expect(ours).toEqual(entry.expected.bcd);
      expect(store.keyName).toBe('BCD00000000');
      expect(
        store.objects.flatMap((object) => object.elements).some((element) => element.value.format === 'unknown'),
      ).toBe(false);
    });
  }

  test('the elements lie in the file where the store says, so that a repair can find them', async () => {
    const entry = corpusManifest().find((one) => one.id === 'win10-esp-bcd');
    const bytes = new Uint8Array(readFileSync(corpusFile(entry as never)));
    for (const object of (await storeOf(bytes)).objects) {
      for (const element of object.elements) {
        expect(toHex(bytes.subarray(element.fileOffset, element.fileOffset + element.bytes.length))).toBe(
          toHex(element.bytes),
        );
      }
    }
  });

  test('the firmware variable names partition, place and file', async () => {
    const entry = corpusManifest().find((one) => one.id === 'win10-esp-bcd');
    const store = await storeOf(new Uint8Array(readFileSync(corpusFile(entry as never))));
    expect(store.objects.find((object) => object.name === '{bootmgr}')?.firmware).toEqual({
      name: 'Windows Boot Manager',
      partition: {
        number: 1,
        startLba: 0x28,
        sizeLba: 0x64000,
        style: 'gpt',
        partitionId: '1C6AB89C-BCBF-4ABE-8593-618E4D2F5811',
      },
      path: '\\EFI\\Microsoft\\Boot\\bootmgfw.efi',
    });
  });
});

describe('device elements', () => {
  test('of a GPT partition name partition and disk', () => {
    // Element 21000001 of a Windows 10 store, as published with the regipy test data.
    const bytes = Uint8Array.from(
      Buffer.from(
        '0000000000000000000000000000000006000000000000004800000000000000382c0f8eeae4ba47b7fc9d8c74dccf0b0000000000000000a994230b5e097d488d48719ecd4d78ca00000000000000000000000000000000',
        'hex',
      ),
    );
    expect(parseDeviceElement(bytes)).toEqual({
      kind: 'partition',
      partition: { style: 'gpt', partitionId: PARTITION, diskId: DISK },
      diskIdOffset: 0x38,
      diskKind: 0,
    });
  });

  test('of an MBR partition name offset and signature', () => {
    // Published example: offset 0x15F00000, signature 0xB3EBA8F1.
    const bytes = new Uint8Array(0x58);
    bytes.set([0, 0, 0xf0, 0x15], 0x20);
    bytes.set([6], 0x10);
    bytes.set([0x48], 0x18);
    bytes.set([1], 0x34);
    bytes.set([0xf1, 0xa8, 0xeb, 0xb3], 0x38);
    expect(parseDeviceElement(bytes)).toMatchObject({
      kind: 'partition',
      partition: { style: 'mbr', partitionOffset: 0x15f00000, diskSignature: 'B3EBA8F1' },
      diskIdOffset: 0x38,
    });
    expect(parseDeviceElement(mbrDevice(0x15f00000, 0xb3eba8f1))).toEqual(parseDeviceElement(bytes));
  });

  test('of a real ramdisk name the file, the options and the partition below', () => {
    const bytes = Uint8Array.from(
      Buffer.from(
        'e7623b7308f6eb11825cc112f60133ab0000000001000000b8000000000000000300000000000000000000000000000000000000000000000100000090000000050000000600000000000000480000000000000069cddf6c75de90448f995a84bf2649170000000000000000a994230b5e097d488d48719ecd4d78ca000000000000000000000000000000005c005200650063006f0076006500720079005c00570069006e0064006f0077007300520045005c00570069006e00720065002e00770069006d000000',
        'hex',
      ),
    );
    const device = parseDeviceElement(bytes);
    expect(device).toMatchObject({
      kind: 'ramdisk',
      path: '\\Recovery\\WindowsRE\\Winre.wim',
      options: '733B62E7-F608-11EB-825C-C112F60133AB',
    });
    expect(underlyingDevice(device)).toMatchObject({
      partition: { partitionId: '6CDFCD69-DE75-4490-8F99-5A84BF264917', diskId: DISK },
      diskIdOffset: 0x6c,
    });
  });

  test('for boot and locate carry no id', () => {
    expect(parseDeviceElement(bootDevice())).toEqual({ kind: 'boot' });
    expect(parseDeviceElement(locateDevice(0x22000002))).toEqual({ kind: 'locate', element: 0x22000002 });
  });

  test('of a virtual disk (synthetic) name the file and the partition below', () => {
    expect(parseDeviceElement(fileDevice(PARTITION, DISK, '\\disk.vhdx', PARTITION, 6))).toMatchObject({
      kind: 'vhd',
      path: '\\disk.vhdx',
      parent: { kind: 'partition' },
    });
  });

  test('of an unknown form are called unrecognised, whatever their bytes', () => {
    expect(parseDeviceElement(new Uint8Array(3))).toMatchObject({ kind: 'unrecognised' });
    expect(parseDeviceElement(new Uint8Array(0x58).fill(0xff))).toMatchObject({ kind: 'unrecognised' });
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 256 }),
        (bytes) => typeof parseDeviceElement(new Uint8Array(bytes)).kind === 'string',
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(199), fc.nat(255)), { maxLength: 12 }), (changes) => {
        const bytes = fileDevice(PARTITION, DISK, '\\x\\y.wim', PARTITION);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return typeof parseDeviceElement(bytes).kind === 'string';
      }),
    );
  });
});

describe('boot stores', () => {
  test('that are another hive are refused', async () => {
    const { writeHive } = await import('../../support/hive-writer.js');
    await expect(storeOf(writeHive({}))).rejects.toMatchObject({ code: 'BCD_NOT_A_STORE' });
  });

  test('give inherited settings, and end when the inheritance runs in a circle', async () => {
    const objects = windowsBootStore({ firmware: 'uefi', system: bootDevice(), windows: bootDevice() });
    const settings = '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}';
    const loader = Object.keys(objects)[1];
    (objects[loader] as { elements: Record<string, unknown> }).elements['14000006'] = [settings];
    objects[settings] = { type: 0x20200003, elements: { '25000080': integer(1), '14000006': [loader] } };
    const store = await storeOf(writeBootStore(objects));
    const entry = store.objects.find((object) => object.id === loader.slice(1, -1).toUpperCase());
    expect(effectiveElement(store, entry, 0x25000080)?.value).toEqual({ format: 'integer', integer: 1n });
    expect(effectiveElement(store, entry, 0x25000081)).toBeUndefined();
  });

  test('name elements and kinds as bcdedit does', () => {
    expect(bootElementName(0x21000001, 'os-loader')).toBe('osdevice');
    expect(bootElementName(0x21000001, 'resume')).toBe('filedevice');
    expect(bootElementName(0x23000003, 'boot-manager')).toBe('default');
    expect(bootElementName(0x23000003, 'os-loader')).toBe('resumeobject');
    expect(bootElementName(0x25000999, 'os-loader')).toBe('custom:25000999');
    expect(
      [0x10100001, 0x10100002, 0x10200003, 0x10200004, 0x10200005, 0x101fffff, 0x20200003, 0x30000000].map(
        bootObjectKind,
      ),
    ).toEqual([
      'firmware-boot-manager',
      'boot-manager',
      'os-loader',
      'resume',
      'memory-tester',
      'firmware-application',
      'settings',
      'device-options',
    ]);
  });
});

test('a GPT device of the fixtures is laid out as a real one', () => {
  expect(parseDeviceElement(gptDevice(PARTITION, DISK))).toMatchObject({
    partition: { partitionId: PARTITION, diskId: DISK },
  });
});

describe('forged boot stores', () => {
  test('whose device element holds thousands of file paths within each other are read in one pass', () => {
    // A ramdisk whose body is full of file path descriptors that all reach to the end of the element.
    const bytes = new Uint8Array(60_000);
    const view = new DataView(bytes.buffer);
    view.setUint32(0x18, bytes.length - 16, true);
    view.setUint32(0x20, 3, true);
    for (let at = 0x24; at + 28 <= bytes.length; at += 28) {
      view.setUint32(at, 1, true);
      view.setUint32(at + 4, bytes.length - at, true);
      view.setUint32(at + 8, 5, true);
      view.setUint32(at + 20, bytes.length - at - 12, true);
    }
    expect(parseDeviceElement(bytes).kind).toBe('unrecognised');
  });

  test('whose settings inherit each other in a circle are searched once', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `{00000000-0000-4000-8000-0000000000${String(i + 10)}}`);
    const objects = Object.fromEntries(
      ids.map((id) => [id, { type: 0x20100000, elements: { '14000006': ids } }] as const),
    );
    const store = await storeOf(writeBootStore(objects));
    expect(store.objects).toHaveLength(40);
    expect(effectiveElement(store, store.objects[0], 0x16000048)).toBeUndefined();
  });
});
