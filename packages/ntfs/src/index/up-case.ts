import type { Bytes } from '@deadbox/core';
import { UP_CASE_SIZE } from '../limits.js';

/** Upper-case form of one UTF-16 code unit. */
export interface UpCase {
  (unit: number): number;
}

/**
 * Upper case of ASCII alone. Enough to compare any stored name with an ASCII one: no `$UpCase` maps a unit from 0x80 on
 * into ASCII, so such a unit differs from every ASCII unit, and sorts after it, whatever the table says.
 */
export const asciiUpCase: UpCase = (unit) => (unit >= 0x61 && unit <= 0x7a ? unit - 0x20 : unit);

/**
 * Parses the volume's `$UpCase`: 65536 u16, entry i = upper case of unit i (ntfs-3g unistr.c, libfsntfs).
 * @returns `undefined` unless it has exactly 131072 bytes and maps ASCII as it must
 */
export function parseUpCase(bytes: Bytes): UpCase | undefined {
  if (bytes.length !== UP_CASE_SIZE) return undefined;
  const table = new Uint16Array(UP_CASE_SIZE / 2);
  for (let unit = 0; unit < table.length; unit += 1) table[unit] = bytes[unit * 2] | (bytes[unit * 2 + 1] << 8);
  for (let unit = 0; unit < 0x80; unit += 1) if (table[unit] !== asciiUpCase(unit)) return undefined;
  return (unit) => table[unit];
}

/** Code units of `name` in upper case. */
export function upCaseUnits(name: string, upCase: UpCase): Uint16Array {
  const units = new Uint16Array(name.length);
  for (let i = 0; i < name.length; i += 1) units[i] = upCase(name.charCodeAt(i));
  return units;
}

/** Whether every code unit of `name` is ASCII. */
export function isAscii(name: string): boolean {
  for (let i = 0; i < name.length; i += 1) if (name.charCodeAt(i) >= 0x80) return false;
  return true;
}

/**
 * File-name collation without its tie break: negative when `name` sorts before `wanted`, 0 when they are equal ignoring
 * case.
 * @param wanted - upper-case units
 */
export function compareUpCased(name: string, wanted: Uint16Array, upCase: UpCase): number {
  const common = Math.min(name.length, wanted.length);
  for (let i = 0; i < common; i += 1) {
    const difference = upCase(name.charCodeAt(i)) - wanted[i];
    if (difference !== 0) return difference;
  }
  return name.length - wanted.length;
}

/** Like {@link compareUpCased}, but 0 for every name that begins with `prefix`. */
export function comparePrefix(name: string, prefix: Uint16Array, upCase: UpCase): number {
  const common = Math.min(name.length, prefix.length);
  for (let i = 0; i < common; i += 1) {
    const difference = upCase(name.charCodeAt(i)) - prefix[i];
    if (difference !== 0) return difference;
  }
  return name.length < prefix.length ? -1 : 0;
}

/**
 * File-name collation (collation 1): upper-cased units first, then length, then the units themselves (ntfs-3g
 * unistr.c).
 * @returns negative, 0 or positive
 */
export function compareNames(left: string, right: string, upCase: UpCase): number {
  const order = compareUpCased(left, upCaseUnits(right, upCase), upCase);
  if (order !== 0) return order;
  for (let i = 0; i < left.length; i += 1) {
    const difference = left.charCodeAt(i) - right.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return 0;
}
