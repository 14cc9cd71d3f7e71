import { type ByteSource, type Bytes, Cursor, type ReadOptions } from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { parseFooter, VHD_DYNAMIC_HEADER } from './header.js';
import { VHD_FOOTER_BYTES } from './signature.js';

/**
 * See `ImageFormat.salvageParent`.
 * @param head - begins with a copy of the footer
 */
export async function salvageVhdParent(
  source: ByteSource,
  head: Bytes,
  reading: ReadOptions,
): Promise<ParentReference | undefined> {
  const { type, headerOffset } = parseFooter(head.subarray(0, VHD_FOOTER_BYTES), '', 0);
  if (type !== 'differencing') return undefined;
  const cursor = new Cursor(await source.read(headerOffset, VHD_DYNAMIC_HEADER.size, reading));
  const { parentId, parentName } = VHD_DYNAMIC_HEADER.fields;
  const name = parentName.read(cursor);
  return { names: name === '' ? [] : [name], id: parentId.read(cursor) };
}
