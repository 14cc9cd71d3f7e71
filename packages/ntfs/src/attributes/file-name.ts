import { type Bytes, Cursor, type FileTime } from '@deadbox/core';
import { type FileReference, fileReferenceAt } from '../record/file-reference.js';

/** Name spaces of a `$FILE_NAME`. */
export const NameSpace = { posix: 0, win32: 1, dos: 2, win32AndDos: 3 } as const;

/** File attribute bits (MS-FSCC 2.6, and NTFS's own two at the top). */
export const FileAttribute = {
  readOnly: 0x1,
  hidden: 0x2,
  system: 0x4,
  directory: 0x10,
  archive: 0x20,
  normal: 0x80,
  temporary: 0x100,
  sparse: 0x200,
  reparsePoint: 0x400,
  compressed: 0x800,
  offline: 0x1000,
  notIndexed: 0x2000,
  encrypted: 0x4000,
  integrity: 0x8000,
  recallOnOpen: 0x4_0000,
  pinned: 0x8_0000,
  unpinned: 0x10_0000,
  recallOnDataAccess: 0x40_0000,
  hasDirectoryIndex: 0x1000_0000,
  hasViewIndex: 0x2000_0000,
} as const;

/** Length of a `$FILE_NAME` before the name itself. */
export const FILE_NAME_HEAD = 0x42;

/** One name of a file, as its record or a directory index holds it. */
export interface FileName {
  /** The folder. */
  readonly parent: FileReference;
  /** The name, code unit by code unit: may hold unpaired surrogates. */
  readonly name: string;
  /** See {@link NameSpace}. */
  readonly nameSpace: number;
  /** The second set of times: they change on create, rename and move only. */
  readonly created: FileTime;
  /** Content last written, when the name was last set. */
  readonly modified: FileTime;
  /** Record last changed, when the name was last set. */
  readonly changed: FileTime;
  /** Last read, when the name was last set. */
  readonly accessed: FileTime;
  /** A copy that can lag: take sizes from the attribute. */
  readonly allocatedSize: number;
  /** A copy that can lag. */
  readonly size: number;
  /** See {@link FileAttribute}. */
  readonly attributes: number;
  /** Reparse tag when the reparse bit is set, else the packed size of the extended attributes. */
  readonly reparseTagOrEaSize: number;
}

/**
 * Parses a `$FILE_NAME` value (attribute, or key of a `$I30` index). Sources: libfsntfs, ntfs-3g layout.h.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 | ref | parent directory |
 * | 0x08 | 4 × u64 | created, modified, changed, accessed |
 * | 0x28 / 0x30 | u64 | allocated / data size |
 * | 0x38 / 0x3C | u32 | attributes / reparse tag or EA size |
 * | 0x40 / 0x41 | u8 | name length in code units / name space |
 * | 0x42 | | name |
 *
 * @returns `undefined` when the value cannot be a name
 */
export function parseFileName(value: Bytes): FileName | undefined {
  if (value.length < FILE_NAME_HEAD + 2) return undefined;
  const cursor = new Cursor(value, '$FILE_NAME');
  const units = cursor.u8(0x40);
  if (units === 0 || FILE_NAME_HEAD + units * 2 > value.length || cursor.u8(0x41) > 3) return undefined;
  return {
    parent: fileReferenceAt(cursor, 0),
    name: cursor.utf16(FILE_NAME_HEAD, units),
    nameSpace: cursor.u8(0x41),
    created: cursor.u64(0x08),
    modified: cursor.u64(0x10),
    changed: cursor.u64(0x18),
    accessed: cursor.u64(0x20),
    allocatedSize: cursor.u64Number(0x28),
    size: cursor.u64Number(0x30),
    attributes: cursor.u32(0x38),
    reparseTagOrEaSize: cursor.u32(0x3c),
  };
}

/** How much a name of `nameSpace` is wanted for paths: WIN32 first, the 8.3 form last. */
export function namePreference(nameSpace: number): number {
  switch (nameSpace) {
    case NameSpace.win32:
      return 0;
    case NameSpace.win32AndDos:
      return 1;
    case NameSpace.posix:
      return 2;
    default:
      return 3;
  }
}
