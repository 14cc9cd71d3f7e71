import { type Bytes, Cursor, unlessDamaged, untilNul, utf16Text } from '@deadbox/core';
import { type DevicePath, readDevicePath } from '../boot/device-path.js';

/** A boot entry as the firmware keeps it (`EFI_LOAD_OPTION`, UEFI 2.10, 3.1.3). */
export interface BootOption extends DevicePath {
  /** The firmware tries it. */
  readonly active: boolean;
  /** Text of the firmware's menu. */
  readonly name: string;
}

const ACTIVE = 0x1;
/** Behind the attributes (u32) and the length of the device paths (u16). */
const NAME_AT = 6;

/** Parses the data of a variable `Boot####`; `undefined` when it is damaged. Offsets of the path count in `bytes`. */
export function parseBootOption(bytes: Bytes): BootOption | undefined {
  const cursor = new Cursor(bytes, 'boot option');
  return unlessDamaged(() => {
    const attributes = cursor.u32(0);
    const pathLength = cursor.u16(4);
    const name = untilNul(utf16Text(cursor.slice(NAME_AT, bytes.length - NAME_AT)));
    const pathAt = NAME_AT + (name.length + 1) * 2;
    if (pathAt + pathLength > bytes.length) return undefined;
    return {
      active: (attributes & ACTIVE) !== 0,
      name,
      ...readDevicePath(cursor, pathAt, pathAt + pathLength),
    };
  }, undefined);
}
