import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { qcowVersion } from './signature.js';

/**
 * QEMU copy-on-write images, versions 2 and 3 (QEMU docs/interop/qcow2): deflate and zstd clusters, extended L2
 * entries, external data file, backing files of any format, internal snapshots (`snapshot` option: id or name).
 * Encrypted ones are recognised and named.
 */
export const qcow2Format: ImageFormat = {
  id: 'qcow2',
  label: 'QEMU QCOW2',
  storesVerbatim: true,
  extensions: ['qcow2'],
  lockExtensions: ['lock'],
  hasParents: true,
  qemuDrivers: ['qcow2'],
  probe(head: Bytes): boolean {
    return (qcowVersion(head) ?? 0) >= 2;
  },
  async open(source, context) {
    const { openQcow2 } = await import('./open.js');
    return openQcow2(source, context);
  },
  async salvageParent(source, head, reading) {
    const { salvageQcow2Parent } = await import('./salvage-parent.js');
    return salvageQcow2Parent(source, head, reading);
  },
};
