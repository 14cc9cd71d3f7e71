import { type Bytes, Cursor, defined, formatGuid, hasAscii, utf16Text } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';

/** What a drive letter or volume name stands for. */
export type MountedDeviceTarget =
  | {
      readonly kind: 'mbr';
      /** Eight upper-case hexadecimal digits. */
      readonly diskSignature: string;
      /** Bytes from the disk's beginning. */
      readonly partitionOffset: number;
    }
  /** Upper-case GUID of the partition. */
  | { readonly kind: 'gpt'; readonly partitionId: string }
  /** Path of a device, e.g. of a CD drive. */
  | { readonly kind: 'device'; readonly path: string };

/**
 * A record of `SYSTEM\MountedDevices`: which partition Windows gave a drive letter or volume name. Format: winreg-kb,
 * "Mounted devices".
 */
export interface MountedDevice {
  /** Value name, e.g. `\DosDevices\C:` or `\??\Volume{…}`. */
  readonly name: string;
  /** The letter of a `\DosDevices\` name. */
  readonly drive?: string;
  /** What the name stands for. */
  readonly target: MountedDeviceTarget;
  /** Byte offset of the data in the hive file. */
  readonly fileOffset: number;
}

/** Parses the data of one record; `undefined` when it has none of the known forms. */
export function parseMountedDevice(bytes: Bytes): MountedDeviceTarget | undefined {
  const cursor = new Cursor(bytes, 'MountedDevices');
  if (bytes.length === 12) {
    return { kind: 'mbr', diskSignature: diskSignatureText(cursor.u32(0)), partitionOffset: cursor.u64Number(4) };
  }
  if (bytes.length === 24 && hasAscii(bytes, 0, 'DMIO:ID:'))
    return { kind: 'gpt', partitionId: formatGuid(bytes.subarray(8)) };
  if (bytes.length < 4 || bytes.length % 2 !== 0) return undefined;
  return { kind: 'device', path: utf16Text(bytes) };
}

/** All records of the hive, in stored order. */
export async function readMountedDevices(system: Hive): Promise<MountedDevice[]> {
  const key = await system.key('MountedDevices');
  const devices: MountedDevice[] = [];
  for (const value of (await key?.values()) ?? []) {
    const bytes = await value.bytes();
    const target = bytes === undefined ? undefined : parseMountedDevice(bytes);
    if (target === undefined) continue;
    const drive = /^\\DosDevices\\([A-Z]):$/i.exec(value.name)?.[1]?.toUpperCase();
    devices.push({ name: value.name, ...defined({ drive }), target, fileOffset: value.dataFileOffset });
  }
  return devices;
}

/** An MBR disk signature as eight upper-case hexadecimal digits. */
export function diskSignatureText(signature: number): string {
  return (signature >>> 0).toString(16).toUpperCase().padStart(8, '0');
}
