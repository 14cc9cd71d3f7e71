import type { Cursor } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { ParentReference } from '../image-format.js';

/*
 * MS-VHDX 2.6.2.6, parent locator: 0 16 LocatorType, 18 2 KeyValueCount,
 * entries of 12 bytes from 20: 0 4 KeyOffset, 4 4 ValueOffset (both in the item), 8 2 KeyLength, 10 2 ValueLength;
 * UTF-16LE, no terminator.
 */
const VHDX_LOCATOR = 'B04AEFB7-D19E-4A81-B789-25B8E9445913';
const MAX_PAIRS = 64;

/**
 * The parent that a differencing VHDX records: the content identifiers `parent_linkage` and `parent_linkage2` (either
 * fits), and the paths in the order in which the specification tells readers to try them.
 * @throws ImageError `IMAGE_UNSUPPORTED` for a locator of another type, `IMAGE_DAMAGED`
 */
export function parseParentLocator(cursor: Cursor, layer: string): ParentReference {
  const type = cursor.guid(0);
  if (type !== VHDX_LOCATOR) {
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} records its parent by a locator of type ${type}, which deadbox does not know`,
      cursor.at(),
      { type },
    );
  }
  const count = cursor.u16(18);
  if (count > MAX_PAIRS) {
    throw imageError('IMAGE_DAMAGED', `The parent locator of ${layer} claims ${count} entries`, cursor.at(18), {
      count,
    });
  }
  const values = new Map<string, string>();
  for (let index = 0; index < count; index += 1) {
    const entry = 20 + index * 12;
    const key = cursor.utf16(cursor.u32(entry), cursor.u16(entry + 8) >> 1);
    values.set(key, cursor.utf16(cursor.u32(entry + 4), cursor.u16(entry + 10) >> 1));
  }
  const present = (keys: readonly string[]): string[] =>
    keys.map((key) => values.get(key)).filter((value) => value !== undefined && value !== '') as string[];
  const states = present(['parent_linkage', 'parent_linkage2']).map((guid) =>
    guid.replace(/^\{(.*)\}$/, '$1').toUpperCase(),
  );
  if (states.length === 0) {
    throw imageError('IMAGE_DAMAGED', `The parent locator of ${layer} has no parent_linkage`, cursor.at(), {
      keys: [...values.keys()],
    });
  }
  return { names: present(['relative_path', 'volume_path', 'absolute_win32_path']), states };
}
