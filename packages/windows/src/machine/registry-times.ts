import { type Bytes, Cursor, fileTimeFromUnixMs, fileTimeOf, formatFileTime } from '@deadbox/core';

/** ISO-8601 UTC text of eight bytes that hold a FILETIME; `undefined` when they hold none. */
export function timeOfBytes(bytes: Bytes | undefined): string | undefined {
  if (bytes === undefined || bytes.length !== 8) return undefined;
  const cursor = new Cursor(bytes, 'registry value');
  return formatFileTime(fileTimeOf(cursor.u32(0), cursor.u32(4)));
}

/** ISO-8601 UTC text of Unix seconds; `undefined` for 0 (not set). */
export function timeOfUnixSeconds(seconds: number | undefined): string | undefined {
  return seconds === undefined || seconds === 0 ? undefined : formatFileTime(fileTimeFromUnixMs(seconds * 1000));
}
