import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { isVmdkCowd, isVmdkSeSparse, isVmdkSparse, looksLikeVmdkDescriptor } from './signature.js';

/** How much of a file is searched for the first words of a descriptor. */
const PROBED_TEXT = 2048;

/**
 * VMware virtual disks (Virtual Disk Format 1.1 and 5.0): sparse, flat, split, stream-optimised and ESXi disks, given
 * by their descriptor or by the one file that holds everything, and snapshot chains by content id.
 */
export const vmdkFormat: ImageFormat = {
  id: 'vmdk',
  label: 'VMware VMDK',
  storesVerbatim: true,
  extensions: ['vmdk'],
  partName: /-(s\d{3}|f\d{3}|flat|delta|sesparse)\.vmdk$/i,
  savedStateExtensions: ['vmss', 'vmem'],
  lockExtensions: ['lck'],
  hasParents: true,
  qemuDrivers: ['vmdk'],
  probe(head: Bytes): number {
    if (isVmdkSparse(head) || isVmdkCowd(head) || isVmdkSeSparse(head)) return 1;
    return looksLikeVmdkDescriptor(latin1(head.subarray(0, PROBED_TEXT))) ? 1 : 0;
  },
  async open(source, context) {
    const { openVmdk } = await import('./open.js');
    return openVmdk(source, context);
  },
  async salvageParent(_source, head) {
    const { salvageVmdkParent } = await import('./salvage-parent.js');
    return salvageVmdkParent(head);
  },
};

/** ASCII bytes as text, NUL kept: it ends a descriptor. */
function latin1(bytes: Bytes): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  return String.fromCharCode(...used);
}
