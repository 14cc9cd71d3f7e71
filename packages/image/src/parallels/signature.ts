import { asciiText, type Bytes, hasAscii } from '@deadbox/core';

const OLD_MAGIC = 'WithoutFreeSpace';
const NEW_MAGIC = 'WithouFreSpacExt';

/** The kind of Parallels image that `head` begins; `undefined` when it is none. */
export function parallelsKind(head: Bytes): 'old' | 'extended' | undefined {
  return hasAscii(head, 0, OLD_MAGIC) ? 'old' : hasAscii(head, 0, NEW_MAGIC) ? 'extended' : undefined;
}

/** Whether `head` is the beginning of a `DiskDescriptor.xml` (QEMU docs/interop/prl-xml). */
export function isBundleDescriptor(head: Bytes): boolean {
  return asciiText(head, 0, Math.min(head.length, 1024)).includes('<Parallels_disk_image');
}
