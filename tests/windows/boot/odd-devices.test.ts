import { type BootDevice, underlyingDevice } from '@deadbox/windows';
import { parseDeviceElement, parseFirmwareVariable } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { gptDevice, guidBytes, locatePathDevice, mbrDevice } from '../../support/bcd-writer.js';
import { filePath } from '../../support/measured-boot-writer.js';

type Input = Uint8Array<ArrayBuffer>;
const PARTITION = '8E0F2C38-E4EA-47BA-B7FC-9D8C74DCCF0B';
const DISK = '0B2394A9-095E-487D-8D48-719ECD4D78CA';
const text = (value: string): Uint8Array => Buffer.from(`${value}\0`, 'utf16le');
const numbers = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** A device descriptor: type, flags, size, reserved, then what the type needs. */
function descriptor(type: number, ...parts: readonly Uint8Array[]): Input {
  const body = Buffer.concat(parts);
  return new Uint8Array(Buffer.concat([numbers(type, 0, body.length + 16, 0), body]));
}
/** A file path descriptor: version, length, type 5, the device, the path. */
function pathOn(device: Uint8Array, path: string): Uint8Array {
  const rest = Buffer.concat([device, text(path)]);
  return Buffer.concat([numbers(1, rest.length + 12, 5), rest]);
}
const element = (device: Uint8Array): Input => new Uint8Array(Buffer.concat([new Uint8Array(16), device]));
const read = (device: Uint8Array): BootDevice => parseDeviceElement(element(device));
const partition = gptDevice(PARTITION, DISK).slice(16);
const named = { kind: 'partition', partition: { style: 'gpt', partitionId: PARTITION, diskId: DISK } };
const kind = (bytes: Input): string => parseDeviceElement(bytes).kind;

describe('a device of a boot store', () => {
  test.each([
    [3, 'ramdisk'],
    [5, 'file'],
    [6, 'vhd'],
  ])('of the kind of disk %i is a %s that lies in a file', (diskKind, expected) => {
    const disk = descriptor(0, numbers(diskKind, 0, 0, 0, 0, 0), pathOn(partition, '\\disk'));
    expect(read(disk)).toMatchObject({ kind: expected, path: '\\disk', parent: named });
    expect(read(descriptor(0, numbers(diskKind, 0, 0, 0, 0, 0))).kind).toBe('unrecognised');
  });

  test.each([
    [5, 'file'],
    [6, 'vhd'],
  ])('that is a partition of a disk of the kind %i is a %s, where it names one', (diskKind, expected) => {
    const id = guidBytes(PARTITION);
    const head = [id, numbers(diskKind, 0), guidBytes(DISK)];
    expect(read(descriptor(6, ...head, pathOn(partition, '\\d.vhdx')))).toMatchObject({
      kind: expected,
      path: '\\d.vhdx',
      parent: named,
    });
    expect(read(descriptor(6, ...head, new Uint8Array(16)))).toMatchObject({ ...named, diskKind });
  });

  test('that is a whole disk has its identity, by the kind of its table', () => {
    expect(read(descriptor(0, numbers(0, 0), guidBytes(DISK)))).toMatchObject({
      kind: 'disk',
      style: 'gpt',
      diskId: DISK,
    });
    const signature = numbers(0, 1, 0xdf4546ae, 0, 0, 0);
    expect(read(descriptor(0, signature))).toMatchObject({ kind: 'disk', style: 'mbr', diskId: 'DF4546AE' });
    expect(read(descriptor(0, numbers(0, 2, 0, 0, 0, 0))).kind).toBe('unrecognised');
    expect(read(descriptor(0, numbers(1, 0, 0, 0))).kind).toBe('unrecognised');
  });

  test('that names no partition, or one of a table without a form, is unrecognised', () => {
    expect(kind(gptDevice('00000000-0000-0000-0000-000000000000', DISK))).toBe('unrecognised');
    const other = mbrDevice(0x100000, 1);
    other[0x34] = 2;
    expect(kind(other)).toBe('unrecognised');
  });

  test('that ends early is unrecognised', () => {
    for (const length of [0x30, 0x3a]) expect(kind(gptDevice(PARTITION, DISK).slice(0, length))).toBe('unrecognised');
  });

  test('that is looked for has a path that begins at the root, or none', () => {
    expect(parseDeviceElement(locatePathDevice('\\Windows'))).toEqual({ kind: 'locate', path: '\\Windows' });
    expect(parseDeviceElement(locatePathDevice('Windows'))).toEqual({ kind: 'locate' });
    expect(read(descriptor(8, numbers(0)))).toEqual({ kind: 'locate' });
  });

  test('in a file of a file is followed eight times', () => {
    const inside = (depth: number): Input =>
      depth === 0 ? partition : descriptor(0, numbers(6, 0, 0, 0, 0, 0), pathOn(inside(depth - 1), `\\${depth}.vhdx`));
    expect(underlyingDevice(read(inside(8)))).toMatchObject(named);
    expect(read(inside(9)).kind).toBe('unrecognised');
  });

  test('whose file path has no room for its device is unrecognised', () => {
    const path = pathOn(partition, '\\x');
    new DataView(path.buffer, path.byteOffset).setUint32(12 + 8, 8, true);
    expect(read(descriptor(0, numbers(3, 0, 0, 0, 0, 0), path)).kind).toBe('unrecognised');
    new DataView(path.buffer, path.byteOffset).setUint32(12 + 8, 4096, true);
    expect(read(descriptor(0, numbers(3, 0, 0, 0, 0, 0), path)).kind).toBe('unrecognised');
  });
});

