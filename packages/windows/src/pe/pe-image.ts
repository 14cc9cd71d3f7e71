import {
  type ByteSource,
  Cursor,
  DeadboxError,
  hasAscii,
  type ReadOptions,
  type Structure,
  structure,
} from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_PE_SECTIONS } from '../limits.js';

const SOURCE = 'Microsoft PE/COFF specification';
export const PE_START_FIELDS = {
  signature: [0x00, 'ascii[2]', 'MZ'],
  headerAt: [0x3c, 'u32', 'Where the PE header begins'],
} as const;
/** The old header that an executable image begins with. */
export const PE_START: Structure<typeof PE_START_FIELDS> = structure('pe-start', SOURCE, PE_START_FIELDS);

export const PE_HEADER_FIELDS = {
  signature: [0, 'u32', 'PE and two zeros'],
  machine: [4, 'u16', 'Processor', { values: { 0x14c: 'x86', 0x8664: 'x64', 0xaa64: 'ARM64' } }],
  sectionCount: [6, 'u16', 'Number of sections'],
  timeStamp: [8, 'u32', 'Link time: Unix seconds, or a hash in reproducible builds'],
  optionalSize: [20, 'u16', 'Bytes of the optional header that follows'],
  characteristics: [22, 'u16', 'Properties', { flags: { 0x2: 'executable', 0x2000: 'library' } }],
} as const;
export const PE_HEADER: Structure<typeof PE_HEADER_FIELDS> = structure('pe-header', SOURCE, PE_HEADER_FIELDS);

export const PE_OPTIONAL_FIELDS = {
  magic: [0, 'u16', 'Width', { values: { 0x10b: 'PE32', 0x20b: 'PE32+' } }],
  imageSize: [56, 'u32', 'Bytes that the image takes in memory'],
  checksum: [64, 'u32', 'Checksum of the file'],
} as const;
/** The part of the optional header that both widths have in the same places. */
export const PE_OPTIONAL: Structure<typeof PE_OPTIONAL_FIELDS> = structure('pe-optional', SOURCE, PE_OPTIONAL_FIELDS);

export const PE_SECTION_FIELDS = {
  name: [0, 'ascii[8]', 'Name'],
  virtualSize: [8, 'u32', 'Bytes in memory'],
  virtualAddress: [12, 'u32', 'Where it lies in memory, relative to the image'],
  fileSize: [16, 'u32', 'Bytes in the file'],
  fileOffset: [20, 'u32', 'Where it lies in the file'],
  characteristics: [36, 'u32', 'Properties'],
} as const;
export const PE_SECTION: Structure<typeof PE_SECTION_FIELDS> = structure('pe-section', SOURCE, PE_SECTION_FIELDS);

/** A section of an executable image. */
export interface PeSection {
  readonly virtualAddress: number;
  readonly virtualSize: number;
  readonly fileOffset: number;
  readonly fileSize: number;
  readonly characteristics: number;
}

/** An entry of the table of directories; size 0 where the image has none. */
export interface PeDirectory {
  /** Relative to the image in memory; of the certificate table, a byte offset in the file. */
  readonly address: number;
  readonly size: number;
}

/** The headers of a Portable Executable. */
export interface PeImage {
  /** 0x14C x86, 0x8664 x64, 0xAA64 ARM64. */
  readonly machine: number;
  /** Link time as the header tells it: Unix seconds, or a hash in reproducible builds. */
  readonly timeStamp: number;
  /** Bytes that the image takes in memory. */
  readonly imageSize: number;
  /** As stored; 0 where the linker computed none. */
  readonly checksum: number;
  /** Byte offset of the stored checksum in the file. */
  readonly checksumAt: number;
  /** Byte offset of the certificate table's entry among the directories; `undefined` where there is no room for one. */
  readonly certificatesAt: number | undefined;
  readonly sections: readonly PeSection[];
  readonly imports: PeDirectory;
  readonly resources: PeDirectory;
  readonly certificates: PeDirectory;
}

/** Places in the table of directories; an entry has an address and a size. */
const DIRECTORY = { imports: 1, resources: 2, certificates: 4 } as const;
const NO_DIRECTORY: PeDirectory = { address: 0, size: 0 };
/** Where the table of directories begins in the optional header; its count stands before it. */
const DIRECTORIES_AT: Readonly<Record<number, number>> = { 0x10b: 96, 0x20b: 112 };

