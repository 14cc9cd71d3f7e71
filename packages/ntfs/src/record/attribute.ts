import type { Bytes, Cursor } from '@deadbox/core';

/** Attribute types (ntfs-3g layout.h). */
export const AttributeType = {
  standardInformation: 0x10,
  attributeList: 0x20,
  fileName: 0x30,
  objectId: 0x40,
  securityDescriptor: 0x50,
  volumeName: 0x60,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  bitmap: 0xb0,
  reparsePoint: 0xc0,
  eaInformation: 0xd0,
  ea: 0xe0,
  propertySet: 0xf0,
  loggedUtilityStream: 0x100,
  end: 0xffff_ffff,
} as const;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x10, '$STANDARD_INFORMATION'],
  [0x20, '$ATTRIBUTE_LIST'],
  [0x30, '$FILE_NAME'],
  [0x40, '$OBJECT_ID'],
  [0x50, '$SECURITY_DESCRIPTOR'],
  [0x60, '$VOLUME_NAME'],
  [0x70, '$VOLUME_INFORMATION'],
  [0x80, '$DATA'],
  [0x90, '$INDEX_ROOT'],
  [0xa0, '$INDEX_ALLOCATION'],
  [0xb0, '$BITMAP'],
  [0xc0, '$REPARSE_POINT'],
  [0xd0, '$EA_INFORMATION'],
  [0xe0, '$EA'],
  [0xf0, '$PROPERTY_SET'],
  [0x100, '$LOGGED_UTILITY_STREAM'],
]);

/** The name of an attribute type, e.g. `$DATA`; hexadecimal text for one that is not known. */
export function attributeTypeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `0x${type.toString(16).toUpperCase()}`;
}

/** Attribute flags. */
export const AttributeFlag = {
  compressionMask: 0x00ff,
  compressed: 0x0001,
  encrypted: 0x4000,
  sparse: 0x8000,
} as const;

interface AttributeHead {
  /** See {@link AttributeType}. */
  readonly type: number;
  /** Name of the stream or index; empty for most attributes. */
  readonly name: string;
  /** See {@link AttributeFlag}. */
  readonly flags: number;
  /** Unique inside one record only. */
  readonly id: number;
  /** Byte offset of the attribute in its record. */
  readonly offset: number;
  /** Bytes of the attribute record. */
  length: number;
}

/** An attribute whose value lies in the file record. */
export interface ResidentAttribute extends AttributeHead {
  /** Tells the two forms apart. */
  readonly resident: true;
  /** The value: a view on the record. */
  readonly value: Bytes;
  /** Byte offset of the value in the record. */
  readonly valueOffset: number;
}

/** An attribute (or one extent of it) whose value lies in clusters. */
export interface NonResidentAttribute extends AttributeHead {
  /** Tells the two forms apart. */
  readonly resident: false;
  /** First cluster of the stream that this extent describes; the sizes below count only where it is 0. */
  readonly firstVcn: number;
  /** Last cluster, -1 when there is none. */
  readonly lastVcn: number;
  /** log2 of the clusters in a compression unit; 0 where nothing is compressed. */
  readonly compressionUnit: number;
  /** Bytes that the clusters span, holes included. */
  readonly allocatedSize: number;
  /** Bytes of content. */
  readonly size: number;
  /** Valid data length: bytes from here to `size` read as zero. */
  readonly initializedSize: number;
  /** Bytes really on the disk; only compressed and sparse streams tell it. */
  readonly totalAllocated?: number;
  /** The mapping pairs: a view on the record. */
  runs: Bytes;
  /** Byte offset of the mapping pairs in the record. */
  readonly runsOffset: number;
}

/** One attribute of a file record. */
export type Attribute = ResidentAttribute | NonResidentAttribute;

/** An attribute that cannot be, as {@link parseAttribute} reports it. */
export interface AttributeProblem {
  /** Name of the wrong field. */
  readonly problem: string;
  /** Byte offset of the wrong field in the record. */
  readonly at: number;
  /** What it should be, in words. */
  readonly expected: string;
  /** What it is. */
  readonly found: number;
  /** Length of the attribute when it can be trusted, so that the next one can still be read. */
  readonly skip?: number;
}

