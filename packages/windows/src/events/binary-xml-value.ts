import { type Bytes, Cursor, fileTimeOf, formatFileTime, toHex, untilNul, utf16Text } from '@deadbox/core';
import { calendarText } from '../calendar.js';

/** Value types of binary XML (MS-EVEN6 2.2.12; libevtx, "Windows XML Event Log"). */
export const NESTED_XML = 0x21;
const ARRAY = 0x80;

function signed(cursor: Cursor, bytes: Bytes): string {
  if (bytes.length === 1) return String(cursor.i8(0));
  if (bytes.length === 2) return String((cursor.u16(0) << 16) >> 16);
  if (bytes.length === 4) return String(cursor.i32(0));
  return bytes.length === 8 ? String(BigInt.asIntN(64, cursor.u64(0))) : toHex(bytes);
}

function unsigned(cursor: Cursor, bytes: Bytes): bigint | undefined {
  if (bytes.length === 1) return BigInt(cursor.u8(0));
  if (bytes.length === 2) return BigInt(cursor.u16(0));
  if (bytes.length === 4) return BigInt(cursor.u32(0));
  return bytes.length === 8 ? cursor.u64(0) : undefined;
}

/** A SID as text (MS-DTYP 2.4.2). */
function sidText(cursor: Cursor, bytes: Bytes): string {
  if (bytes.length < 8 || bytes.length < 8 + cursor.u8(1) * 4) return toHex(bytes);
  let text = `S-${cursor.u8(0)}-${cursor.u16Be(2) * 0x1_0000_0000 + cursor.u32Be(4)}`;
  for (let i = 0; i < cursor.u8(1); i += 1) text += `-${cursor.u32(8 + i * 4)}`;
  return text;
}

/** A SYSTEMTIME (MS-DTYP 2.3.13); its third field is the day of the week. */
function systemTime(cursor: Cursor): string | undefined {
  const [year, month, , day, hour, minute, second, millisecond] = Array.from({ length: 8 }, (_, i) =>
    cursor.u16(i * 2),
  );
  return calendarText({ year, month, day, hour, minute, second, millisecond });
}

/**
 * A value of an event as text; nested XML is not handled here. Bytes that do not fit their type come as hexadecimal
 * text.
 */
export function binaryXmlText(type: number, bytes: Bytes): string {
  const cursor = new Cursor(bytes, 'event value');
  if ((type & ARRAY) !== 0) {
    // Each string of an array ends with a NUL; empty ones count.
    return (type & 0x7f) === 1 ? utf16Text(bytes).replace(/\0$/, '').split('\0').join(', ') : toHex(bytes);
  }
  switch (type) {
    case 0x00:
      return '';
    case 0x01:
      return untilNul(utf16Text(bytes));
    case 0x02:
      return Array.from(bytes, (byte) => (byte === 0 ? '' : String.fromCharCode(byte))).join('');
    case 0x03:
    case 0x05:
    case 0x07:
    case 0x09:
      return signed(cursor, bytes);
    case 0x04:
    case 0x06:
    case 0x08:
    case 0x0a:
      return unsigned(cursor, bytes)?.toString() ?? toHex(bytes);
    case 0x0d:
      return String(bytes.some((byte) => byte !== 0));
    case 0x0f:
      return bytes.length === 16 ? `{${cursor.guid(0)}}` : toHex(bytes);
    case 0x10:
    case 0x14:
    case 0x15: {
      const value = unsigned(cursor, bytes);
      return value === undefined ? toHex(bytes) : `0x${value.toString(16)}`;
    }
    case 0x11:
      return bytes.length === 8 ? (formatFileTime(fileTimeOf(cursor.u32(0), cursor.u32(4))) ?? '') : toHex(bytes);
    case 0x12:
      return (bytes.length === 16 ? systemTime(cursor) : undefined) ?? toHex(bytes);
    case 0x13:
      return sidText(cursor, bytes);
    default:
      return toHex(bytes);
  }
}
