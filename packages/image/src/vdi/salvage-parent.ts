import { type Bytes, Cursor, NIL_GUID } from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { VDI_HEADER } from './header.js';

/** See `ImageFormat.salvageParent`. */
export function salvageVdiParent(head: Bytes): ParentReference | undefined {
  const id = VDI_HEADER.fields.parentUuid.read(new Cursor(head));
  return id === NIL_GUID ? undefined : { names: [], id };
}
