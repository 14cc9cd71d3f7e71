import {
  type Bytes,
  Cursor,
  isZero,
  NIL_GUID,
  type Structure,
  structure,
  unlessDamaged,
  untilNul,
  utf16Text,
} from '@deadbox/core';
import { MAX_DEVICE_DEPTH } from '../limits.js';
import { diskSignatureText } from '../machine/mounted-devices.js';

/** How a device element names a disk and a partition on it. */
export type PartitionReference =
  | {
      readonly style: 'gpt';
      /** Upper-case GUID of the partition and of the disk. */
      readonly partitionId: string;
      readonly diskId: string;
    }
  | {
      readonly style: 'mbr';
      /** Byte offset of the partition on the disk. */
      readonly partitionOffset: number;
      /** Eight upper-case hexadecimal digits. */
      readonly diskSignature: string;
    };

/** What a device element of a boot store points at. */
export type BootDevice =
  | {
      readonly kind: 'partition';
      readonly partition: PartitionReference;
      /** Where the disk's id stands in the element's bytes. */
      readonly diskIdOffset: number;
      /** 0 hard disk, 2 CD-ROM, 6 virtual disk… */
      readonly diskKind: number;
    }
  /** A whole disk by its id. */
  | {
      readonly kind: 'disk';
      readonly style: 'gpt' | 'mbr';
      readonly diskId: string;
      readonly diskIdOffset: number;
    }
  /** The device that the boot manager was started from: never stale. */
  | { readonly kind: 'boot' }
  /** The first partition that has the path in element `element`: never stale, but may find another partition. */
  | { readonly kind: 'locate'; readonly element?: number; readonly path?: string }
  /** A file that is loaded into memory (`ramdisk`), a file, or a virtual disk (`vhd`), on another device. */
  | {
      readonly kind: 'ramdisk' | 'file' | 'vhd';
      readonly parent: BootDevice;
      readonly path: string;
      /** Object with the options of a ramdisk. */
      readonly options?: string;
    }
  /** A form that is not known: reported as such, never as broken. */
  | { readonly kind: 'unrecognised'; readonly deviceType: number; readonly length: number };

/** Device types and kinds of disk of the boot library (ReactOS `boot/environ/include/bl.h`). */
const DEVICE_DISK = 0;
const DEVICE_BOOT = 5;
const DEVICE_PARTITION = 6;
const DEVICE_LOCATE = 8;
const DISK_HARD = 0;
const DISK_RAM = 3;
const DISK_FILE = 5;
const DISK_VIRTUAL = 6;
const STYLE_GPT = 0;
const STYLE_MBR = 1;
const PATH_WITH_DEVICE = 5;

const SOURCE =
  'ReactOS boot/environ/include/bl.h; GPT partitions, boot, locate and ramdisk seen in real stores, MBR partitions in published examples';

export const BCD_DEVICE_FIELDS = {
  options: [0x00, 'guid', 'Object with the options of a ramdisk; zero for a plain device'],
  type: [
    0x10,
    'u32',
    'Device',
    { values: { 0: 'disk', 2: 'legacy partition', 5: 'boot', 6: 'partition', 8: 'locate' } },
  ],
  flags: [0x14, 'u32', '1 seen on ramdisks'],
  size: [0x18, 'u32', 'Bytes of the descriptor, which begins with the type'],
} as const;
/**
 * Device element of a boot store (value of type BINARY). What the type needs follows: of a partition
 * {@link BCD_PARTITION}.
 */
export const BCD_DEVICE: Structure<typeof BCD_DEVICE_FIELDS> = structure('bcd-device', SOURCE, BCD_DEVICE_FIELDS);

export const BCD_PARTITION_FIELDS = {
  partition: [0x00, 'bytes[16]', 'GPT: GUID of the partition. MBR: its byte offset (8), zeros'],
  diskKind: [
    0x10,
    'u32',
    'Disk',
    { values: { 0: 'hard disk', 1: 'floppy', 2: 'CD-ROM', 3: 'ramdisk', 5: 'file', 6: 'virtual' } },
  ],
  style: [0x14, 'u32', 'Partition table', { values: { 0: 'GPT', 1: 'MBR', 2: 'none' } }],
  disk: [0x18, 'bytes[16]', 'GPT: GUID of the disk. MBR: its signature (4), zeros'],
} as const;
/** What a partition device names, behind the 0x20 bytes of {@link BCD_DEVICE}. */
export const BCD_PARTITION: Structure<typeof BCD_PARTITION_FIELDS> = structure(
  'bcd-partition',
  SOURCE,
  BCD_PARTITION_FIELDS,
);

/** Bytes before the device descriptor: the GUID of the options object. */
const DESCRIPTOR_AT: number = BCD_DEVICE.fields.type.offset;
/** Descriptor: type, flags, size, reserved. */
const BODY_AT = 16;
const SIZE_AT: number = BCD_DEVICE.fields.size.offset - DESCRIPTOR_AT;

/**
 * Parses the data of a device element: 16 bytes options object, then a device descriptor.
 */
export function parseDeviceElement(bytes: Bytes): BootDevice {
  const unrecognised: BootDevice = {
    kind: 'unrecognised',
    deviceType: bytes.length >= DESCRIPTOR_AT + 4 ? new Cursor(bytes).u32(DESCRIPTOR_AT) : -1,
    length: bytes.length,
  };
  if (bytes.length < DESCRIPTOR_AT + BODY_AT) return unrecognised;
  const cursor = new Cursor(bytes, 'boot device');
  const options = isZero(bytes.subarray(0, 16)) ? undefined : cursor.guid(0);
  const device = unlessDamaged(() => parseDescriptor(cursor, DESCRIPTOR_AT, bytes.length, 0), undefined);
  if (device === undefined) return unrecognised;
  return options !== undefined && device.kind === 'ramdisk' ? { ...device, options } : device;
}

