import { type ByteSource, type Bytes, crc32c, hasAscii, isZero, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { notStored } from './container-rules.js';
import type { StoredWrite } from './sector-write.js';

/** A file of the image: how to read it, and its path. */
export interface ImageFile {
  readonly path: string;
  readonly size: number;
  read(offset: number, length: number): Bytes | Promise<Bytes>;
}

/**
 * What a format asks of whoever changes the disk, written before anything else: an identifier of this writing session,
 * so that a child that was made before no longer accepts the file, which is what it must do; and what other programs
 * kept and can no longer trust.
 * @param top - the file that the image was opened by
 * @param stored - a file that stores sectors; for formats of one file the same
 * @param random - sixteen random bytes
 * @throws DeadboxError `REPAIR_NOT_STORED`
 */
export async function headerWrites(
  disk: Disk,
  top: ImageFile,
  stored: ImageFile,
  random: Bytes,
): Promise<StoredWrite[]> {
  switch (disk.image.format) {
    case 'vhdx':
      return vhdxWrites(stored, random);
    case 'vmdk':
      return vmdkWrites(top, random);
    case 'vdi':
      return [await replaced(stored, VDI_MODIFY_UUID, random)];
    case 'qcow2':
      return qcow2Writes(top);
    default:
      return [];
  }
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

/** New write identifiers, first in the header that is not current, then in the other one. */
async function vhdxWrites(file: ImageFile, identifier: Bytes): Promise<StoredWrite[]> {
  const headers: Bytes[] = [];
  for (const offset of VHDX.offsets) headers.push(new Uint8Array(await file.read(offset, VHDX.bytes)));
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
    return { file: file.path, offset: VHDX.offsets[which], before: headers[which], after };
  });
}

function checksum(header: Bytes): number {
  const bytes = header.slice();
  bytes.fill(0, VHDX.crc, VHDX.crc + 4);
  return crc32c(bytes);
}

/**
 * Sparse extent of VMware's hosted products: where its header says that the descriptor lies, in sectors of 512 bytes.
 */
const KDMV = { magic: 'KDMV', descriptorOffset: 28, descriptorSize: 36, head: 44 } as const;
const MOST_DESCRIPTOR_BYTES = 1 << 20;
const CONTENT_ID = /^([ \t]*CID[ \t]*=[ \t]*)([0-9a-f]{1,8})[ \t]*\r?$/im;

/** VMware and QEMU give a VMDK a new content identifier (`CID`) in its descriptor before they first write to it. */
async function vmdkWrites(file: ImageFile, random: Bytes): Promise<StoredWrite[]> {
  const head = await file.read(0, Math.min(KDMV.head, file.size));
  let offset = 0;
  let length = Math.min(file.size, MOST_DESCRIPTOR_BYTES);
  if (hasAscii(head, 0, KDMV.magic)) {
    offset = Number(viewOf(head).getBigUint64(KDMV.descriptorOffset, true)) * 512;
    length = Number(viewOf(head).getBigUint64(KDMV.descriptorSize, true)) * 512;
    // An extent without a descriptor has no identifier either.
    if (offset === 0 || length > MOST_DESCRIPTOR_BYTES || offset + length > file.size) return [];
  }
  const text = latin1(await file.read(offset, length));
  const found = CONTENT_ID.exec(text);
  if (found === null) throw notStored('the VMDK has no descriptor with a content identifier', {});
  const [, lead, digits] = found;
  return [await replaced(file, offset + found.index + lead.length, newContentId(digits, random))];
}

/** As many digits as before, other ones; `ffffffff` and `fffffffe` mean "no parent" and "not written to". */
function newContentId(present: string, random: Bytes): Bytes {
  let value = viewOf(random).getUint32(0);
  const textOf = (): string => value.toString(16).padStart(8, '0').slice(-present.length);
  while (textOf() === present.toLowerCase() || /^f+[ef]?$/.test(textOf())) value = (value + 0x9e37_79b9) >>> 0;
  return Uint8Array.from(textOf(), (digit) => digit.charCodeAt(0));
}

/**
 * `uuidModify` of a VDI's header (VirtualBox, VDICore.h): VirtualBox gives it a new value with the first write of every
 * session.
 */
const VDI_MODIFY_UUID = 0x198;

/**
 * QCOW2 (QEMU docs/interop/qcow2): auto-clear features of a version 3 header, big-endian; bit 0: the bitmaps are
 * consistent with the data.
 */
const QCOW2 = { version: 4, autoClear: 88, bitmaps: 1n } as const;

/** Whoever does not keep the dirty bitmaps of backup programs has to say that they are no longer right. */
async function qcow2Writes(file: ImageFile): Promise<StoredWrite[]> {
  const head = viewOf(await file.read(0, QCOW2.autoClear + 8));
  if (head.getUint32(QCOW2.version) < 3) return [];
  const features = head.getBigUint64(QCOW2.autoClear);
  if ((features & QCOW2.bitmaps) === 0n) return [];
  const after = new Uint8Array(8);
  viewOf(after).setBigUint64(0, features & ~QCOW2.bitmaps);
  return [await replaced(file, QCOW2.autoClear, after)];
}

async function replaced(file: ImageFile, offset: number, after: Bytes): Promise<StoredWrite> {
  return { file: file.path, offset, before: new Uint8Array(await file.read(offset, after.length)), after };
}

/** A source as a file of the image. */
export function fileOf(source: ByteSource, path: string, options: ReadOptions = {}): ImageFile {
  return { path, size: source.size, read: async (offset, length) => source.read(offset, length, options) };
}

function latin1(bytes: Bytes): string {
  let text = '';
  for (const value of bytes) text += String.fromCharCode(value);
  return text;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