/**
 * Parses the attribute at `offset` of a record after fixup. Sources: ntfs-3g layout.h, libfsntfs.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x00 | u32 | type |
 * | 0x04 | u32 | length, a multiple of 8 |
 * | 0x08 | u8 | 1 = non-resident |
 * | 0x09 / 0x0A | u8 / u16 | name length in code units / offset |
 * | 0x0C / 0x0E | u16 | flags / id |
 * | 0x10 / 0x14 | u32 / u16 | resident: value length / offset |
 * | 0x10 / 0x18 | u64 | non-resident: first / last VCN |
 * | 0x20 / 0x22 | u16 / u8 | offset of the runs / compression unit |
 * | 0x28, 0x30, 0x38 | u64 | allocated, data, initialized size |
 * | 0x40 | u64 | total allocated: only if compressed or sparse, and first VCN 0 |
 *
 * @param end - end of the used part of the record
 */
export function parseAttribute(record: Cursor, offset: number, end: number): Attribute | AttributeProblem {
  const length = record.u32(offset + 4);
  if (length < 0x18 || length % 8 !== 0) return wrong('length', offset + 4, 'a multiple of 8, at least 24', length);
  if (offset + length > end) return wrong('length', offset + 4, `at most ${end - offset}`, length);
  const nameLength = record.u8(offset + 9);
  const nameOffset = record.u16(offset + 10);
  if (nameLength > 0 && nameOffset + nameLength * 2 > length)
    return wrong('name', offset + 10, `inside ${length} bytes`, nameOffset + nameLength * 2, length);
  const head = {
    type: record.u32(offset),
    name: nameLength === 0 ? '' : record.utf16(offset + nameOffset, nameLength),
    flags: record.u16(offset + 0x0c),
    id: record.u16(offset + 0x0e),
    offset,
    length,
  };
  if (record.u8(offset + 8) === 0) {
    const valueLength = record.u32(offset + 0x10);
    const valueOffset = record.u16(offset + 0x14);
    if (valueOffset + valueLength > length)
      return wrong('value', offset + 0x10, `inside ${length} bytes`, valueOffset + valueLength, length);
    return {
      ...head,
      resident: true,
      value: record.slice(offset + valueOffset, valueLength),
      valueOffset: offset + valueOffset,
    };
  }
  if (length < 0x40) return wrong('length', offset + 4, 'at least 64 for a non-resident attribute', length, length);
  const runsOffset = record.u16(offset + 0x20);
  if (runsOffset < 0x40 || runsOffset > length)
    return wrong('runs', offset + 0x20, `from 64 to ${length}`, runsOffset, length);
  return nonResident(record, head, runsOffset);
}

function nonResident(record: Cursor, head: AttributeHead, runsOffset: number): Attribute | AttributeProblem {
  const { offset, length } = head;
  const firstVcn = record.u64Number(offset + 0x10);
  const lastVcn = record.u64(offset + 0x18) === 0xffff_ffff_ffff_ffffn ? -1 : record.u64Number(offset + 0x18);
  if (!Number.isSafeInteger(firstVcn) || !Number.isSafeInteger(lastVcn))
    return wrong('vcn', offset + 0x10, 'below 2^53', firstVcn, length);
  const first = firstVcn === 0;
  const sizes = [0x28, 0x30, 0x38].map((field) => (first ? record.u64Number(offset + field) : 0)) as [
    number,
    number,
    number,
  ];
  const tooLarge = sizes.findIndex((size) => !Number.isSafeInteger(size));
  if (tooLarge >= 0) return wrong('size', offset + 0x28 + tooLarge * 8, 'below 2^53', sizes[tooLarge], length);
  const hasTotal =
    first && (head.flags & (AttributeFlag.compressionMask | AttributeFlag.sparse)) !== 0 && runsOffset >= 0x48;
  return {
    ...head,
    resident: false,
    firstVcn,
    lastVcn,
    compressionUnit: record.u8(offset + 0x22),
    allocatedSize: sizes[0],
    size: sizes[1],
    initializedSize: Math.min(sizes[2], sizes[1]),
    ...(hasTotal ? { totalAllocated: record.u64Number(offset + 0x40) } : {}),
    runs: record.slice(offset + runsOffset, length - runsOffset),
    runsOffset: offset + runsOffset,
  };
}

function wrong(problem: string, at: number, expected: string, found: number, skip?: number): AttributeProblem {
  return { problem, at, expected, found, ...(skip === undefined ? {} : { skip }) };
}
