import { type Bytes, type FileTime, type Structure, structure, untilNul, utf16Text } from '@deadbox/core';
import { shortNameText } from './code-page.js';
import { dosFileTime } from './dos-time.js';
import { ENTRY_BYTES, MAX_LONG_NAME_PARTS } from './limits.js';

export const FAT_ENTRY_FIELDS = {
  name: [
    0x00,
    'bytes[11]',
    'Name of 8 and extension of 3 characters, in the OEM code page; E5 first = deleted, 0 first = end',
  ],
  attributes: [
    0x0b,
    'u8',
    'Attributes',
    { flags: { 0x01: 'read-only', 0x02: 'hidden', 0x04: 'system', 0x08: 'label', 0x10: 'directory', 0x20: 'archive' } },
  ],
  caseBits: [0x0c, 'u8', 'Lower case, of Windows NT', { flags: { 0x08: 'name', 0x10: 'extension' } }],
  createdHundredths: [0x0d, 'u8', 'Units of 10 ms above the time of creation'],
  createdTime: [0x0e, 'u16', 'Time of creation'],
  createdDate: [0x10, 'u16', 'Day of creation'],
  accessedDate: [0x12, 'u16', 'Day of the last access'],
  clusterHigh: [0x14, 'u16', 'First cluster, high half; only FAT32'],
  modifiedTime: [0x16, 'u16', 'Time of the last change'],
  modifiedDate: [0x18, 'u16', 'Day of the last change'],
  clusterLow: [0x1a, 'u16', 'First cluster, low half'],
  size: [0x1c, 'u32', 'Bytes; 0 for directories'],
} as const;
/** Directory entry. */
export const FAT_ENTRY: Structure<typeof FAT_ENTRY_FIELDS> = structure(
  'fat-entry',
  'Microsoft FAT specification 1.03, 6',
  FAT_ENTRY_FIELDS,
);

export const FAT_LONG_NAME_FIELDS = {
  number: [0x00, 'u8', 'Number of the part, from 1; 0x40 is set on the last, which stands first'],
  first: [0x01, 'utf16[5]', 'Characters 1 to 5'],
  attributes: [0x0b, 'u8', '0x0F'],
  checksum: [0x0d, 'u8', 'Checksum of the short name'],
  second: [0x0e, 'utf16[6]', 'Characters 6 to 11'],
  third: [0x1c, 'utf16[2]', 'Characters 12 and 13'],
} as const;
/** Part of a long name, in front of its directory entry. */
export const FAT_LONG_NAME: Structure<typeof FAT_LONG_NAME_FIELDS> = structure(
  'fat-long-name',
  'Microsoft FAT specification 1.03, 7',
  FAT_LONG_NAME_FIELDS,
);

const ATTRIBUTE_LABEL = 0x08;
const ATTRIBUTE_DIRECTORY = 0x10;
const ATTRIBUTE_LONG_NAME = 0x0f;
const LOWER_NAME = 0x08;
const LOWER_EXTENSION = 0x10;
const LAST_PART = 0x40;
const AT_ATTRIBUTES = FAT_ENTRY.fields.attributes.offset;
const AT_CHECKSUM = FAT_LONG_NAME.fields.checksum.offset;

/**
 * Where the characters of a long name stand. Text is cut at its end only when all parts are there: a NUL may be the
 * last of one.
 */
const NAME_PARTS = [FAT_LONG_NAME.fields.first, FAT_LONG_NAME.fields.second, FAT_LONG_NAME.fields.third].map(
  ({ offset, length }) => [offset, offset + length] as const,
);

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
  /** Byte offset of the 8.3 entry: on the volume, when the parser is told where its bytes lie there. */
  readonly offset: number;
  readonly created: FileTime | undefined;
  readonly modified: FileTime | undefined;
  /** Day only. */
  readonly accessed: FileTime | undefined;
}

/**
 * Turns 32-byte entries, given in order, into names: joins the parts of long names, leaves deleted entries and labels
 * out.
 */
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

  /** The live names in `bytes`, a multiple of 32 bytes, which lie at `offset`. */
  parse(bytes: Bytes, offset = 0): FatEntry[] {
    const entries: FatEntry[] = [];
    for (let at = 0; at + ENTRY_BYTES <= bytes.length && !this.ended; at += ENTRY_BYTES) {
      const entry = this.#take(bytes.subarray(at, at + ENTRY_BYTES), offset + at);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #take(bytes: Bytes, offset: number): FatEntry | undefined {
    const first = bytes[0];
    if (first === 0x00) {
      this.ended = true;
      return undefined;
    }
    const attributes = bytes[AT_ATTRIBUTES];
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
    return { ...toEntry(bytes, attributes, longName, this.#isFat32), offset };
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
      this.#checksum = bytes[AT_CHECKSUM];
    } else if (number === 0 || number !== this.#expected || bytes[AT_CHECKSUM] !== this.#checksum) {
      this.#dropLongName();
      this.orphans += 1;
      return;
    }
    this.#parts.unshift(NAME_PARTS.map(([from, to]) => utf16Text(bytes.subarray(from, to))).join(''));
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

function toEntry(
  bytes: Bytes,
  attributes: number,
  longName: string | undefined,
  isFat32: boolean,
): Omit<FatEntry, 'offset'> {
  const values = FAT_ENTRY.read(bytes);
  const isDirectory = (attributes & ATTRIBUTE_DIRECTORY) !== 0;
  const raw = rawName(bytes);
  const base = raw.slice(0, 8).trimEnd();
  const extension = raw.slice(8).trimEnd();
  const join = (left: string, right: string): string => (right === '' ? left : `${left}.${right}`);
  const shown = join(
    (values.caseBits & LOWER_NAME) === 0 ? base : base.toLowerCase(),
    (values.caseBits & LOWER_EXTENSION) === 0 ? extension : extension.toLowerCase(),
  );
  return {
    name: longName ?? shown,
    shortName: join(base, extension),
    attributes,
    isDirectory,
    // The high half is an index of extended attributes on FAT12 and FAT16 (OS/2), not part of the cluster.
    firstCluster: values.clusterLow + (isFat32 ? values.clusterHigh * 0x1_0000 : 0),
    size: isDirectory ? 0 : values.size,
    created: dosFileTime(values.createdDate, values.createdTime, values.createdHundredths),
    modified: dosFileTime(values.modifiedDate, values.modifiedTime),
    accessed: dosFileTime(values.accessedDate, 0),
  };
}

/** The 11 name bytes as text; a first byte of 05 stands for E5, which would mean "deleted". */
function rawName(bytes: Bytes): string {
  const name = new Uint8Array(bytes.subarray(0, 11));
  if (name[0] === 0x05) name[0] = 0xe5;
  return shortNameText(name);
}

/** Checksum that ties long-name parts to their short entry: rotate right by one and add (section 7.2). */
export function shortNameChecksum(entry: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < 11; i += 1) sum = (((sum << 7) | (sum >> 1)) + entry[i]) & 0xff;
  return sum;
}
