import { type Bytes, Cursor } from '@deadbox/core';

const MAGIC = 0x514649fb;

/** Version of a QCOW image by its first eight bytes; `undefined` when it is none. */
export function qcowVersion(bytes: Bytes): number | undefined {
  if (bytes.length < 8) return undefined;
  const cursor = new Cursor(bytes);
  return cursor.u32Be(0) === MAGIC ? cursor.u32Be(4) : undefined;
}
