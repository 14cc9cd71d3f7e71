import { type Bytes, Cursor, type FileTime, untilNul, utf16Text } from '@deadbox/core';
import { shortNameText } from './code-page.js';
import { dosFileTime } from './dos-time.js';
import { MAX_LONG_NAME_PARTS } from './limits.js';

/*
 * Directory entry of 32 bytes (Microsoft FAT specification, sections 6 and 7):
 *   0x00 name[8] extension[3]  0x0B u8 attributes  0x0C u8 case bits (0x08 name, 0x10 extension are lower case; Windows NT)
 *   0x0D u8 creation 10 ms     0x0E u16 creation time, 0x10 date   0x12 u16 access date
 *   0x14 u16 cluster, high (FAT32)  0x16 u16 write time, 0x18 date  0x1A u16 cluster, low  0x1C u32 size
 * Long-name entry, attribute 0x0F, in front of its short entry, last part first:
 *   0x00 u8 part number, 0x40 set on the last  0x01 w[5]  0x0D u8 checksum of the short name  0x0E w[6]  0x1C w[2]
 */
/** Length of a directory entry in bytes. */
export const ENTRY_BYTES = 32;
const ATTRIBUTE_LABEL = 0x08;
const ATTRIBUTE_DIRECTORY = 0x10;
const ATTRIBUTE_LONG_NAME = 0x0f;
const LAST_PART = 0x40;

/** One live name of a directory. */
export interface FatEntry {
  /** Long name where there is one, else the short name with its case bits. */
  readonly name: string;
  /** 8.3 name as stored, `NAME.EXT`. */
  readonly shortName: string;
  /** Attribute byte: 0x01 read-only, 0x02 hidden, 0x04 system, 0x10 directory, 0x20 archive. */
  readonly attributes: number;
  readonly isDirectory: boolean;
  readonly firstCluster: number;
  /** Bytes; 0 for directories. */
  readonly size: number;
  readonly created: FileTime | undefined;
  readonly modified: FileTime | undefined;
  /** Day only. */
  readonly accessed: FileTime | undefined;
}

/** Turns 32-byte entries, given in order, into names: joins the parts of long names, leaves deleted entries and labels out. */
export class DirectoryParser {
  /** The volume label, once its entry came by. */
  label: string | undefined;
  /** The end marker came by: nothing behind it counts. */
  ended = false;
  /** How many long-name parts had no matching short entry. */
  orphans = 0;
  readonly #isFat32: boolean;
  #parts: string[] = [];
  #expected = 0;
  #checksum = 0;

  constructor(isFat32: boolean) {
    this.#isFat32 = isFat32;
  }

  /** The live names in `bytes`, a multiple of 32 bytes. */
  parse(bytes: Bytes): FatEntry[] {
    const entries: FatEntry[] = [];
    for (let at = 0; at + ENTRY_BYTES <= bytes.length && !this.ended; at += ENTRY_BYTES) {
      const entry = this.#take(bytes.subarray(at, at + ENTRY_BYTES));
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #take(bytes: Bytes): FatEntry | undefined {
    const first = bytes[0];
    if (first === 0x00) {
      this.ended = true;
      return undefined;
    }
    const attributes = bytes[0x0b];
    if (first === 0xe5) {
      this.#dropLongName();
      return undefined;
    }
    if ((attributes & 0x3f) === ATTRIBUTE_LONG_NAME) {
      this.#takePart(bytes);
      return undefined;
    }
    const longName = this.#longNameOf(bytes);
    if ((attributes & ATTRIBUTE_LABEL) !== 0) {
      if ((attributes & ATTRIBUTE_DIRECTORY) === 0) this.label ??= rawName(bytes).trimEnd();
      return undefined;
    }
    if (first === 0x2e) return undefined;
    return toEntry(bytes, attributes, longName, this.#isFat32);
  }

  #takePart(bytes: Bytes): void {
    const number = bytes[0] & ~LAST_PART;
    if ((bytes[0] & LAST_PART) !== 0) {
      this.#dropLongName();
      if (number < 1 || number > MAX_LONG_NAME_PARTS) {
        this.orphans += 1;
        return;
      }
      this.#expected = number;
      this.#checksum = bytes[0x0d];
    } else if (number === 0 || number !== this.#expected || bytes[0x0d] !== this.#checksum) {
      this.#dropLongName();
      this.orphans += 1;
      return;
    }
    this.#parts.unshift(
      utf16Text(bytes.subarray(0x01, 0x0b)) +
        utf16Text(bytes.subarray(0x0e, 0x1a)) +
        utf16Text(bytes.subarray(0x1c, 0x20)),
    );
    this.#expected -= 1;
  }

  /** The collected long name when it is whole and belongs to this short entry. */
  #longNameOf(bytes: Bytes): string | undefined {
    if (this.#parts.length === 0) return undefined;
    const whole = this.#expected === 0 && this.#checksum === shortNameChecksum(bytes);
    const name = untilNul(this.#parts.join(''));
    if (!whole || name === '') {
      this.#dropLongName();
      return undefined;
    }
    this.#parts = [];
    return name;
  }

  #dropLongName(): void {
    if (this.#parts.length > 0) this.orphans += this.#parts.length;
    this.#parts = [];
    this.#expected = 0;
  }
}

function toEntry(bytes: Bytes, attributes: number, longName: string | undefined, isFat32: boolean): FatEntry {
  const cursor = new Cursor(bytes, 'directory entry');
  const isDirectory = (attributes & ATTRIBUTE_DIRECTORY) !== 0;
  const raw = rawName(bytes);
  const base = raw.slice(0, 8).trimEnd();
  const extension = raw.slice(8).trimEnd();
  const caseBits = bytes[0x0c];
  const join = (left: string, right: string): string => (right === '' ? left : `${left}.${right}`);
  const shown = join(
    (caseBits & 0x08) === 0 ? base : base.toLowerCase(),
    (caseBits & 0x10) === 0 ? extension : extension.toLowerCase(),
  );
  return {
    name: longName ?? shown,
    shortName: join(base, extension),
    attributes,
    isDirectory,
    // The high half is an index of extended attributes on FAT12 and FAT16 (OS/2), not part of the cluster.
    firstCluster: cursor.u16(0x1a) + (isFat32 ? cursor.u16(0x14) * 0x1_0000 : 0),
    size: isDirectory ? 0 : cursor.u32(0x1c),
    created: dosFileTime(cursor.u16(0x10), cursor.u16(0x0e), cursor.u8(0x0d)),
    modified: dosFileTime(cursor.u16(0x18), cursor.u16(0x16)),
    accessed: dosFileTime(cursor.u16(0x12), 0),
  };
}

/** The 11 name bytes as text; a first byte of 05 stands for E5, which would mean "deleted". */
function rawName(bytes: Bytes): string {
  const name = bytes.slice(0, 11);
  if (name[0] === 0x05) name[0] = 0xe5;
  return shortNameText(name);
}

/** Checksum that ties long-name parts to their short entry: rotate right by one and add (section 7.2). */
export function shortNameChecksum(entry: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < 11; i += 1) sum = (((sum << 7) | (sum >> 1)) + entry[i]) & 0xff;
  return sum;
}
