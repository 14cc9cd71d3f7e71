import { type Bytes, Cursor, untilNul, utf16Text } from '@deadbox/core';

/** A version resource. Format: Microsoft `VS_VERSIONINFO`, `VS_FIXEDFILEINFO` (verrsrc.h). */
export interface FileVersion {
  /** Four numbers of the fixed part, e.g. `7.11.18110.0`. */
  readonly fileVersion: string;
  /** Four numbers of the fixed part, of the product. */
  readonly productVersion: string;
  /** Strings of the first string table: `CompanyName`, `OriginalFilename`, `FileVersion`… */
  readonly strings: Readonly<Record<string, string>>;
}

interface Block {
  readonly key: string;
  /** Offset of the value, and its length in the block's own unit. */
  readonly valueAt: number;
  readonly valueLength: number;
  /** The value is text, counted in characters. */
  readonly text: boolean;
  readonly childrenAt: number;
  readonly end: number;
}

/** `VS_FIXEDFILEINFO`. */
const FIXED_BYTES = 52;
const FIXED_SIGNATURE = 0xfeef_04bd;

/** Every block and value begins on a 32-bit boundary. */
const align = (offset: number): number => (offset + 3) & ~3;

function parseBlock(cursor: Cursor, at: number, limit: number): Block | undefined {
  if (at + 6 > limit) return undefined;
  const length = cursor.u16(at);
  if (length < 6 || at + length > limit) return undefined;
  const end = at + length;
  let keyEnd = at + 6;
  while (keyEnd + 2 <= end && cursor.u16(keyEnd) !== 0) keyEnd += 2;
  const valueAt = align(keyEnd + 2);
  const valueLength = cursor.u16(at + 2);
  const text = cursor.u16(at + 4) === 1;
  const valueBytes = text ? valueLength * 2 : valueLength;
  return {
    key: utf16Text(cursor.slice(at + 6, keyEnd - at - 6)),
    valueAt,
    valueLength,
    text,
    childrenAt: align(valueAt + valueBytes),
    end,
  };
}

function* children(cursor: Cursor, parent: Block, from: number): Generator<Block> {
  // Each takes six bytes at least, and no byte twice.
  for (let at = from; ; ) {
    const block = parseBlock(cursor, at, parent.end);
    if (block === undefined) return;
    yield block;
    at = align(block.end);
  }
}

/**
 * Parses the bytes of a version resource.
 * @returns `undefined` when its fixed part is missing or damaged; damaged strings are left out
 */
export function parseVersionResource(bytes: Bytes): FileVersion | undefined {
  const cursor = new Cursor(bytes, 'version resource');
  const root = parseBlock(cursor, 0, bytes.length);
  if (root === undefined || root.valueLength < FIXED_BYTES || root.valueAt + FIXED_BYTES > root.end) return undefined;
  if (cursor.u32(root.valueAt) !== FIXED_SIGNATURE) return undefined;
  const four = (at: number): string =>
    `${cursor.u16(at + 2)}.${cursor.u16(at)}.${cursor.u16(at + 6)}.${cursor.u16(at + 4)}`;
  return {
    fileVersion: four(root.valueAt + 8),
    productVersion: four(root.valueAt + 16),
    strings: parseStrings(cursor, root),
  };
}

function parseStrings(cursor: Cursor, root: Block): Record<string, string> {
  // No prototype: the keys come from the file.
  const strings: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const info of children(cursor, root, root.childrenAt)) {
    if (info.key !== 'StringFileInfo') continue;
    for (const table of children(cursor, info, info.valueAt)) {
      for (const entry of children(cursor, table, table.valueAt)) {
        // A string without a value ends with its key, and its value would lie behind it.
        const length = Math.max(0, Math.min(entry.valueLength * 2, entry.end - entry.valueAt)) & ~1;
        strings[entry.key] = length === 0 ? '' : untilNul(utf16Text(cursor.slice(entry.valueAt, length)));
      }
      return strings;
    }
  }
  return strings;
}
