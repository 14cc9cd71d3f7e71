import { type ByteSource, type Bytes, crc32c, hasAscii, isZero, type Json, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { allFormats } from '@deadbox/image';
import { repairError } from '../errors.js';
import type { StoredWrite } from './sector-write.js';

/**
 * Refuses images that must not be written in place as a whole.
 * @throws DeadboxError `REPAIR_NOT_STORED`
 */
export function checkFormat(disk: Disk): void {
  const { format, variant, details } = disk.image;
  const known = allFormats.find(({ id }) => id === format);
  if (known?.storesVerbatim !== true) throw notStored(`a ${format} image is not written in place`, { format });
  if (variant === 'streamOptimized') throw notStored('a stream-optimised VMDK is not written in place', { format });
  // The log would be replayed over what is written now.
  if (details.logReplayed === true) throw notStored('the log of the VHDX is not empty', { format, log: true });
}

/** QCOW2 (QEMU docs/interop/qcow2): header fields, big-endian, and flags of an L2 entry. */
const QCOW2 = {
  clusterBits: 20,
  l1Entries: 36,
  l1Offset: 40,
  copied: 1n << 63n,
  offset: 0x00ff_ffff_ffff_fe00n,
} as const;

/**
 * A cluster of a QCOW2 that a snapshot shares must not change in place. The `COPIED` flag of its L2 entry says that nobody else refers to it.
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
  const head = viewOf(await file.read(0, 72, options));
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
}

/** VHDX headers ([MS-VHDX] 2.2.2). */
const VHDX = {
  offsets: [0x1_0000, 0x2_0000],
  bytes: 4096,
  crc: 4,
  sequence: 8,
  fileWrite: 16,
  dataWrite: 32,
  log: 48,
} as const;

/**
 * What [MS-VHDX] asks of whoever changes the disk: new write identifiers, first in the header that is not current, then in the other one.
 * A child that was made before then no longer accepts this file, which is what it must do.
 * @param identifier - sixteen random bytes
 */
export async function headerWrites(
  disk: Disk,
  file: ByteSource,
  path: string,
  identifier: Bytes,
  options: ReadOptions,
): Promise<StoredWrite[]> {
  if (disk.image.format !== 'vhdx') return [];
  const headers: Bytes[] = [];
  for (const offset of VHDX.offsets) headers.push(new Uint8Array(await file.read(offset, VHDX.bytes, options)));
  const sound = headers.map(
    (bytes) => hasAscii(bytes, 0, 'head') && checksum(bytes) === viewOf(bytes).getUint32(VHDX.crc, true),
  );
  const sequences = headers.map((bytes, i) => (sound[i] ? viewOf(bytes).getBigUint64(VHDX.sequence, true) : -1n));
  const current = sequences[1] > sequences[0] ? 1 : 0;
  if (!sound[current]) throw notStored('neither header of the VHDX is whole', {});
  if (!isZero(headers[current].subarray(VHDX.log, VHDX.log + 16)))
    throw notStored('the log of the VHDX is not empty', { log: true });
  return [1 - current, current].map((which, step): StoredWrite => {
    const after = headers[current].slice();
    const view = viewOf(after);
    view.setBigUint64(VHDX.sequence, sequences[current] + BigInt(step + 1), true);
    after.set(identifier, VHDX.fileWrite);
    after.set(identifier, VHDX.dataWrite);
    view.setUint32(VHDX.crc, checksum(after), true);
    return { file: path, offset: VHDX.offsets[which], before: headers[which], after };
  });
}

function checksum(header: Bytes): number {
  const bytes = header.slice();
  bytes.fill(0, VHDX.crc, VHDX.crc + 4);
  return crc32c(bytes);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function notStored(why: string, data: Record<string, Json>): Error {
  return repairError('REPAIR_NOT_STORED', `This image cannot be written in place: ${why}`, { data });
}
