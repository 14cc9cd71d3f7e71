import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { isTarHeader } from './header.js';

/**
 * OVA archives (DMTF DSP0243 section 5.3: a tar with the OVF descriptor first): the first disk of the descriptor, read
 * where it lies in the archive. The `format` of the opened disk is that of the file inside; `details.archive` names the
 * archive's disks.
 */
export const ovaFormat: ImageFormat = {
  id: 'ova',
  label: 'OVA archive',
  extensions: ['ova'],
  probe(head: Bytes): boolean {
    return isTarHeader(head) && /^[^\0]{1,96}\.ovf\0/i.test(String.fromCharCode(...head.subarray(0, 101)));
  },
  async open(source, context) {
    const { openOva } = await import('./open.js');
    return openOva(source, context);
  },
};
