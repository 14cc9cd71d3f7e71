import { closeSync, openSync, readSync } from 'node:fs';
import { hasAscii } from '@deadbox/core';

/** Drives that are asked: `\\.\PhysicalDrive0` and those after it. */
const MAX_DRIVES = 32;
/** Bytes at the start of a volume that are compared: its boot sector, and what follows it. */
const HEAD_BYTES = 4096;

/**
 * The drive that a volume of Windows lies on. Node cannot ask Windows; but the boot sector says at which sector of its
 * disk the volume begins (hidden sectors, at 0x1C of NTFS and FAT), and there the same bytes must stand.
 * @param volume - `\\.\D:`
 * @param drive - gives the path of drive `n`
 * @returns `undefined` where no drive fits (the volume is unlocked, or lies on several disks) or more than one does
 */
export function driveOfVolume(
  volume: string,
  drive = (n: number): string => `\\\\.\\PhysicalDrive${n}`,
): string | undefined {
  const head = readAt(volume, 0);
  const place = head === undefined ? undefined : startOnDisk(head);
  if (head === undefined || place === undefined) return undefined;
  const found: string[] = [];
  for (let n = 0; n < MAX_DRIVES; n += 1) {
    const there = readAt(drive(n), place);
    if (there?.equals(head) === true) found.push(drive(n));
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Where the volume begins on its disk, in bytes, as its boot sector says. */
function startOnDisk(head: Buffer): number | undefined {
  const known = hasAscii(head, 3, 'NTFS    ') || hasAscii(head, 0x52, 'FAT32   ') || hasAscii(head, 0x36, 'FAT1');
  return known ? head.readUInt32LE(0x1c) * head.readUInt16LE(0x0b) : undefined;
}

/** Whole sectors at a whole sector: Windows refuses anything else of a raw device. */
function readAt(path: string, offset: number): Buffer | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const bytes = Buffer.alloc(HEAD_BYTES);
    return readSync(handle, bytes, 0, HEAD_BYTES, offset) === HEAD_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
