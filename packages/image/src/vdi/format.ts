import { type Bytes, Cursor } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';

const SIGNATURE = 0xbeda107f;
const SIGNATURE_OFFSET = 0x40;
/** A shorter file has no whole header. */
const HEADER_BYTES = 0x1c8;

/** Virtual Disk Image of VirtualBox: dynamic, fixed, differencing (snapshots), undo. */
export const vdiFormat: ImageFormat = {
  id: 'vdi',
  label: 'VirtualBox VDI',
  storesVerbatim: true,
  extensions: ['vdi'],
  savedStateExtensions: ['sav'],
  hasParents: true,
  qemuDrivers: ['vdi'],
  probe(head: Bytes): boolean {
    return head.length >= HEADER_BYTES && new Cursor(head).u32(SIGNATURE_OFFSET) === SIGNATURE;
  },
  async open(source, context) {
    const { openVdi } = await import('./open.js');
    return openVdi(source, context);
  },
  async salvageParent(_source, head) {
    const { salvageVdiParent } = await import('./salvage-parent.js');
    return salvageVdiParent(head);
  },
};
