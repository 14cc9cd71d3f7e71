import { type Bytes, type Cursor, defined, type Structure, structure } from '@deadbox/core';

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

export const ATTRIBUTE_FIELDS = {
  type: [
    0x00,
    'u32',
    'Type',
    {
      values: {
        0x10: '$STANDARD_INFORMATION',
        0x20: '$ATTRIBUTE_LIST',
        0x30: '$FILE_NAME',
        0x40: '$OBJECT_ID',
        0x50: '$SECURITY_DESCRIPTOR',
        0x60: '$VOLUME_NAME',
        0x70: '$VOLUME_INFORMATION',
        0x80: '$DATA',
        0x90: '$INDEX_ROOT',
        0xa0: '$INDEX_ALLOCATION',
        0xb0: '$BITMAP',
        0xc0: '$REPARSE_POINT',
        0xd0: '$EA_INFORMATION',
        0xe0: '$EA',
        0xf0: '$PROPERTY_SET',
        0x100: '$LOGGED_UTILITY_STREAM',
      },
    },
  ],
  length: [0x04, 'u32', 'Bytes of the attribute record, a multiple of 8'],
  nonResident: [0x08, 'u8', 'Form', { values: { 0: 'resident', 1: 'non-resident' } }],
  nameLength: [0x09, 'u8', 'Code units of the name'],
  nameOffset: [0x0a, 'u16', 'Offset of the name'],
  flags: [0x0c, 'u16', 'Flags', { flags: { 1: 'compressed', 0x4000: 'encrypted', 0x8000: 'sparse' } }],
  id: [0x0e, 'u16', 'Identifier, unique in its record'],
} as const;
/** What every attribute begins with. */
export const ATTRIBUTE_HEADER: Structure<typeof ATTRIBUTE_FIELDS> = structure(
  'attribute',
  'ntfs-3g layout.h; libfsntfs',
  ATTRIBUTE_FIELDS,
);

export const RESIDENT_FIELDS = {
  valueLength: [0x10, 'u32', 'Bytes of the value'],
  valueOffset: [0x14, 'u16', 'Offset of the value'],
  indexed: [0x16, 'u8', '1 for a name that a directory indexes'],
} as const;
/** What follows in an attribute whose value lies in the record; offsets count from the attribute's start. */
export const RESIDENT_HEADER: Structure<typeof RESIDENT_FIELDS> = structure(
  'attribute-resident',
  'ntfs-3g layout.h; libfsntfs',
  RESIDENT_FIELDS,
);

export const NON_RESIDENT_FIELDS = {
  firstVcn: [0x10, 'u64', 'First cluster of the stream that this extent describes'],
  lastVcn: [0x18, 'u64big', 'Last cluster; all ones when there is none'],
  runsOffset: [0x20, 'u16', 'Offset of the data runs'],
  compressionUnit: [0x22, 'u8', 'log2 of the clusters in a compression unit'],
  allocatedSize: [0x28, 'u64', 'Bytes that the clusters span, holes included'],
  size: [0x30, 'u64', 'Bytes of content'],
  initializedSize: [0x38, 'u64', 'Valid data length: what follows reads as zero'],
  totalAllocated: [0x40, 'u64', 'Bytes on the disk; only of compressed and sparse streams, in the first extent'],
} as const;
/** What follows in an attribute whose value lies in clusters; offsets count from the attribute's start. */
export const NON_RESIDENT_HEADER: Structure<typeof NON_RESIDENT_FIELDS> = structure(
  'attribute-non-resident',
  'ntfs-3g layout.h; libfsntfs',
  NON_RESIDENT_FIELDS,
);

const { fields: HEAD } = ATTRIBUTE_HEADER;
const { fields: RESIDENT } = RESIDENT_HEADER;
const { fields: NON_RESIDENT } = NON_RESIDENT_HEADER;
/** Bytes of the smallest attribute of each form. */
const SMALLEST_RESIDENT = 0x18;
const SMALLEST_NON_RESIDENT = 0x40;
/** Each half of a last cluster that says that there is none. */
const ALL_ONES = 0xffff_ffff;

// A listing parses these four hundred thousand times: the offsets are numbers of this module, not fields of a table.
const LENGTH: number = HEAD.length.offset;
const NAME_LENGTH: number = HEAD.nameLength.offset;
const NAME_OFFSET: number = HEAD.nameOffset.offset;
const VALUE_LENGTH: number = RESIDENT.valueLength.offset;
const VALUE_OFFSET: number = RESIDENT.valueOffset.offset;
const FIRST_VCN: number = NON_RESIDENT.firstVcn.offset;
const LAST_VCN: number = NON_RESIDENT.lastVcn.offset;
const RUNS_OFFSET: number = NON_RESIDENT.runsOffset.offset;
const ALLOCATED_SIZE: number = NON_RESIDENT.allocatedSize.offset;
const SIZE: number = NON_RESIDENT.size.offset;
const INITIALIZED_SIZE: number = NON_RESIDENT.initializedSize.offset;
const TOTAL_ALLOCATED: number = NON_RESIDENT.totalAllocated.offset;

/** The name of an attribute type, e.g. `$DATA`; hexadecimal text for one that is not known. */
export function attributeTypeName(type: number): string {
  return HEAD.type.options.values?.[type] ?? `0x${type.toString(16).toUpperCase()}`;
}

