import { type ByteSource, type Bytes, Cursor, type ReadOptions } from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { recordedBacking } from '../qemu/salvage-parent.js';
import { QCOW_HEADER } from './header.js';

/** See `ImageFormat.salvageParent`. */
export function salvageQcowParent(
  source: ByteSource,
  head: Bytes,
  reading: ReadOptions,
): Promise<ParentReference | undefined> {
  const cursor = new Cursor(head);
  const { backingOffset, backingSize } = QCOW_HEADER.fields;
  return recordedBacking(source, cursor.u64NumberBe(backingOffset.offset), backingSize.read(cursor), reading);
}
