import { type Bytes, hasAscii } from '@deadbox/core';

/** Whether a file begins like an image of QED, which deadbox does not open. */
export function isQed(head: Bytes): boolean {
  return hasAscii(head, 0, 'QED\0');
}
