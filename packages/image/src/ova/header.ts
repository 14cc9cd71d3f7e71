import { asciiText, type Bytes, Cursor, hasAscii, isZero } from '@deadbox/core';
import { imageError } from '../errors.js';

/** Header block of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"); offsets and lengths in bytes. */
const FIELD = {
  name: [0, 100],
  size: [124, 12],
  checksum: [148, 8],
  type: 156,
  magic: 257,
  prefix: [345, 155],
} as const;
/** Unit of a tar archive in bytes. */
export const TAR_BLOCK = 512;
/** Types of members: files, and headers that only describe the next member (GNU long name, pax). */
export const TarType = { regular: ['0', '\0', '7'], longName: 'L', pax: 'x' } as const;

/** Whether `block` is the header of a tar member: by its checksum, since old archives have no magic. */
export function isTarHeader(block: Bytes): boolean {
  if (block.length < TAR_BLOCK || isZero(block.subarray(0, 8))) return false;
  let sum = 0;
  // The checksum counts its own field as spaces.
  for (let at = 0; at < TAR_BLOCK; at += 1) sum += at >= 148 && at < 156 ? 0x20 : block[at];
  const stored = Number.parseInt(text(block, FIELD.checksum), 8);
  return stored === sum && (hasAscii(block, FIELD.magic, 'ustar') || /^[\x20-\x7e]+$/.test(text(block, FIELD.name)));
}

/** The name of a member, with its folder. */
export function memberName(block: Bytes): string {
  const prefix = hasAscii(block, FIELD.magic, 'ustar\0') ? nameField(block, FIELD.prefix) : '';
  const name = nameField(block, FIELD.name);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The size of a member: octal digits, or (GNU, for 8 GiB and more) a big-endian number behind a byte of 0x80. */
export function memberSize(block: Bytes, layer: string, at: number): number {
  const [start, length] = FIELD.size;
  const cursor = new Cursor(block, layer, at);
  if (cursor.u8(start) === 0x80) return cursor.u64NumberBe(start + length - 8);
  const digits = text(block, FIELD.size).trim();
  if (/^[0-7]*$/.test(digits)) return digits === '' ? 0 : Number.parseInt(digits, 8);
  throw imageError('IMAGE_DAMAGED', `${layer} has a tar member with the size "${digits}"`, cursor.at(start));
}

/** `path` and `size` of a pax extended header: records of "length key=value\n". */
export function parsePax(bytes: Bytes): { name: string | undefined; size: number | undefined } {
  const found: { name: string | undefined; size: number | undefined } = { name: undefined, size: undefined };
  for (const line of tarText(bytes).split('\n')) {
    const match = /^\d+ (path|size)=(.*)$/.exec(line);
    if (match?.[1] === 'path') found.name = match[2];
    if (match?.[1] === 'size' && /^\d{1,15}$/.test(match[2])) found.size = Number(match[2]);
  }
  return found;
}

/** The type of the member that `block` heads. */
export function memberType(block: Bytes): string {
  return String.fromCharCode(block[FIELD.type]);
}

/** Names are bytes; today's tools write UTF-8. */
function nameField(block: Bytes, [start, length]: readonly [number, number]): string {
  return tarText(block.subarray(start, start + length));
}

function text(block: Bytes, [start, length]: readonly [number, number]): string {
  const bytes = block.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return asciiText(bytes, 0, end < 0 ? length : end);
}

/** UTF-8 text, up to a NUL. */
export function tarText(bytes: Bytes): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
