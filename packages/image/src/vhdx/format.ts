import { type Bytes, hasAscii } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';

/**
 * Virtual Hard Disk v2 of Hyper-V (`.vhdx`, `.avhdx`): fixed, dynamic, differencing ([MS-VHDX]). A log that its host
 * left behind is replayed in memory; the file stays as it is.
 */
export const vhdxFormat: ImageFormat = {
  id: 'vhdx',
  label: 'Hyper-V VHDX',
  storesVerbatim: true,
  extensions: ['vhdx', 'avhdx'],
  hasParents: true,
  qemuDrivers: ['vhdx'],
  readsAroundBadEnds: true,
  probe(head: Bytes): boolean {
    return hasAscii(head, 0, 'vhdxfile');
  },
  async open(source, context) {
    const { openVhdx } = await import('./open.js');
    return openVhdx(source, context);
  },
  async salvageParent(source, _head, reading) {
    const { salvageVhdxParent } = await import('./salvage-parent.js');
    return salvageVhdxParent(source, reading);
  },
};
