import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { isBundleDescriptor, parallelsKind } from './signature.js';

/** Parallels expandable hard disks (`.hds`, `.hdd`), old and extended form. */
export const parallelsFormat: ImageFormat = {
  id: 'parallels',
  label: 'Parallels hard disk',
  storesVerbatim: true,
  extensions: ['hds', 'hdd'],
  bundleDescriptor: 'DiskDescriptor.xml',
  hasParents: true,
  qemuDrivers: ['parallels'],
  probe(head: Bytes): boolean {
    return parallelsKind(head) !== undefined || isBundleDescriptor(head);
  },
  async open(source, context) {
    const { openParallels } = await import('./open.js');
    return openParallels(source, context);
  },
};
