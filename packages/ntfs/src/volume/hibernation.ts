import { asciiText, type Bytes, isZero } from '@deadbox/core';

/** Bytes of `hiberfil.sys` that tell its state. */
export const HIBERFIL_HEAD = 4096;

/**
 * What `\hiberfil.sys` says (ntfs-3g volume.c; Sylve et al. 2016):
 * - `none`: no such file, or one that Windows has zeroed after a successful start
 * - `hibernated`: a valid image; Windows will go on from it, with cached file system state (fast startup looks the same)
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
