import { crc32 } from 'node:zlib';
import { makeBitLockerVolume } from '../bitlocker-volume.js';
import { smallPlainVolume } from './volumes.js';

/** Bytes that one bit of a bitmap stands for. Windows uses 8 MiB. */
export const CONVERSION_CHUNK = 65_536;

/** What {@link underConversion} can do otherwise. */
export interface ConversionRecipe {
  /** Regions that the chunks are shared among, each with a bitmap. Default 1. */
  regions?: number;
  /** What the information states as the bytes of a chunk. Default: as they are. */
  chunkSize?: number;
  /** Bytes of each of a bitmap's two records. Default 512. */
  recordSize?: number;
  /** Changes the volume at last, given the offsets of the bitmaps and of the information. */
  damage?: (bytes: Buffer, bitmaps: readonly number[], information: number) => void;
}

/** A volume under conversion, and what it must read as where `bits` tell. */
export interface ConvertedVolume {
  bytes: Uint8Array<ArrayBuffer>;
  expected: Uint8Array;
  /** Where the chunks begin: behind the part of the volume that is stored elsewhere. */
  start: number;
}

/**
 * Turns a made volume of 4 MiB with a clear key into one under conversion: plain chunks where `bits` has a zero,
 * structures as dissect.fve documents them.
 */
export function underConversion(bits: readonly number[], recipe: ConversionRecipe = {}): ConvertedVolume {
  const { regions = 1, recordSize = 512, chunkSize = CONVERSION_CHUNK } = recipe;
  const plain = smallPlainVolume();
  const size = plain.length;
  const made = makeBitLockerVolume(plain, { clearKey: true, method: 0x8002 });
  const bytes = Buffer.from(made.bytes);
  const expected = Buffer.from(made.expected);
  const start = 8192;
  bits.forEach((bit, i) => {
    const from = start + i * CONVERSION_CHUNK;
    const to = Math.min(from + CONVERSION_CHUNK, size);
    if (bit === 0) Buffer.from(plain.subarray(from, to)).copy(bytes, from);
  });
  // Metadata and the moved header lie in chunks, too: put back what the plain chunks overwrote.
  for (const offset of made.metadataOffsets)
    Buffer.from(made.bytes.subarray(offset, offset + 65_536)).copy(bytes, offset);
  const headerBit = bits[Math.floor((made.headerOffset - start) / CONVERSION_CHUNK)];
  const header =
    headerBit === 0 ? plain.subarray(0, 8192) : made.bytes.subarray(made.headerOffset, made.headerOffset + 8192);
  Buffer.from(header).copy(bytes, made.headerOffset);

  const information = made.metadataOffsets[1] + 65_536;
  const bitmapSize = 512 + 2 * recordSize;
  const bitmaps = Array.from({ length: regions }, (_, i) => information + 8192 + i * bitmapSize);
  bytes.fill(0, information, information + 8192 + regions * bitmapSize);
  const info = informationBlock(information, bitmaps, chunkSize);
  for (const copy of [information, information + 4096]) {
    info.copy(bytes, copy);
    expected.fill(0, copy, copy + 512);
  }
  const each = Math.ceil(bits.length / regions);
  for (const [i, at] of bitmaps.entries()) {
    const own = bits.slice(i * each, (i + 1) * each);
    const from = start + i * each * CONVERSION_CHUNK;
    bitmapBlock(own, from, Math.min(own.length * CONVERSION_CHUNK, size - from), recordSize).copy(bytes, at);
    expected.fill(0, at, at + bitmapSize);
  }
  // The volume header names the conversion, and the two copies of its information.
  Buffer.from('3b4da89280dd0e4d9e4eb1e3284eaed8', 'hex').copy(bytes, 0xa0);
  bytes.writeBigUInt64LE(BigInt(information), 0xc8);
  bytes.writeBigUInt64LE(BigInt(information + 4096), 0xd0);
  recipe.damage?.(bytes, bitmaps, information);
  return { bytes: Uint8Array.from(bytes), expected, start };
}

function informationBlock(offset: number, bitmaps: readonly number[], chunkSize: number): Buffer {
  const info = Buffer.alloc(56 + bitmaps.length * 8);
  info.write('FVE-EOW\0', 'latin1');
  info.writeUInt16LE(56, 8);
  info.writeUInt16LE(info.length, 10);
  info.writeUInt32LE(512, 12);
  info.writeUInt32LE(chunkSize, 20);
  info.writeUInt32LE(bitmaps.length, 32);
  info.writeBigUInt64LE(BigInt(offset), 40);
  info.writeBigUInt64LE(BigInt(offset + 4096), 48);
  for (const [i, at] of bitmaps.entries()) info.writeBigUInt64LE(BigInt(at), 56 + i * 8);
  info.writeUInt32LE(crc32(info), 36);
  return info;
}

/** A bitmap with the record that counts, and an older one that says the opposite. */
function bitmapBlock(bits: readonly number[], from: number, length: number, recordSize: number): Buffer {
  const map = Buffer.alloc(512);
  map.write('FVE-EOWBM\0', 'latin1');
  map.writeUInt16LE(60, 10);
  map.writeUInt32LE(512 + 2 * recordSize, 12);
  map.writeBigUInt64LE(BigInt(from), 20);
  map.writeBigUInt64LE(BigInt(length), 28);
  map.writeUInt32LE(512, 44);
  map.writeUInt32LE(512 + recordSize, 48);
  map.writeUInt32LE(recordSize, 52);
  map.writeUInt32LE(crc32(map), 56);
  const inverse = bits.map((bit) => 1 - bit);
  return Buffer.concat([map, recordBlock(7, bits, recordSize), recordBlock(6, inverse, recordSize)]);
}

function recordBlock(sequence: number, bits: readonly number[], size: number): Buffer {
  const block = Buffer.alloc(size);
  block.write('FVE-EOWBR\0', 'latin1');
  block.writeUInt16LE(36, 10);
  block.writeUInt32LE(size, 12);
  block.writeUInt32LE(bits.length, 16);
  block.writeBigUInt64LE(BigInt(sequence), 20);
  bits.forEach((bit, i) => (block[36 + (i >> 3)] |= bit << (i & 7)));
  block.writeUInt32LE(crc32(block), 32);
  return block;
}
