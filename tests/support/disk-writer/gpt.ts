import { crc32 } from 'node:zlib';
import type { Sink } from '../ntfs-writer/sink.js';

/** One partition of a GPT disk to be written. */
export interface GptPartition {
  /** Type and unique GUID as text. */
  type: string;
  id: string;
  name: string;
  /** Bytes, multiples of the sector size. */
  offset: number;
  length: number;
  /** Attribute bits. */
  attributes?: bigint;
}

/** Bytes of a GUID, its first three groups little-endian. */
function guidBytes(text: string): number[] {
  const groups = text.split('-');
  const bytes = groups.map((group) =>
    Array.from({ length: group.length / 2 }, (_, i) => Number.parseInt(group.slice(i * 2, i * 2 + 2), 16)),
  );
  return bytes.flatMap((group, index) => (index < 3 ? group.toReversed() : group));
}

/** Writes the protective MBR and both copies of a GPT with 128 entries to a disk of `size` bytes. */
export function writeGpt(
  sink: Sink,
  size: number,
  sectorSize: number,
  diskId: string,
  partitions: readonly GptPartition[],
): void {
  const last = size / sectorSize - 1;
  const arraySectors = Math.ceil(16_384 / sectorSize);
  const mbr = new Uint8Array(512);
  const mbrView = new DataView(mbr.buffer);
  mbr.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 0x1be);
  mbrView.setUint32(0x1c6, 1, true);
  mbrView.setUint32(0x1ca, Math.min(last, 0xffff_ffff), true);
  mbrView.setUint16(0x1fe, 0xaa55, true);
  sink.write(0, mbr);

  const array = new Uint8Array(16_384);
  const view = new DataView(array.buffer);
  for (const [index, partition] of partitions.entries()) {
    const at = index * 128;
    array.set(guidBytes(partition.type), at);
    array.set(guidBytes(partition.id), at + 0x10);
    view.setBigUint64(at + 0x20, BigInt(partition.offset / sectorSize), true);
    view.setBigUint64(at + 0x28, BigInt((partition.offset + partition.length) / sectorSize - 1), true);
    view.setBigUint64(at + 0x30, partition.attributes ?? 0n, true);
    for (let i = 0; i < partition.name.length; i += 1)
      view.setUint16(at + 0x38 + i * 2, partition.name.charCodeAt(i), true);
  }
  const header = (own: number, other: number, entries: number): Uint8Array => {
    const bytes = new Uint8Array(sectorSize);
    const fields = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode('EFI PART'));
    fields.setUint32(0x08, 0x0001_0000, true);
    fields.setUint32(0x0c, 92, true);
    fields.setBigUint64(0x18, BigInt(own), true);
    fields.setBigUint64(0x20, BigInt(other), true);
    fields.setBigUint64(0x28, BigInt(2 + arraySectors), true);
    fields.setBigUint64(0x30, BigInt(last - arraySectors - 1), true);
    bytes.set(guidBytes(diskId), 0x38);
    fields.setBigUint64(0x48, BigInt(entries), true);
    fields.setUint32(0x50, 128, true);
    fields.setUint32(0x54, 128, true);
    fields.setUint32(0x58, crc32(array), true);
    fields.setUint32(0x10, crc32(bytes.subarray(0, 92)), true);
    return bytes;
  };
  sink.write(sectorSize, header(1, last, 2));
  sink.write(2 * sectorSize, array);
  sink.write((last - arraySectors) * sectorSize, array);
  sink.write(last * sectorSize, header(last, 1, last - arraySectors));
}
