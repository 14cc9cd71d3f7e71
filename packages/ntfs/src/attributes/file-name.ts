import { type Bytes, Cursor, type FileTime, type Structure, structure } from '@deadbox/core';
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

/** One name of a file, as its record or a directory index holds it. */
export interface FileName {
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

export const FILE_NAME_FIELDS = {
  parentRecord: [0x00, 'u48', 'Record of the directory'],
  parentSequence: [0x06, 'u16', 'Sequence number of the directory'],
  created: [0x08, 'filetime', 'Created'],
  modified: [0x10, 'filetime', 'Content last written, when the name was last set'],
  changed: [0x18, 'filetime', 'Record last changed, when the name was last set'],
  accessed: [0x20, 'filetime', 'Last read, when the name was last set'],
  allocatedSize: [0x28, 'u64', 'Bytes allocated; can lag'],
  size: [0x30, 'u64', 'Bytes of content; can lag'],
  attributes: [0x38, 'u32', 'File attributes'],
  reparseTagOrEaSize: [0x3c, 'u32', 'Reparse tag where that attribute is set, else bytes of the extended attributes'],
  nameLength: [0x40, 'u8', 'Code units of the name'],
  nameSpace: [0x41, 'u8', 'Name space', { values: { 0: 'POSIX', 1: 'Win32', 2: 'DOS', 3: 'Win32 and DOS' } }],
  name: [0x42, 'utf16[nameLength]', 'Name'],
} as const;
/** The value of `$FILE_NAME`, and the key of an entry in the index `$I30` of a directory. */
export const FILE_NAME: Structure<typeof FILE_NAME_FIELDS> = structure(
  'file-name',
  'libfsntfs; ntfs-3g layout.h',
  FILE_NAME_FIELDS,
);
const { fields: FIELDS } = FILE_NAME;

/** Length of a `$FILE_NAME` before the name itself. */
export const FILE_NAME_HEAD: number = FIELDS.name.offset;

/**
 * Parses a `$FILE_NAME` value, see {@link FILE_NAME}.
 * @returns `undefined` when the value cannot be a name
 */
export function parseFileName(value: Bytes): FileName | undefined {
  if (value.length < FILE_NAME_HEAD + 2) return undefined;
  const cursor = new Cursor(value, '$FILE_NAME');
  const units = cursor.u8(FIELDS.nameLength.offset);
  const nameSpace = cursor.u8(FIELDS.nameSpace.offset);
  if (units === 0 || FILE_NAME_HEAD + units * 2 > value.length || nameSpace > NameSpace.win32AndDos) return undefined;
  return {
    parent: fileReferenceAt(cursor, FIELDS.parentRecord.offset),
    name: cursor.utf16(FILE_NAME_HEAD, units),
    nameSpace,
    created: FIELDS.created.read(cursor),
    modified: FIELDS.modified.read(cursor),
    changed: FIELDS.changed.read(cursor),
    accessed: FIELDS.accessed.read(cursor),
    allocatedSize: cursor.u64Number(FIELDS.allocatedSize.offset),
    size: cursor.u64Number(FIELDS.size.offset),
    attributes: cursor.u32(FIELDS.attributes.offset),
    reparseTagOrEaSize: cursor.u32(FIELDS.reparseTagOrEaSize.offset),
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
