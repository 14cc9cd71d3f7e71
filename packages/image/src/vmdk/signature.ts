import { type Bytes, Cursor, hasAscii } from '@deadbox/core';

/** Bytes of a sector of a VMDK, whatever the disk's logical sector size is. */
export const VMDK_SECTOR = 512;

/** Whether `bytes` begin with the magic of a hosted sparse extent. */
export function isVmdkSparse(bytes: Bytes): boolean {
  return bytes.length >= VMDK_SECTOR && hasAscii(bytes, 0, 'KDMV');
}

/** Whether `bytes` begin with the magic of a COWD file. */
export function isVmdkCowd(bytes: Bytes): boolean {
  return bytes.length >= 32 && hasAscii(bytes, 0, 'COWD');
}

/** Whether `bytes` begin with the magic of a seSparse extent. */
export function isVmdkSeSparse(bytes: Bytes): boolean {
  return bytes.length >= VMDK_SECTOR && new Cursor(bytes).u64(0) === 0xcafe_baben;
}

/** Whether `text` (the beginning of a file) begins like a descriptor. */
export function looksLikeVmdkDescriptor(text: string): boolean {
  if (text.includes('\0')) text = text.slice(0, text.indexOf('\0'));
  if (/^[ \t]*#[ \t]*Disk[ \t]+Descriptor[ \t]*File/im.test(text)) return true;
  return (
    /^[ \t]*version[ \t]*=[ \t]*[1-9][ \t\r]*$/im.test(text) &&
    /^[ \t]*CID[ \t]*=/im.test(text) &&
    /^[ \t]*createType[ \t]*=/im.test(text)
  );
}
