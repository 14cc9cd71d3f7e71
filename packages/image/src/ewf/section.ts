import { asciiText, type Bytes, Cursor, hasAscii } from '@deadbox/core';
import { adler32 } from '../compression/adler32.js';
import { imageError } from '../errors.js';

/** Bytes of the header of every segment file: signature, 1, u16 segment number, 0. */
export const EWF_FILE_HEADER_BYTES = 13;
/** Bytes of a section descriptor. */
export const EWF_DESCRIPTOR_BYTES = 76;

const SIGNATURE = 'EVF\t\r\n';
const FIELD = { next: 16, size: 24, checksum: 72 } as const;

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

/** Whether `bytes` begin like a segment file of an E01 or S01 image. */
export function isEwfSegment(bytes: Bytes): boolean {
  return bytes.length >= EWF_FILE_HEADER_BYTES && hasAscii(bytes, 0, SIGNATURE) && bytes[6] === 0xff && bytes[7] === 0;
}

/** Number of the segment file whose first bytes are given, from 1. */
export function ewfSegmentNumber(bytes: Bytes): number {
  return new Cursor(bytes, 'EWF file header').u16(9);
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
  if (bytes.length < EWF_DESCRIPTOR_BYTES) return undefined;
  const cursor = new Cursor(bytes);
  if (adler32(cursor.slice(0, FIELD.checksum)) !== cursor.u32(FIELD.checksum)) return undefined;
  const end = bytes.indexOf(0);
  const type = asciiText(bytes, 0, end < 0 ? 16 : Math.min(end, 16));
  return { type, offset, next: cursor.u64Number(FIELD.next), size: cursor.u64Number(FIELD.size) };
}
