import {
  type Bytes,
  Cursor,
  defined,
  isDamage,
  type Location,
  type Structure,
  structure,
  utf16Text,
} from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { type CloudFileInfo, parseCloudFile } from './cloud-file.js';
import { isCloudTag, ReparseTag } from './reparse-tag.js';
import { parseWofInfo, type WofInfo } from './wof.js';

/** What stands in a reparse point, by its tag. */
export type ReparseContent =
  /** A junction, or a mounted volume (`\??\Volume{GUID}\`). */
  | { readonly kind: 'mount-point'; readonly substituteName: string; readonly printName: string }
  /** `relative`: the substitute name counts from the link's own directory. */
  | {
      readonly kind: 'symlink';
      readonly substituteName: string;
      readonly printName: string;
      readonly relative: boolean;
    }
  /** A symbolic link of WSL; the target is a Linux path. */
  | { readonly kind: 'wsl-symlink'; readonly target: string }
  /** Special files of WSL; a device's numbers are in the extended attribute `$LXDEV`. */
  | { readonly kind: 'wsl-socket' | 'wsl-fifo' | 'wsl-character-device' | 'wsl-block-device' }
  /** An app execution alias: starting the file starts `executable`. */
  | {
      readonly kind: 'app-exec-link';
      readonly version: number;
      readonly packageId: string;
      readonly entryPoint: string;
      readonly executable: string;
      readonly appType: string;
    }
  /** Content compressed by the Windows Overlay Filter. */
  | { readonly kind: 'wof'; readonly info: WofInfo }
  /**
   * A file of a cloud provider (OneDrive and others), here or not. `info` is absent when its data could not be parsed.
   */
  | { readonly kind: 'cloud'; readonly info?: CloudFileInfo }
  /** Content in the chunk store of Data Deduplication. */
  | { readonly kind: 'dedup' }
  /** A link of container isolation into the layer `layerId`. */
  | { readonly kind: 'container-link'; readonly version: number; readonly layerId: string; readonly name: string }
  /** A tag whose data this reader leaves as bytes. */
  | { readonly kind: 'other' };

/** A `$REPARSE_POINT` attribute. */
export interface ReparsePoint {
  readonly tag: number;
  /** Bit 31: the tag is Microsoft's; others carry a GUID. */
  readonly microsoft: boolean;
  /** Bit 29: the file stands for another name (link-like). */
  readonly nameSurrogate: boolean;
  /** The owner of a tag that is not Microsoft's. */
  readonly guid?: string;
  /** What follows the head (and the GUID). */
  readonly data: Bytes;
  /** What the data mean, for tags that are known. */
  readonly content: ReparseContent;
  /** Why `content` is only `other`, or lacks a part, although the tag is known. */
  readonly problem?: string;
}

/** Container isolation: all have the same data. */
const CONTAINER_TAGS: ReadonlySet<number> = new Set([0x8000_0018, 0x9000_1018, 0xa000_0027, 0xa000_1027, 0xa000_001f]);

const EMPTY_KINDS: ReadonlyMap<number, ReparseContent> = new Map([
  [0x8000_0023, { kind: 'wsl-socket' }],
  [0x8000_0024, { kind: 'wsl-fifo' }],
  [0x8000_0025, { kind: 'wsl-character-device' }],
  [0x8000_0026, { kind: 'wsl-block-device' }],
  [ReparseTag.dedup, { kind: 'dedup' }],
]);
const APP_EXEC_LINK = 0x8000_001b;

export const REPARSE_POINT_FIELDS = {
  tag: [0x00, 'u32', 'Reparse tag: bit 31 Microsoft, bit 29 stands for another name'],
  dataLength: [0x04, 'u16', 'Bytes of data after this head, and after the GUID of a foreign tag'],
} as const;
/** What a reparse point begins with; a GUID follows at byte 8 when bit 31 of the tag is clear, then the data. */
export const REPARSE_POINT: Structure<typeof REPARSE_POINT_FIELDS> = structure(
  'reparse-point',
  'MS-FSCC 2.1.2.2, 2.1.2.3',
  REPARSE_POINT_FIELDS,
);

export const LINK_FIELDS = {
  substituteOffset: [0x00, 'u16', 'Byte offset of the substitute name in the names'],
  substituteLength: [0x02, 'u16', 'Bytes of the substitute name'],
  printOffset: [0x04, 'u16', 'Byte offset of the name that is shown'],
  printLength: [0x06, 'u16', 'Bytes of the name that is shown'],
} as const;
/**
 * What the data of a mount point or symbolic link begin with; of the latter u32 flags follow (1 = relative), then the
 * names.
 */
