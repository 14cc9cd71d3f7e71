import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { footerLengthAt, hasFooterCopy } from './signature.js';

/**
 * A fixed VHD has its signature only at the end, where any raw disk may hold anything; the head of another format
 * outweighs it.
 */
const BY_TAIL = 0.9;

/**
 * Virtual Hard Disk of Virtual PC, Virtual Server, Hyper-V and Azure: fixed, dynamic, differencing
 * (Microsoft, "Virtual Hard Disk Image Format Specification", version 1.0, 2006).
 */
export const vhdFormat: ImageFormat = {
  id: 'vhd',
  label: 'Virtual PC and Hyper-V VHD',
  storesVerbatim: true,
  extensions: ['vhd', 'avhd'],
  savedStateExtensions: ['vsv'],
  hasParents: true,
  qemuDrivers: ['vpc'],
  usesTail: true,
  readsAroundBadEnds: true,
  probe(head: Bytes, tail: Bytes): number {
    if (hasFooterCopy(head)) return 1;
    return footerLengthAt(tail) === undefined ? 0 : BY_TAIL;
  },
  async open(source, context) {
    const { openVhd } = await import('./open.js');
    return openVhd(source, context);
  },
  async salvageParent(source, head, reading) {
    const { salvageVhdParent } = await import('./salvage-parent.js');
    return salvageVhdParent(source, head, reading);
  },
};
