import { type Bytes, Cursor, type Structure, structure, unlessDamaged } from '@deadbox/core';
import { calendarText } from '../calendar.js';

const SOURCE = 'Geoff Chappell, Windows license values';
export const POLICY_HEADER_FIELDS = {
  size: [0, 'u32', 'Bytes of the whole value'],
  valuesSize: [4, 'u32', 'Bytes of all entries'],
  endSize: [8, 'u32', 'Bytes of the end marker'],
} as const;
/** What the value `ProductPolicy` begins with. */
export const POLICY_HEADER: Structure<typeof POLICY_HEADER_FIELDS> = structure(
  'product-policy',
  SOURCE,
  POLICY_HEADER_FIELDS,
);
export const POLICY_FIELDS = {
  size: [0, 'u16', 'Bytes of the entry'],
  nameSize: [2, 'u16', 'Bytes of the name'],
  type: [4, 'u16', 'Type as in the registry'],
  dataSize: [6, 'u16', 'Bytes of the data'],
} as const;
/** An entry of `ProductPolicy`: its name and data follow. */
export const POLICY: Structure<typeof POLICY_FIELDS> = structure('product-policy-entry', SOURCE, POLICY_FIELDS);
const HEADER_BYTES = 20;
const ENTRY_BYTES = 16;

/** The data of the license value called `name`; `undefined` when there is none, or the value is damaged before it. */
export function policyData(bytes: Bytes, name: string): Bytes | undefined {
  const cursor = new Cursor(bytes, 'product policy');
  return unlessDamaged(() => {
    const end = Math.min(bytes.length, HEADER_BYTES + POLICY_HEADER.read(cursor).valuesSize);
    for (let at = HEADER_BYTES; at + ENTRY_BYTES <= end; ) {
      const { size, nameSize, dataSize } = POLICY.read(cursor, at);
      if (size < ENTRY_BYTES + nameSize + dataSize) return undefined;
      if (cursor.utf16(at + ENTRY_BYTES, nameSize >> 1).toLowerCase() === name.toLowerCase())
        return cursor.slice(at + ENTRY_BYTES + nameSize, dataSize);
      at += size;
    }
    return undefined;
  }, undefined);
}

/** Bytes of a date among license values: `TIME_FIELDS` of ntddk.h. */
const DATE_BYTES = 16;
/** The year that FILETIME counts from: a date that was never set. */
const NO_YEAR = 1601;

/**
 * When an evaluation or preview ends, as `ProductPolicy` says (`Kernel-ExpirationDate`).
 * @returns ISO-8601 UTC; `undefined` for a Windows that does not expire
 */
export function expirationDate(policy: Bytes): string | undefined {
  const data = policyData(policy, 'Kernel-ExpirationDate');
  if (data === undefined || data.length < DATE_BYTES) return undefined;
  const fields = new Cursor(data, 'product policy');
  const [year, month, day, hour, minute, second] = Array.from({ length: 6 }, (_, i) => fields.u16(i * 2));
  return year <= NO_YEAR ? undefined : calendarText({ year, month, day, hour, minute, second });
}