export const LINK_DATA: Structure<typeof LINK_FIELDS> = structure(
  'reparse-link',
  'MS-FSCC 2.1.2.4, 2.1.2.5',
  LINK_FIELDS,
);
const MOUNT_POINT_NAMES: number = LINK_DATA.size;
const SYMLINK_FLAGS: number = LINK_DATA.size;
const SYMLINK_NAMES: number = LINK_DATA.size + 4;

/**
 * Parses the value of a `$REPARSE_POINT` attribute, see {@link REPARSE_POINT}. Data of a known tag that cannot be
 * parsed is not an error: `problem` says what is wrong.
 * @param at - where the value lies, for messages
 * @throws DeadboxError `NTFS_REPARSE_POINT_INVALID` when the head or the data length does not fit the value
 */
export function parseReparsePoint(value: Bytes, at: Location = { layer: '$REPARSE_POINT', offset: 0 }): ReparsePoint {
  if (value.length < 8) throw invalid(`has ${value.length} bytes, expected at least 8`, at, value.length);
  const cursor = new Cursor(value, at.layer, at.offset);
  const { tag, dataLength: length } = REPARSE_POINT.read(cursor);
  const microsoft = tag >= 0x8000_0000;
  const start = microsoft ? 8 : 24;
  if (start + length > value.length) {
    throw invalid(
      `of tag 0x${hex(tag)} claims ${length} bytes of data, but ${Math.max(0, value.length - start)} are there`,
      at,
      value.length,
    );
  }
  const data = cursor.slice(start, length);
  const { content, problem } = decode(tag, data, at);
  return {
    tag,
    microsoft,
    nameSurrogate: (tag & 0x2000_0000) !== 0,
    ...(microsoft ? {} : { guid: cursor.guid(8) }),
    data,
    content,
    ...defined({ problem }),
  };
}

function decode(tag: number, data: Bytes, at: Location): { content: ReparseContent; problem?: string } {
  const empty = EMPTY_KINDS.get(tag);
  if (empty !== undefined) return { content: empty };
  const cursor = new Cursor(data, at.layer, at.offset + 8);
  try {
    if (tag === ReparseTag.mountPoint) return { content: { kind: 'mount-point', ...names(cursor, MOUNT_POINT_NAMES) } };
    if (tag === ReparseTag.symlink)
      return {
        content: {
          kind: 'symlink',
          ...names(cursor, SYMLINK_NAMES),
          relative: (cursor.u32(SYMLINK_FLAGS) & 1) !== 0,
        },
      };
    if (tag === ReparseTag.wslSymlink)
      return { content: { kind: 'wsl-symlink', target: new TextDecoder().decode(cursor.slice(4, data.length - 4)) } };
    if (tag === ReparseTag.wof) return { content: { kind: 'wof', info: parseWofInfo(data) } };
    if (tag === APP_EXEC_LINK) return { content: appExecLink(cursor) };
    if (CONTAINER_TAGS.has(tag)) return { content: containerLink(cursor) };
    if (isCloudTag(tag)) return { content: { kind: 'cloud', info: parseCloudFile(data) } };
    return { content: { kind: 'other' } };
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Foreign or damaged data is a fact about the file, not a reason to lose it.
    return { content: isCloudTag(tag) ? { kind: 'cloud' } : { kind: 'other' }, problem: error.message };
  }
}

/** The two names of a link; their offsets count from `base`. */
function names(cursor: Cursor, base: number): { substituteName: string; printName: string } {
  const { substituteOffset, substituteLength, printOffset, printLength } = LINK_DATA.read(cursor);
  return {
    substituteName: utf16Text(cursor.slice(base + substituteOffset, substituteLength)),
    printName: utf16Text(cursor.slice(base + printOffset, printLength)),
  };
}

/**
 * u32 version (3), then strings that end in NUL: package id, entry point (application user model id), executable, type.
 */
function appExecLink(cursor: Cursor): ReparseContent {
  const version = cursor.u32(0);
  const [packageId = '', entryPoint = '', executable = '', appType = ''] = utf16Text(
    cursor.slice(4, cursor.length - 4),
  ).split('\0');
  return { kind: 'app-exec-link', version, packageId, entryPoint, executable, appType };
}

/** u32 version, u32 0, GUID of the layer, u16 bytes of name, name. A tombstone has no name. */
function containerLink(cursor: Cursor): ReparseContent {
  const name = cursor.length >= 26 ? utf16Text(cursor.slice(26, cursor.u16(24))) : '';
  return { kind: 'container-link', version: cursor.u32(0), layerId: cursor.guid(8), name };
}

function hex(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(8, '0');
}

function invalid(what: string, at: Location, length: number): Error {
  return ntfsError('NTFS_REPARSE_POINT_INVALID', `Reparse point ${what} (byte ${at.offset} of ${at.layer})`, at, {
    length,
  });
}
