import type { Bytes } from '@deadbox/core';
import { makeBitLockerVolume } from '../bitlocker-volume.js';
import { changeMetadata, smallPlainVolume } from './volumes.js';

/** Two bytes of a number, the lower first. */
export const u16 = (value: number): number[] => [value & 0xff, value >> 8];

/** An entry of `valueType` with `payload`. */
export function metadataEntry(valueType: number, payload: readonly number[], entryType = 0): number[] {
  return [...u16(payload.length + 8), ...u16(entryType), ...u16(valueType), ...u16(1), ...payload];
}

/** A volume with many protectors of recovery passwords, all of which a typed one could belong to, and none opens. */
export function manyProtectors(count: number): { bytes: Bytes; offsets: readonly number[] } {
  const made = makeBitLockerVolume(smallPlainVolume(), {});
  const wrapped = metadataEntry(
    0x0005,
    Array.from({ length: 80 }, () => 0x5a),
  );
  const stretch = metadataEntry(0x0003, [...u16(0x1000), ...u16(0), ...Array.from({ length: 16 }, () => 7)]);
  const protectors = Array.from({ length: count }, (_, i) => {
    const id = [...u16(i), ...Array.from({ length: 22 }, () => 0)];
    return metadataEntry(0x0008, [...id, ...u16(0), ...u16(0x0800), ...stretch, ...wrapped], 0x0002);
  }).flat();
  const size = Math.ceil((112 + protectors.length) / 16) * 16;
  const bytes = changeMetadata(made.bytes, made.metadataOffsets, (block) => {
    block.setUint16(8, size / 16, true);
    block.setUint32(64, size - 64, true);
    block.setUint32(76, 48 + protectors.length, true);
    new Uint8Array(block.buffer, block.byteOffset + 112, protectors.length).set(protectors);
  });
  return { bytes, offsets: made.metadataOffsets };
}
