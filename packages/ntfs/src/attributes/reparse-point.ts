import { type Bytes, Cursor, type Location, utf16Text } from '@deadbox/core';
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
  /** A file of a cloud provider (OneDrive and others), here or not. `info` is absent when its data could not be parsed. */
  | { readonly kind: 'cloud'; readonly info?: CloudFileInfo }
  /** Content in the chunk store of Data Deduplication. */
  | { readonly kind: 'dedup' }
  /** A link of container isolation into the layer `layerId`. */
  | { readonly kind: 'container-link'; readonly version: number; readonly layerId: string; readonly name: string }
  /** A tag whose data this reader leaves as bytes. */
  | { readonly kind: 'other' };

/** A `$REPARSE_POINT` attribute. */
export interface ReparsePoint {
  /** Reparse tag. */
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

/**
 * Parses the value of a `$REPARSE_POINT` attribute: u32 tag, u16 data length, u16 0; a GUID when bit 31 of the tag is clear; data
 * (MS-FSCC 2.1.2.2, 2.1.2.3). Data of a known tag that cannot be parsed is not an error: `problem` says what is wrong.
 * @param at - where the value lies, for messages
 * @throws DeadboxError `NTFS_REPARSE_POINT_INVALID` when the head or the data length does not fit the value
 */
export function parseReparsePoint(value: Bytes, at: Location = { layer: '$REPARSE_POINT', offset: 0 }): ReparsePoint {
  if (value.length < 8) throw invalid(`has ${value.length} bytes, expected at least 8`, at, value.length);
  const cursor = new Cursor(value, at.layer, at.offset);
  const tag = cursor.u32(0);
  const length = cursor.u16(4);
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
    ...(problem === undefined ? {} : { problem }),
  };
}

function decode(tag: number, data: Bytes, at: Location): { content: ReparseContent; problem?: string } {
  const empty = EMPTY_KINDS.get(tag);
  if (empty !== undefined) return { content: empty };
  const cursor = new Cursor(data, at.layer, at.offset + 8);
  try {
    if (tag === ReparseTag.mountPoint) return { content: { kind: 'mount-point', ...names(cursor, 8) } };
    if (tag === ReparseTag.symlink)
      return { content: { kind: 'symlink', ...names(cursor, 12), relative: (cursor.u32(8) & 1) !== 0 } };
    if (tag === ReparseTag.wslSymlink)
      return { content: { kind: 'wsl-symlink', target: new TextDecoder().decode(cursor.slice(4, data.length - 4)) } };
    if (tag === ReparseTag.wof) return { content: { kind: 'wof', info: parseWofInfo(data) } };
    if (tag === APP_EXEC_LINK) return { content: appExecLink(cursor) };
    if (CONTAINER_TAGS.has(tag)) return { content: containerLink(cursor) };
    if (isCloudTag(tag)) return { content: { kind: 'cloud', info: parseCloudFile(data) } };
    return { content: { kind: 'other' } };
  } catch (error) {
    // Foreign or damaged data is a fact about the file, not a reason to lose it.
    return { content: isCloudTag(tag) ? { kind: 'cloud' } : { kind: 'other' }, problem: (error as Error).message };
  }
}

/** 0x00 u16 substitute offset, u16 substitute bytes, u16 print offset, u16 print bytes; offsets count from `base`. */
function names(cursor: Cursor, base: number): { substituteName: string; printName: string } {
  return {
    substituteName: utf16Text(cursor.slice(base + cursor.u16(0), cursor.u16(2))),
    printName: utf16Text(cursor.slice(base + cursor.u16(4), cursor.u16(6))),
  };
}

/** u32 version (3), then strings that end in NUL: package id, entry point (application user model id), executable, type. */
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
