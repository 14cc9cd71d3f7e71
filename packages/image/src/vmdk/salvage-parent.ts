import { type Bytes, Cursor } from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { vmdkParentOf } from './descriptor.js';
import { VMDK_SPARSE_HEADER } from './header.js';
import { isVmdkSparse, VMDK_SECTOR } from './signature.js';
import { decodeVmdkText } from './text.js';

/**
 * See `ImageFormat.salvageParent`.
 * @param head - a descriptor, or an extent that holds one
 */
export function salvageVmdkParent(head: Bytes): ParentReference | undefined {
  const offset = isVmdkSparse(head) ? VMDK_SPARSE_HEADER.fields.descriptorOffset.read(new Cursor(head)) : 0;
  const readings = decodeVmdkText(head.subarray(offset * VMDK_SECTOR)).map(({ text }) => vmdkParentOf(text));
  const [{ parentCid }] = readings;
  if (parentCid === undefined) return undefined;
  // Which encoding is right shows only when the file is looked for.
  const names = readings.flatMap((reading) => reading.parentFileNameHint ?? []);
  return { names: [...new Set(names)], states: [parentCid] };
}
