import { type Bytes, Cursor, formatGuid, hasAscii, utf16Text } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';

/**
 * A record of `SYSTEM\MountedDevices`: which partition Windows gave a drive letter or volume name. Format: winreg-kb, "Mounted devices".
 */
export interface MountedDevice {
  /** Value name, e.g. `\DosDevices\C:` or `\??\Volume{…}`. */
  readonly name: string;
  /** The letter of a `\DosDevices\` name. */
  readonly drive?: string;
  /** What the name stands for. */
  readonly target:
    | {
        kind: 'mbr' /** Eight upper-case hexadecimal digits. */;
        diskSignature: string /** Bytes from the disk's beginning. */;
        partitionOffset: number;
      }
    | { kind: 'gpt' /** Upper-case GUID of the partition. */; partitionId: string }
    | { kind: 'device' /** Path of a device, e.g. of a CD drive. */; path: string };
  /** Byte offset of the data in the hive file. */
  readonly fileOffset: number;
}

/** Parses the data of one record; `undefined` when it has none of the known forms. */
export function parseMountedDevice(bytes: Bytes): MountedDevice['target'] | undefined {
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
    devices.push({
      name: value.name,
      ...(drive === undefined ? {} : { drive }),
      target,
      fileOffset: value.dataFileOffset,
    });
  }
  return devices;
}

/** An MBR disk signature as eight upper-case hexadecimal digits. */
export function diskSignatureText(signature: number): string {
  return (signature >>> 0).toString(16).toUpperCase().padStart(8, '0');
}