/**
 * Reads the headers of an executable image.
 * @throws DeadboxError `PE_INVALID`
 */
export async function readPeImage(source: ByteSource, options?: ReadOptions): Promise<PeImage> {
  const head = await source.read(0, Math.min(source.size, 4096), options);
  if (head.length < PE_START.size || !hasAscii(head, 0, 'MZ')) throw invalid('no "MZ" signature', 0);
  const at = PE_START.fields.headerAt.read(new Cursor(head, 'PE'));
  if (at + PE_HEADER.size > source.size) throw invalid('PE header outside the file', PE_START.fields.headerAt.offset);
  const header = PE_HEADER.read(new Cursor(await source.read(at, PE_HEADER.size, options), 'PE', at));
  const { signature, machine, sectionCount, timeStamp, optionalSize } = header;
  if (signature !== 0x4550) throw invalid('no "PE" signature', at);
  if (sectionCount > MAX_PE_SECTIONS)
    throw invalid(`${sectionCount} sections`, at + PE_HEADER.fields.sectionCount.offset);
  const optionalAt = at + PE_HEADER.size;
  const length = optionalSize + sectionCount * PE_SECTION.size;
  const sizeAt = at + PE_HEADER.fields.optionalSize.offset;
  if (optionalAt + length > source.size) throw invalid('section table outside the file', sizeAt);
  const rest = new Cursor(await source.read(optionalAt, length, options), 'PE', optionalAt);
  if (optionalSize < 2) throw invalid('no optional header', sizeAt);
  const directoriesAt = DIRECTORIES_AT[PE_OPTIONAL.fields.magic.read(rest)];
  if (directoriesAt === undefined) throw invalid('unknown optional header', optionalAt);
  const placeOf = (index: number): number | undefined => {
    const place = directoriesAt + index * 8;
    return optionalSize >= place + 8 && rest.u32(directoriesAt - 4) > index ? place : undefined;
  };
  const directory = (index: number): PeDirectory => {
    const place = placeOf(index);
    return place === undefined ? NO_DIRECTORY : { address: rest.u32(place), size: rest.u32(place + 4) };
  };
  const { imageSize, checksum } = PE_OPTIONAL.fields;
  const certificates = placeOf(DIRECTORY.certificates);
  return {
    machine,
    timeStamp,
    imageSize: optionalSize >= imageSize.offset + 4 ? imageSize.read(rest) : 0,
    checksum: optionalSize >= checksum.offset + 4 ? checksum.read(rest) : 0,
    checksumAt: optionalAt + checksum.offset,
    certificatesAt: certificates === undefined ? undefined : optionalAt + certificates,
    sections: Array.from({ length: sectionCount }, (_, i) => PE_SECTION.read(rest, optionalSize + i * PE_SECTION.size)),
    imports: directory(DIRECTORY.imports),
    resources: directory(DIRECTORY.resources),
    certificates: directory(DIRECTORY.certificates),
  };
}

/**
 * Bytes that the file must have by what its headers say: up to the end of the last section or of the certificate table.
 */
export function expectedFileSize(image: PeImage): number {
  let end = image.certificates.size === 0 ? 0 : image.certificates.address + image.certificates.size;
  for (const { fileOffset, fileSize } of image.sections) if (fileSize > 0) end = Math.max(end, fileOffset + fileSize);
  return end;
}

/** File offset of a virtual address; `undefined` when no section holds `length` bytes there in the file. */
export function fileOffsetOf(image: PeImage, virtualAddress: number, length: number): number | undefined {
  for (const section of image.sections) {
    const within = virtualAddress - section.virtualAddress;
    if (within >= 0 && within + length <= section.fileSize) return section.fileOffset + within;
  }
  return undefined;
}

/** The error of a damaged image at byte `offset` of the file. */
export function invalid(what: string, offset: number): DeadboxError<WindowsErrorCode> {
  return new DeadboxError('PE_INVALID', `Not a valid executable image: ${what} at byte ${offset}`, {
    at: { layer: 'PE', offset },
    data: { what },
  });
}
