import { type Bytes, Cursor, type Structure, structure } from '@deadbox/core';
import { adler32 } from '../compression/adler32.js';
import { imageError } from '../errors.js';

/** Header of every segment file of an E01 or S01 image, little-endian. */
const EWF_FILE_HEADER_FIELDS = {
  signature: [0, 'bytes[8]', '"EVF", tab, return, newline, 0xFF, 0'],
  fieldsStart: [8, 'u8', '1'],
  segment: [9, 'u16', 'Number of the segment file, from 1'],
  fieldsEnd: [11, 'u16', '0'],
} as const;
/** See {@link EWF_FILE_HEADER_FIELDS}. */
export const EWF_FILE_HEADER: Structure<typeof EWF_FILE_HEADER_FIELDS> = structure(
  'ewf-file-header',
  'libyal, EWF specification, File header',
  EWF_FILE_HEADER_FIELDS,
);

/** Descriptor at the start of every section. */
const EWF_SECTION_FIELDS = {
  type: [0, 'ascii[16]', 'What the section holds: header, volume, sectors, table, hash, next, done…'],
  next: [16, 'u64', 'Byte offset of the next descriptor; its own in the last section'],
  size: [24, 'u64', 'Bytes of the section with its descriptor; 0 from old writers'],
  checksum: [72, 'u32', 'Adler-32 of the bytes before it'],
} as const;
/** See {@link EWF_SECTION_FIELDS}. */
export const EWF_SECTION: Structure<typeof EWF_SECTION_FIELDS> = structure(
  'ewf-section',
  'libyal, EWF specification, Section descriptor',
  EWF_SECTION_FIELDS,
);

/** Bytes of the header of every segment file. */
export const EWF_FILE_HEADER_BYTES: number = EWF_FILE_HEADER.size;
/** Bytes of a section descriptor. */
export const EWF_DESCRIPTOR_BYTES: number = EWF_SECTION.size;

/** A section of a segment file (libyal, "EWF specification", "Section descriptor"). */
export interface EwfSection {
  /** `header`, `volume`, `table`, `sectors`, `done`… */
  readonly type: string;
  /** Byte offset of the descriptor in the segment file. */
  readonly offset: number;
  /** Byte offset of the next descriptor; that of the section itself in the last one. */
  readonly next: number;
  /** Length with the descriptor, as recorded; old writers leave it 0. */
  readonly size: number;
}

/** Number of the segment file whose first bytes are given, from 1. */
export function ewfSegmentNumber(bytes: Bytes): number {
  return EWF_FILE_HEADER.fields.segment.read(new Cursor(bytes, EWF_FILE_HEADER.kind));
}

/**
 * Parses a section descriptor.
 * @param layer - name of the segment file for errors
 * @param offset - byte offset of the descriptor in it
 * @throws ImageError `IMAGE_DAMAGED` when its checksum does not fit
 */
export function parseEwfSection(bytes: Bytes, layer: string, offset: number): EwfSection {
  const section = tryEwfSection(bytes, offset);
  if (section !== undefined) return section;
  throw imageError('IMAGE_DAMAGED', `${layer} has a damaged EWF section descriptor at ${offset}`, { layer, offset });
}

/** Parses a section descriptor; `undefined` when its checksum does not fit. */
export function tryEwfSection(bytes: Bytes, offset: number): EwfSection | undefined {
  const cursor = new Cursor(bytes);
  const at = EWF_SECTION.fields;
  if (adler32(cursor.slice(0, at.checksum.offset)) !== at.checksum.read(cursor)) return undefined;
  const [next, size] = [cursor.u64Number(at.next.offset), cursor.u64Number(at.size.offset)];
  return { type: at.type.read(cursor), offset, next, size };
}
