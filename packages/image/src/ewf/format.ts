import type { Bytes } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { isEwfSegment, otherKind } from './signature.js';

/**
 * Expert Witness images of EnCase, FTK Imager, ewfacquire (`.E01`, …) and SMART (`.s01`, …) in any number of segment
 * files. EnCase 7's `.Ex01`, logical evidence (`.L01`) and AD-encrypted images are recognised and named.
 */
export const ewfFormat: ImageFormat = {
  id: 'ewf',
  label: 'Expert Witness (E01)',
  extensions: ['e01', 'ex01', 's01'],
  probe(head: Bytes): boolean {
    return isEwfSegment(head) || otherKind(head) !== undefined;
  },
  async open(source, context) {
    const { openEwf } = await import('./open.js');
    return openEwf(source, context);
  },
};