/** The descriptor at `at`, which ends at `limit` at the latest. */
function parseDescriptor(cursor: Cursor, at: number, limit: number, depth: number): BootDevice | undefined {
  if (depth > MAX_DEVICE_DEPTH || at + BODY_AT > limit) return undefined;
  const body = at + BODY_AT;
  const end = Math.min(limit, at + cursor.u32(at + SIZE_AT));
  switch (cursor.u32(at)) {
    case DEVICE_BOOT:
      return { kind: 'boot' };
    case DEVICE_LOCATE:
      return parseLocate(cursor, body, end);
    case DEVICE_PARTITION:
      return parsePartition(cursor, body, limit, depth);
    case DEVICE_DISK:
      return parseLocalDisk(cursor, body, limit, depth);
    default:
      return undefined;
  }
}

function parseLocate(cursor: Cursor, body: number, end: number): BootDevice {
  if (body + 8 > end) return { kind: 'locate' };
  const byElement = cursor.u32(body) === 0;
  if (byElement) return { kind: 'locate', element: cursor.u32(body + 4) };
  // Located by a path of its own: the text ends the descriptor.
  const path = untilNul(utf16Text(cursor.slice(body + 12, Math.max(0, end - body - 12))));
  return path.startsWith('\\') ? { kind: 'locate', path } : { kind: 'locate' };
}

/** Partition id (16), then the disk: kind (4), style (4), id (16). */
function parsePartition(cursor: Cursor, body: number, limit: number, depth: number): BootDevice | undefined {
  const { diskKind, style } = BCD_PARTITION.read(cursor, body);
  const diskIdOffset = body + BCD_PARTITION.fields.disk.offset;
  if (diskKind === DISK_VIRTUAL || diskKind === DISK_FILE) {
    const inFile = findFilePath(cursor, body + 16, limit, depth);
    if (inFile !== undefined) return { kind: diskKind === DISK_VIRTUAL ? 'vhd' : 'file', ...inFile };
  }
  if (style === STYLE_GPT) {
    const partition: PartitionReference = {
      style: 'gpt',
      partitionId: cursor.guid(body),
      diskId: cursor.guid(diskIdOffset),
    };
    return partition.partitionId === NIL_GUID ? undefined : { kind: 'partition', partition, diskIdOffset, diskKind };
  }
  if (style !== STYLE_MBR) return undefined;
  const partition: PartitionReference = {
    style: 'mbr',
    partitionOffset: cursor.u64Number(body),
    diskSignature: diskSignatureText(cursor.u32(diskIdOffset)),
  };
  return { kind: 'partition', partition, diskIdOffset, diskKind };
}

/** A disk of type 0 begins with its kind; a ramdisk follows with base (8), size (8), offset (4) and a file path. */
function parseLocalDisk(cursor: Cursor, body: number, limit: number, depth: number): BootDevice | undefined {
  const diskKind = cursor.u32(body);
  if (diskKind === DISK_RAM || diskKind === DISK_FILE || diskKind === DISK_VIRTUAL) {
    const inFile = findFilePath(cursor, body + 4, limit, depth);
    if (inFile === undefined) return undefined;
    return { kind: diskKind === DISK_RAM ? 'ramdisk' : diskKind === DISK_FILE ? 'file' : 'vhd', ...inFile };
  }
  if (diskKind !== DISK_HARD) return undefined;
  const style = cursor.u32(body + 4);
  if (style === STYLE_GPT) return { kind: 'disk', style: 'gpt', diskId: cursor.guid(body + 8), diskIdOffset: body + 8 };
  return style === STYLE_MBR
    ? { kind: 'disk', style: 'mbr', diskId: diskSignatureText(cursor.u32(body + 8)), diskIdOffset: body + 8 }
    : undefined;
}

/**
 * The file path descriptor (version 1, length, type 5, device, path) between `from` and `limit`. Its place depends on
 * the kind of disk, but its length always reaches the end of the element, which tells it from anything else. The first
 * one counts: forged elements would hold thousands.
 */
function findFilePath(
  cursor: Cursor,
  from: number,
  limit: number,
  depth: number,
): { parent: BootDevice; path: string } | undefined {
  for (let at = from; at + 12 + BODY_AT <= limit; at += 4) {
    if (cursor.u32(at) !== 1 || cursor.u32(at + 8) !== PATH_WITH_DEVICE || at + cursor.u32(at + 4) !== limit) continue;
    const device = at + 12;
    const size = cursor.u32(device + SIZE_AT);
    if (size < BODY_AT || device + size > limit) return undefined;
    const parent = parseDescriptor(cursor, device, device + size, depth + 1);
    return parent && { parent, path: untilNul(utf16Text(cursor.slice(device + size, limit - device - size))) };
  }
  return undefined;
}

/** The innermost device: of a ramdisk or virtual disk the one that holds its file. */
export function underlyingDevice(device: BootDevice): BootDevice {
  let inner = device;
  while (inner.kind === 'ramdisk' || inner.kind === 'file' || inner.kind === 'vhd') inner = inner.parent;
  return inner;
}
