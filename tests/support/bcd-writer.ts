/**
 * Boot stores for fixtures, on top of the hive writer. The layout of device elements is written down a second time
 * here: nothing is shared with the reader.
 */
import { type HiveSpec, type KeySpec, type ValueData, writeHive } from './hive-writer.js';

/** Mixed-endian bytes of a GUID. */
export function guidBytes(text: string): Uint8Array<ArrayBuffer> {
  const hex = text.replace(/[{}-]/g, '');
  const raw = Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
  return Uint8Array.of(
    ...raw.slice(0, 4).reverse(),
    ...raw.slice(4, 6).reverse(),
    ...raw.slice(6, 8).reverse(),
    ...raw.slice(8),
  );
}

function descriptor(type: number, flags: number, body: Uint8Array, size = 16 + body.length): Uint8Array {
  const bytes = new Uint8Array(16 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, flags, true);
  view.setUint32(8, size, true);
  bytes.set(body, 16);
  return bytes;
}

function partitionBody(partition: Uint8Array, style: number, disk: Uint8Array): Uint8Array {
  const body = new Uint8Array(56);
  body.set(partition, 0);
  new DataView(body.buffer).setUint32(20, style, true);
  body.set(disk, 24);
  return body;
}

const element = (options: Uint8Array, device: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(16 + device.length);
  bytes.set(options);
  bytes.set(device, 16);
  return bytes;
};
const NO_OPTIONS = new Uint8Array(16);

function gptDescriptor(partitionId: string, diskId: string): Uint8Array {
  return descriptor(6, 0, partitionBody(guidBytes(partitionId), 0, guidBytes(diskId)));
}

function mbrDescriptor(offset: number, signature: number): Uint8Array {
  const start = new Uint8Array(16);
  new DataView(start.buffer).setBigUint64(0, BigInt(offset), true);
  const disk = new Uint8Array(16);
  new DataView(disk.buffer).setUint32(0, signature, true);
  return descriptor(6, 0, partitionBody(start, 1, disk));
}

/** A partition of a GPT disk. */
export const gptDevice = (partitionId: string, diskId: string): Uint8Array<ArrayBuffer> =>
  element(NO_OPTIONS, gptDescriptor(partitionId, diskId));
/** A partition of an MBR disk: byte offset and disk signature. */
export const mbrDevice = (offset: number, signature: number): Uint8Array<ArrayBuffer> =>
  element(NO_OPTIONS, mbrDescriptor(offset, signature));
/** The device that the boot manager was started from. */
export const bootDevice = (): Uint8Array<ArrayBuffer> => element(NO_OPTIONS, descriptor(5, 0, new Uint8Array(56)));

/** `locate=custom:…`: the first partition that has the path in that element. */
export function locateDevice(elementId = 0x12000002): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(56);
  new DataView(body.buffer).setUint32(4, elementId, true);
  return element(NO_OPTIONS, descriptor(8, 0, body));
}

/** `locate=` with a path of its own. */
export function locatePathDevice(path: string): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(12 + (path.length + 1) * 2);
  const view = new DataView(body.buffer);
  view.setUint32(0, 1, true);
  for (let i = 0; i < path.length; i += 1) view.setUint16(12 + i * 2, path.charCodeAt(i), true);
  return element(NO_OPTIONS, descriptor(8, 0, body));
}

/** A whole GPT disk. */
export function diskDevice(diskId: string): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(56);
  body.set(guidBytes(diskId), 8);
  return element(NO_OPTIONS, descriptor(0, 0, body));
}

/** A file on a GPT partition, loaded as a ramdisk (`kind` 3) or, synthetic, a virtual disk (6). */
export function fileDevice(
  partitionId: string,
  diskId: string,
  path: string,
  options: string,
  kind: 3 | 6 = 3,
): Uint8Array<ArrayBuffer> {
  const inner = gptDescriptor(partitionId, diskId);
  const text = new Uint8Array((path.length + 1) * 2);
  for (let i = 0; i < path.length; i += 1) new DataView(text.buffer).setUint16(i * 2, path.charCodeAt(i), true);
  const filePath = new Uint8Array(12 + inner.length + text.length);
  const view = new DataView(filePath.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, filePath.length, true);
  view.setUint32(8, 5, true);
  filePath.set(inner, 12);
  filePath.set(text, 12 + inner.length);
  const body = new Uint8Array(24 + filePath.length);
  new DataView(body.buffer).setUint32(0, kind, true);
  body.set(filePath, 24);
  return element(guidBytes(options), descriptor(0, 1, body));
}

