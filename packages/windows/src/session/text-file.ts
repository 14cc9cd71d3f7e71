import { type Bytes, latin1Text, utf16Text } from '@deadbox/core';

/**
 * Text of a Windows text file: UTF-16LE with a byte order mark, or evidently so, else one byte a character. The mark is
 * left out.
 */
export function decodeText(bytes: Bytes): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16Text(bytes.subarray(2));
  if (bytes.length >= 4 && bytes[1] === 0 && bytes[3] === 0) return utf16Text(bytes);
  return latin1Text(bytes.subarray(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0));
}
