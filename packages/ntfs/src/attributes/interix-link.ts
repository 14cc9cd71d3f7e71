import { utf16Text } from '@deadbox/core';
import { FileAttribute } from './file-name.js';

/**
 * `IntxLNK` and 1: how Interix, Services for UNIX and ntfs-3g mark a symbolic link, which is a system file that holds
 * its target.
 */
const MAGIC: readonly number[] = [0x49, 0x6e, 0x74, 0x78, 0x4c, 0x4e, 0x4b, 0x01];

/** Longest target that is looked at, bytes: 4096 characters (PATH_MAX) after the mark. */
export const MAX_INTERIX_LINK: number = 8 + 2 * 4096;

/** Whether a file of `size` bytes with these attributes can be such a link. */
export function mayBeInterixLink(size: number, fileAttributes: number): boolean {
  return (
    (fileAttributes & FileAttribute.system) !== 0 && size > MAGIC.length && size <= MAX_INTERIX_LINK && size % 2 === 0
  );
}

/** Whether the mark stands at `at`. */
export function hasInterixMark(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < MAGIC.length; i += 1) if (bytes[at + i] !== MAGIC[i]) return false;
  return true;
}

/** Where such a link leads: UTF-16LE text after the mark, `/` separated. */
export function interixTarget(content: Uint8Array): string {
  return utf16Text(content.subarray(MAGIC.length));
}
