import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { isVdi } from './header.js';

/** Virtual Disk Image of VirtualBox: dynamic, fixed, differencing (snapshots), undo. */
export const vdiFormat: ImageFormat = {
  id: 'vdi',
  probe(head: Bytes): boolean {
    return isVdi(head);
  },
  async open(source, context) {
    const { openVdi } = await import('./open.js');
    return openVdi(source, context);
  },
};
