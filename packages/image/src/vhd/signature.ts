import { type Bytes, hasAscii } from '@deadbox/core';

const COOKIE = 'conectix';
/** Length of the footer in bytes. */
export const VHD_FOOTER_BYTES = 512;
/** Virtual PC before 2004 wrote footers of 511 bytes. */
const OLD_FOOTER_BYTES = 511;

/** The length of the footer that `tail` ends with. */
export function footerLengthAt(tail: Bytes): number | undefined {
  return [VHD_FOOTER_BYTES, OLD_FOOTER_BYTES].find((length) => hasAscii(tail, tail.length - length, COOKIE));
}

/** Whether `head` begins with a copy of the footer. */
export function hasFooterCopy(head: Bytes): boolean {
  return head.length >= VHD_FOOTER_BYTES && hasAscii(head, 0, COOKIE);
}
