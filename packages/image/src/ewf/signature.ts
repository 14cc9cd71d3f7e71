import { type Bytes, hasAscii } from '@deadbox/core';

const SIGNATURE = 'EVF\t\r\n';
const FILE_HEADER_BYTES = 13;

/** Whether `bytes` begin like a segment file of an E01 or S01 image. */
export function isEwfSegment(bytes: Bytes): boolean {
  return bytes.length >= FILE_HEADER_BYTES && hasAscii(bytes, 0, SIGNATURE) && bytes[6] === 0xff && bytes[7] === 0;
}

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
