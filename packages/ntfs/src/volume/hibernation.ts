import { asciiText, type Bytes, Cursor, type FileTime, isZero, type Structure, structure } from '@deadbox/core';

/** Bytes of `hiberfil.sys` that tell its state. */
export const HIBERFIL_HEAD = 4096;

/**
 * What `\hiberfil.sys` says (ntfs-3g volume.c; Sylve et al. 2016):
 * - `none`: no such file, or one that Windows has zeroed after a successful start
 * - `hibernated`: a valid image; Windows will go on from it, with cached file system state (fast startup looks the
 * same)
 * - `resumed`: a resume was begun from it: used up, or failed
 * - `restoring`: a restore is in progress
 * - `elsewhere`: shorter than one page: the image is on another volume
 * - `unknown`: other content; treat as hibernated
 * - `unreadable`: the file is there and cannot be read
 */
export type HibernationState = 'none' | 'hibernated' | 'resumed' | 'restoring' | 'elsewhere' | 'unknown' | 'unreadable';

/** Judges the first 4096 bytes of `hiberfil.sys` (fewer when the file is shorter). */
export function judgeHibernation(head: Bytes): HibernationState {
  if (head.length < HIBERFIL_HEAD) return 'elsewhere';
  switch (asciiText(head, 0, 4)) {
    case 'hibr':
    case 'HIBR':
      return 'hibernated';
    case 'wake':
    case 'WAKE':
      return 'resumed';
    case 'RSTR':
      return 'restoring';
    case 'link':
      return 'elsewhere';
    default:
      return isZero(head) ? 'none' : 'unknown';
  }
}

export const HIBERNATION_IMAGE_FIELDS = {
  signature: [0x00, 'ascii[4]', 'State of the image'],
  pageSize32: [0x14, 'u32', 'Bytes of a page, of a 32-bit system'],
  time32: [0x18, 'filetime', 'When it was written, of a 32-bit system'],
  pageSize: [0x18, 'u32', 'Bytes of a page, of a 64-bit system'],
  time: [0x20, 'filetime', 'When it was written, of a 64-bit system'],
} as const;
/** Head of `hiberfil.sys` (PO_MEMORY_IMAGE). */
export const HIBERNATION_IMAGE: Structure<typeof HIBERNATION_IMAGE_FIELDS> = structure(
  'hibernation-image',
  'Volatility Foundation, PO_MEMORY_IMAGE; Sylve et al. 2016',
  HIBERNATION_IMAGE_FIELDS,
);
const PAGE = 4096;

/** When a hibernation image was written; `undefined` where its head is not one of the known forms. */
export function hibernationTime(head: Bytes): FileTime | undefined {
  if (head.length < HIBERNATION_IMAGE.size) return undefined;
  const image = HIBERNATION_IMAGE.read(new Cursor(head, 'hiberfil.sys'));
  const time = image.pageSize === PAGE ? image.time : image.pageSize32 === PAGE ? image.time32 : 0n;
  return time === 0n ? undefined : time;
}
