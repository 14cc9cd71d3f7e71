import { type Bytes, Cursor, defined, toHex } from '@deadbox/core';
import { EWF_DESCRIPTOR_BYTES, type EwfSection, tryEwfSection } from './section.js';

/** Hashes of the whole medium that the acquiring software stored, lower-case hexadecimal. */
export interface EwfStoredHashes {
  /** MD5 of the media, lower-case hexadecimal. */
  readonly md5?: string;
  /** SHA-1 of the media, lower-case hexadecimal. */
  readonly sha1?: string;
}

/** A run of sectors that could not be read when the medium was imaged; they hold zeros. */
export interface EwfUnreadable {
  readonly sector: number;
  readonly count: number;
}

/** What the last sections of the last segment file tell. */
export interface EwfTail {
  /**
   * Type of the last section: `done`, `next` when a segment is missing; absent when the file does not end with a
   * section.
   */
  readonly last?: string;
  readonly hashes: EwfStoredHashes;
  readonly unreadable: readonly EwfUnreadable[];
}

const KNOWN = ['hash', 'digest', 'error2', 'done', 'next'];
/** error2: u32 count, 512 bytes, checksum, then entries of u32 sector and u32 count. */
const ERROR_ENTRIES = 520;
const MAX_ERRORS_KEPT = 1000;

/**
 * Finds the sections that end a segment file by their checksummed descriptors.
 * @param bytes - the last bytes of the file
 * @param start - their byte offset
 */
export function parseEwfTail(bytes: Bytes, start: number): EwfTail {
  const hashes: { md5?: string | undefined; sha1?: string | undefined } = {};
  let unreadable: EwfUnreadable[] = [];
  let last: string | undefined;
  for (let at = 0; at + EWF_DESCRIPTOR_BYTES <= bytes.length; at += 1) {
    const section = knownSection(bytes, at, start);
    if (section === undefined) continue;
    last = at + EWF_DESCRIPTOR_BYTES === bytes.length ? section.type : undefined;
    const from = at + EWF_DESCRIPTOR_BYTES;
    const data = bytes.subarray(from, Math.max(from, Math.min(section.next - start, bytes.length)));
    if (section.type === 'hash' && data.length >= 16) hashes.md5 ??= stored(data, 0, 16);
    else if (section.type === 'digest' && data.length >= 36) {
      const md5 = stored(data, 0, 16);
      const sha1 = stored(data, 16, 20);
      if (md5 !== undefined) hashes.md5 ??= md5;
      if (sha1 !== undefined) hashes.sha1 = sha1;
    } else if (section.type === 'error2') unreadable = readErrors(data);
  }
  return { hashes: withoutUndefined(hashes), unreadable, ...defined({ last }) };
}

function knownSection(bytes: Bytes, at: number, start: number): EwfSection | undefined {
  const first = bytes[at];
  // h, d, e, n: everything else cannot begin a section that is looked for.
  if (first !== 0x68 && first !== 0x64 && first !== 0x65 && first !== 0x6e) return undefined;
  const section = tryEwfSection(bytes.subarray(at, at + EWF_DESCRIPTOR_BYTES), start + at);
  return section !== undefined && KNOWN.includes(section.type) ? section : undefined;
}

/** A hash, unless it was left empty. */
function stored(data: Bytes, at: number, length: number): string | undefined {
  const hash = data.subarray(at, at + length);
  return hash.some((value) => value !== 0) ? toHex(hash) : undefined;
}

function withoutUndefined(hashes: { md5?: string | undefined; sha1?: string | undefined }): EwfStoredHashes {
  return {
    ...defined({ md5: hashes.md5 }),
    ...defined({ sha1: hashes.sha1 }),
  };
}

function readErrors(data: Bytes): EwfUnreadable[] {
  if (data.length < ERROR_ENTRIES) return [];
  const cursor = new Cursor(data);
  const count = Math.min(cursor.u32(0), Math.floor((data.length - ERROR_ENTRIES) / 8), MAX_ERRORS_KEPT);
  return Array.from({ length: count }, (_, index) => {
    const at = ERROR_ENTRIES + index * 8;
    return { sector: cursor.u32(at), count: cursor.u32(at + 4) };
  });
}
