import { type Bytes, Cursor, defined, unlessDamaged, untilNul, utf16Text } from '@deadbox/core';
import { type DevicePathPartition, readDevicePath } from './device-path.js';

/** What a firmware boot entry points at. */
export interface FirmwareBootEntry {
  /** Name in the firmware's boot menu. */
  readonly name: string;
  /** The partition of the hard-drive node, when the path has one. */
  readonly partition?: DevicePathPartition;
  /** File of the path, e.g. `\EFI\Microsoft\Boot\bootmgfw.efi`. */
  readonly path?: string;
}

const EFI_PATH_TYPE = 4;

/**
 * Parses `Description\FirmwareVariable` of a boot store object: Windows' copy of the firmware's boot entry
 * (`BOOT_ENTRY` of the native API: version, length, id, attributes, offset of the name, offset of the path) with an EFI
 * device path in it.
 * @returns `undefined` when it is damaged
 */
export function parseFirmwareVariable(bytes: Bytes): FirmwareBootEntry | undefined {
  const cursor = new Cursor(bytes, 'firmware variable');
  return unlessDamaged(() => {
    const nameAt = cursor.u32(0x10);
    const pathAt = cursor.u32(0x14);
    const name = nameAt === 0 ? '' : untilNul(utf16Text(cursor.slice(nameAt, bytes.length - nameAt)));
    if (pathAt === 0 || cursor.u32(pathAt + 8) !== EFI_PATH_TYPE) return { name };
    const end = Math.min(bytes.length, pathAt + cursor.u32(pathAt + 4));
    const { partition, path } = readDevicePath(cursor, pathAt + 12, end);
    return { name, ...defined({ partition, path }) };
  }, undefined);
}