/** An integer element: eight bytes. */
export function integer(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** A boolean element: one byte. */
export const boolean = (value: boolean): Uint8Array<ArrayBuffer> => Uint8Array.of(value ? 1 : 0);

/** An object: its type and elements by number (`'11000001'`). */
export interface BootObjectSpec {
  type: number;
  elements: Record<string, ValueData>;
  firmwareVariable?: Uint8Array;
}

/** Writes a boot store; objects by GUID in braces. */
export function writeBootStore(objects: Record<string, BootObjectSpec>, spec: HiveSpec = {}): Uint8Array<ArrayBuffer> {
  const keys: Record<string, KeySpec> = {};
  for (const [id, object] of Object.entries(objects)) {
    const elements = Object.fromEntries(
      Object.entries(object.elements).map(([name, data]) => [name, { values: { Element: data } }]),
    );
    const variable = object.firmwareVariable === undefined ? {} : { FirmwareVariable: object.firmwareVariable };
    keys[id] = { keys: { Description: { values: { Type: object.type, ...variable } }, Elements: { keys: elements } } };
  }
  const root: KeySpec = {
    keys: { Description: { values: { KeyName: 'BCD00000000', System: 1, TreatAsSystem: 1 } }, Objects: { keys } },
  };
  return writeHive(root, { minorVersion: 3, rootName: 'NewStoreRoot', ...spec });
}

const BOOTMGR = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
export const LOADER = '{733b62e5-f608-11eb-825c-c112f60133ab}';
export const RESUME = '{733b62e4-f608-11eb-825c-c112f60133ab}';
export const RECOVERY = '{733b62e6-f608-11eb-825c-c112f60133ab}';

/** What varies in {@link windowsBootStore}. */
export interface WindowsBootSpec {
  firmware: 'uefi' | 'bios';
  /** Devices of the system partition and of Windows' own. */
  system: Uint8Array;
  windows: Uint8Array;
  recovery?: Uint8Array;
  /** Further elements of the loader, e.g. `{ '25000080': integer(0) }`. */
  loader?: Record<string, ValueData>;
  /** Elements that replace those of the boot manager. */
  manager?: Record<string, ValueData>;
}

/** The objects of an ordinary boot store: boot manager, Windows, resume, recovery. */
export function windowsBootStore(spec: WindowsBootSpec): Record<string, BootObjectSpec> {
  const end = spec.firmware === 'uefi' ? 'efi' : 'exe';
  const manager: Record<string, ValueData> = {
    '11000001': spec.system,
    ...(spec.firmware === 'uefi' ? { '12000002': '\\EFI\\Microsoft\\Boot\\bootmgfw.efi' } : {}),
    '12000004': 'Windows Boot Manager',
    '23000003': LOADER,
    '24000001': [LOADER],
    '25000004': integer(30),
    ...spec.manager,
  };
  const recovery: Record<string, BootObjectSpec> =
    spec.recovery === undefined
      ? {}
      : {
          [RECOVERY]: {
            type: 0x10200003,
            elements: {
              '11000001': spec.recovery,
              '12000002': `\\Windows\\system32\\winload.${end}`,
              '12000004': 'Windows Recovery Environment',
              '21000001': spec.recovery,
              '22000002': '\\windows',
              '26000022': boolean(true),
            },
          },
        };
  return {
    [BOOTMGR]: { type: 0x10100002, elements: manager },
    [LOADER]: {
      type: 0x10200003,
      elements: {
        '11000001': spec.windows,
        '12000002': `\\Windows\\system32\\winload.${end}`,
        '12000004': 'Windows Server',
        ...(spec.recovery === undefined ? {} : { '14000008': [RECOVERY] }),
        '16000009': boolean(true),
        '21000001': spec.windows,
        '22000002': '\\Windows',
        '23000003': RESUME,
        '25000020': integer(0),
        ...spec.loader,
      },
    },
    [RESUME]: {
      type: 0x10200004,
      elements: {
        '11000001': spec.windows,
        '12000002': `\\Windows\\system32\\winresume.${end}`,
        '12000004': 'Windows Resume Application',
        '21000001': spec.windows,
        '22000002': '\\hiberfil.sys',
      },
    },
    ...recovery,
  };
}
