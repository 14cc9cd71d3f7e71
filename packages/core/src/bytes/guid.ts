import { DeadboxError } from '../errors.js';
import { type Bytes, toHex } from './bytes.js';

/**
 * Byte order of the first eight bytes: Windows stores the first three groups little-endian (RFC 9562 appendix,
 * "mixed-endian").
 */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** Upper-case text of a mixed-endian GUID of 16 bytes, e.g. `C12A7328-F81F-11D2-BA4B-00A0C93EC93B`. */
export function formatGuid(bytes: Uint8Array): string {
  const text = toHex(Uint8Array.from(ORDER, (at) => bytes[at])).toUpperCase();
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/**
 * The 16 mixed-endian bytes of GUID text, with or without braces, any case.
 * @throws DeadboxError `INVALID_ARGUMENT`
 */
export function parseGuid(text: string): Bytes {
  const digits = text.replace(/^\{(.*)\}$/, '$1').replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new DeadboxError('INVALID_ARGUMENT', `"${text}" is not a GUID`);
  const bytes = new Uint8Array(16);
  ORDER.forEach((at, i) => {
    bytes[at] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16);
  });
  return bytes;
}

/** The GUID of 16 zero bytes. */
export const NIL_GUID = '00000000-0000-0000-0000-000000000000';
