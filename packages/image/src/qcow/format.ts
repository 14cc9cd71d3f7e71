import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { qcowVersion } from '../qcow2/signature.js';

/**
 * QEMU copy-on-write images of version 1, with compressed clusters and backing files. Encrypted ones are recognised and
 * named.
 */
export const qcowFormat: ImageFormat = {
  id: 'qcow',
  label: 'QEMU QCOW',
  extensions: ['qcow'],
  hasParents: true,
  qemuDrivers: ['qcow'],
  probe(head: Bytes): boolean {
    return qcowVersion(head) === 1;
  },
  async open(source, context) {
    const { openQcow } = await import('./open.js');
    return openQcow(source, context);
  },
  async salvageParent(source, head, reading) {
    const { salvageQcowParent } = await import('./salvage-parent.js');
    return salvageQcowParent(source, head, reading);
  },
};
