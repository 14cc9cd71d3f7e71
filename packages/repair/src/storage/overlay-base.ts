import { asciiText, type Bytes } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { repairError } from '../errors.js';

/** Formats whose parents QEMU follows; of the others it shows zeros, or nothing, where a parent has data. */
const FOLLOWED: ReadonlySet<string> = new Set(['qcow2', 'qcow', 'vmdk']);
/** Formats that record the names of their further files. */
const RECORDED: ReadonlySet<string> = new Set(['qcow2', 'vmdk']);

/**
 * Whether QEMU reads as the same disk what an overlay names as its backing file: one file, and what is recorded in it.
 * @throws DeadboxError `REPAIR_REFUSED`
 */
export function checkOverlayBase({ image, name }: Disk): void {
  const { details, format, ownFiles = [], parents } = image;
  if (details.archive !== undefined) throw unlike(`${name} is an archive, which QEMU does not open: unpack it first`);
  if (details.bundle !== undefined) throw unlike(`QEMU does not open the bundle of ${name}`);
  if (parents.length > 0 && !FOLLOWED.has(format))
    throw unlike(`QEMU does not read the parents of a ${format} image: ${EXPORT}`);
  if (ownFiles.length > 1 && !RECORDED.has(format))
    throw unlike(`${name} is one of ${ownFiles.length} parts, of which QEMU would read this one: ${EXPORT}`);
}

/** Footer of a VHD (Microsoft, VHD specification), big-endian. */
const VHD = { creator: 28, cylinders: 56, heads: 58, sectors: 59 } as const;
/**
 * Creators whose sizes QEMU takes as they are; of the others it counts cylinders, up to the largest disk that has them.
 */
const SIZED: ReadonlySet<string> = new Set(['win ', 'qem2', 'd2v ', 'CTXS', 'tap.']);
const MOST_SECTORS = 65_535 * 16 * 255;

/**
 * QEMU (block/vpc.c) lets a VHD of some programs end with its last whole cylinder.
 * @param footer - the last 512 bytes of the file
 * @param size - bytes of the disk
 * @throws DeadboxError `REPAIR_REFUSED`
 */
export function checkVhdEnd(footer: Bytes, size: number): void {
  const view = new DataView(footer.buffer, footer.byteOffset, footer.length);
  const sectors = view.getUint16(VHD.cylinders) * view.getUint8(VHD.heads) * view.getUint8(VHD.sectors);
  if (SIZED.has(asciiText(footer, VHD.creator, 4)) || sectors >= MOST_SECTORS) return;
  if (sectors * 512 < size)
    throw unlike(`QEMU would read ${sectors * 512} of the ${size} bytes of this VHD: ${EXPORT}`);
}

const EXPORT = 'convert it to a raw disk first (deadbox export)';

function unlike(why: string): Error {
  return repairError('REPAIR_REFUSED', `No overlay can lie over this image: ${why}`);
}
