import { type Bytes, hasAscii } from '@deadbox/core';

/** What `head` begins when it is a relative of EWF that is recognised and not read: why it is refused, and its name. */
export function otherKind(head: Bytes): { code: 'IMAGE_UNSUPPORTED' | 'IMAGE_ENCRYPTED'; what: string } | undefined {
  if (hasAscii(head, 0, 'EVF2\r\n'))
    return { code: 'IMAGE_UNSUPPORTED', what: 'an EnCase 7 image (Ex01, EWF version 2); export it as E01 or raw' };
  if (hasAscii(head, 0, 'LEF2\r\n') || hasAscii(head, 0, 'LVF\t\r\n')) {
    return { code: 'IMAGE_UNSUPPORTED', what: 'logical evidence of EnCase (L01, Lx01): files, not a disk' };
  }
  if (hasAscii(head, 0, 'ADCRYPT'))
    return {
      code: 'IMAGE_ENCRYPTED',
      what: 'an image encrypted by AccessData (AD encryption); FTK Imager can decrypt it',
    };
  return undefined;
}
