import { type ByteSource, hasAscii, type Json, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { allFormats } from '@deadbox/image';
import { repairError } from '../errors.js';

/**
 * Refuses images that must not be written in place as a whole.
 * @throws DeadboxError `REPAIR_NOT_STORED`
 */
export function checkFormat(disk: Disk): void {
  const { format, variant, details } = disk.image;
  const known = allFormats.find(({ id }) => id === format);
  if (known?.storesVerbatim !== true) throw notStored(`a ${format} image is not written in place`, { format });
  // An archive of a machine (OVA) has a manifest with a hash of each of its files.
  if (details.archive !== undefined) throw notStored('it lies in an archive: unpack it first', { format });
  if (variant === 'streamOptimized') throw notStored('a stream-optimised VMDK is not written in place', { format });
  const marks = disk.image.issues.map(({ code }) => code);
  if (marks.includes('image.marked-corrupt')) throw notStored('its header says that it is damaged', { format });
  // A program has it open for writing, or was cut off: what that one knows of the blocks is not in the file.
  if (format === 'parallels' && marks.includes('image.marked-dirty'))
    throw notStored('its header says that it is open in another program', { format });
  // The log would be replayed over what is written now.
  if (details.logReplayed === true) throw notStored('the log of the VHDX is not empty', { format, log: true });
}

/** QCOW2 (QEMU docs/interop/qcow2): header fields, big-endian, and flags of an L2 entry. */
const QCOW2 = {
  magic: 'QFI\xfb',
  clusterBits: 20,
  l1Entries: 36,
  l1Offset: 40,
  refcountOffset: 48,
  refcountClusters: 56,
  copied: 1n << 63n,
  offset: 0x00ff_ffff_ffff_fe00n,
} as const;

/**
 * A cluster of a QCOW2 that a snapshot shares must not change in place. The `COPIED` flag of its L2 entry says that
 * nobody else refers to it. Nor is a table of the container overwritten that an entry passes off as a part of the disk.
 * @param offset - byte offset on the virtual disk
 * @throws DeadboxError `REPAIR_NOT_STORED`
 */
export async function checkUnshared(
  disk: Disk,
  file: ByteSource,
  offset: number,
  stored: number,
  options: ReadOptions,
): Promise<void> {
  if (disk.image.format !== 'qcow2') return;
  const header = await file.read(0, 72, options);
  // A data file of its own: QEMU makes no snapshots of such a disk (block/qcow2-snapshot.c).
  if (!hasAscii(header, 0, QCOW2.magic)) return;
  const head = viewOf(header);
  const clusterBits = head.getUint32(QCOW2.clusterBits);
  const clusterSize = 2 ** clusterBits;
  const extended = head.getUint32(4) >= 3 && (viewOf(await file.read(72, 8, options)).getUint32(4) & 0x10) !== 0;
  const entryBytes = extended ? 16 : 8;
  const perTable = clusterSize / entryBytes;
  const cluster = Math.floor(offset / clusterSize);
  const l1At = Number(head.getBigUint64(QCOW2.l1Offset)) + 8 * Math.floor(cluster / perTable);
  const l1 = viewOf(await file.read(l1At, 8, options)).getBigUint64(0);
  const l2At = Number(l1 & QCOW2.offset) + entryBytes * (cluster % perTable);
  const l2 = viewOf(await file.read(l2At, 8, options)).getBigUint64(0);
  const here = Number(l2 & QCOW2.offset) + (offset % clusterSize);
  if ((l2 & QCOW2.copied) === 0n || (l1 & QCOW2.copied) === 0n || here !== stored)
    throw notStored(`the cluster at ${stored} is shared with a snapshot`, { offset: stored, snapshot: true });
  const tables: readonly (readonly [offset: number, length: number])[] = [
    [0, clusterSize],
    [Number(head.getBigUint64(QCOW2.l1Offset)), 8 * head.getUint32(QCOW2.l1Entries)],
    [Number(l1 & QCOW2.offset), clusterSize],
    [Number(head.getBigUint64(QCOW2.refcountOffset)), clusterSize * head.getUint32(QCOW2.refcountClusters)],
  ];
  const start = stored - (offset % clusterSize);
  if (tables.some(([at, length]) => start < at + length && at < start + clusterSize))
    throw notStored(`the cluster at ${start} is one of its own tables`, { offset: start });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** An image, or a part of it, that is not written in place. */
export function notStored(why: string, data: Record<string, Json>): Error {
  return repairError('REPAIR_NOT_STORED', `This image cannot be written in place: ${why}`, { data });
}