/**
 * Parses the attribute at `offset` of a record after fixup, see {@link ATTRIBUTE_HEADER}, {@link RESIDENT_HEADER} and
 * {@link NON_RESIDENT_HEADER}.
 * @param end - end of the used part of the record
 */
export function parseAttribute(record: Cursor, offset: number, end: number): Attribute | AttributeProblem {
  const length = record.u32(offset + LENGTH);
  if (length < SMALLEST_RESIDENT || length % 8 !== 0)
    return wrong('length', offset + LENGTH, 'a multiple of 8, at least 24', length);
  if (offset + length > end) return wrong('length', offset + LENGTH, `at most ${end - offset}`, length);
  const nameLength = record.u8(offset + NAME_LENGTH);
  const nameOffset = record.u16(offset + NAME_OFFSET);
  const nameEnd = nameOffset + nameLength * 2;
  if (nameLength > 0 && (nameOffset < SMALLEST_RESIDENT || nameEnd > length))
    return wrong('name', offset + NAME_OFFSET, `behind the header, inside ${length} bytes`, nameEnd, length);
  const name = nameLength === 0 ? '' : record.utf16(offset + nameOffset, nameLength);
  if (record.u8(offset + HEAD.nonResident.offset) !== 0) return nonResident(record, offset, length, name);
  const valueLength = record.u32(offset + VALUE_LENGTH);
  const valueOffset = record.u16(offset + VALUE_OFFSET);
  if (valueOffset + valueLength > length)
    return wrong('value', offset + VALUE_LENGTH, `inside ${length} bytes`, valueOffset + valueLength, length);
  // The numbers of the header itself would be taken for times and sizes.
  if (valueLength > 0 && valueOffset < SMALLEST_RESIDENT)
    return wrong('value', offset + VALUE_OFFSET, 'behind the header', valueOffset, length);
  return {
    type: record.u32(offset + HEAD.type.offset),
    name,
    flags: record.u16(offset + HEAD.flags.offset),
    id: record.u16(offset + HEAD.id.offset),
    offset,
    length,
    resident: true,
    value: record.slice(offset + valueOffset, valueLength),
    valueOffset: offset + valueOffset,
  };
}

function nonResident(record: Cursor, offset: number, length: number, name: string): Attribute | AttributeProblem {
  if (length < SMALLEST_NON_RESIDENT)
    return wrong('length', offset + LENGTH, 'at least 64 for a non-resident attribute', length, length);
  const runsOffset = record.u16(offset + RUNS_OFFSET);
  if (runsOffset < SMALLEST_NON_RESIDENT || runsOffset > length)
    return wrong('runs', offset + RUNS_OFFSET, `from 64 to ${length}`, runsOffset, length);
  const firstVcn = record.u64Number(offset + FIRST_VCN);
  const isNone = record.u32(offset + LAST_VCN) === ALL_ONES && record.u32(offset + LAST_VCN + 4) === ALL_ONES;
  const lastVcn = isNone ? -1 : record.u64Number(offset + LAST_VCN);
  if (!Number.isSafeInteger(firstVcn) || !Number.isSafeInteger(lastVcn))
    return wrong('vcn', offset + FIRST_VCN, 'below 2^53', firstVcn, length);
  // Later extents have no sizes.
  const first = firstVcn === 0;
  const sizeAt = (at: number): number => (first ? record.u64Number(offset + at) : 0);
  const [allocatedSize, size, initializedSize] = [sizeAt(ALLOCATED_SIZE), sizeAt(SIZE), sizeAt(INITIALIZED_SIZE)];
  if (!Number.isSafeInteger(allocatedSize))
    return wrong('size', offset + ALLOCATED_SIZE, 'below 2^53', allocatedSize, length);
  if (!Number.isSafeInteger(size)) return wrong('size', offset + SIZE, 'below 2^53', size, length);
  if (!Number.isSafeInteger(initializedSize))
    return wrong('size', offset + INITIALIZED_SIZE, 'below 2^53', initializedSize, length);
  const flags = record.u16(offset + HEAD.flags.offset);
  const attribute: NonResidentAttribute = {
    type: record.u32(offset + HEAD.type.offset),
    name,
    flags,
    id: record.u16(offset + HEAD.id.offset),
    offset,
    length,
    resident: false,
    firstVcn,
    lastVcn,
    compressionUnit: record.u8(offset + NON_RESIDENT.compressionUnit.offset),
    allocatedSize,
    size,
    initializedSize: Math.min(initializedSize, size),
    runs: record.slice(offset + runsOffset, length - runsOffset),
    runsOffset: offset + runsOffset,
  };
  const mayHaveTotal = first && (flags & (AttributeFlag.compressionMask | AttributeFlag.sparse)) !== 0;
  if (!mayHaveTotal || runsOffset < TOTAL_ALLOCATED + 8) return attribute;
  return { ...attribute, totalAllocated: record.u64Number(offset + TOTAL_ALLOCATED) };
}

function wrong(problem: string, at: number, expected: string, found: number, skip?: number): AttributeProblem {
  return { problem, at, expected, found, ...defined({ skip }) };
}