describe("Windows' copy of a boot entry of the firmware", () => {
  /** `BOOT_ENTRY`: version, length, id, attributes, where the name and where the path stand. */
  function entry(name: string | undefined, path: readonly number[] | undefined, type = 4): Input {
    const bytes = [...numbers(1, 0, 1, 1, 0, 0), 0, 0, 0, 0];
    const view = (): DataView => new DataView(Uint8Array.from(bytes).buffer);
    expect(view().byteLength).toBe(28);
    const place = (at: number, parts: Iterable<number>): void => {
      bytes.splice(at, 4, ...numbers(bytes.length));
      for (const byte of parts) bytes.push(byte);
    };
    if (name !== undefined) place(0x10, text(name));
    if (path !== undefined) place(0x14, [...numbers(1, path.length + 12, type), ...path]);
    return Uint8Array.from(bytes);
  }
  const drive = { number: 1, startLba: 2048, sizeLba: 4096, id: 0xdf4546ae };

  test('has a name, a partition and a file', () => {
    expect(parseFirmwareVariable(entry('Windows Boot Manager', filePath(drive, '\\x.efi')))).toEqual({
      name: 'Windows Boot Manager',
      partition: { style: 'mbr', diskSignature: 'DF4546AE', number: 1, startLba: 2048, sizeLba: 4096 },
      path: '\\x.efi',
    });
  });

  test('may have neither name nor path, or a path of another form', () => {
    expect(parseFirmwareVariable(entry(undefined, undefined))).toEqual({ name: '' });
    expect(parseFirmwareVariable(entry('x', filePath(drive, '\\x.efi'), 3))).toEqual({ name: 'x' });
    expect(parseFirmwareVariable(entry(undefined, filePath(drive, '\\x.efi')))).toMatchObject({
      name: '',
      path: '\\x.efi',
    });
  });

  test('that is cut off is none', () => {
    expect(parseFirmwareVariable(new Uint8Array(8))).toBeUndefined();
    const outside = entry('x', undefined);
    new DataView(outside.buffer).setUint32(0x10, 4096, true);
    expect(parseFirmwareVariable(outside)).toBeUndefined();
  });
});
