import { crc32 } from '@deadbox/core';

/** Bytes guarded by one word of the update sequence array: 512 also where sectors have 4096. */
export const FIXUP_STRIDE = 512;

/** {@link applyFixups}: every stride was whole. */
export const FIXUP_OK: number = -1;
/** {@link applyFixups}: the update sequence array itself cannot be. */
export const FIXUP_ARRAY_INVALID: number = -2;

/**
 * Puts the true last two bytes of every 512-byte stride of a multi-sector record (`FILE`, `INDX`, `RSTR`, `RCRD`) back,
 * in place. Sources: ntfs-3g mst.c and layout.h; dfir_ntfs for the checksum variant of persistent-memory volumes.
 *
 * | off | size | meaning |
 * |---|---|---|
 * | 0x04 | u16 | offset of the update sequence array |
 * | 0x06 | u16 | its count of words: 1 + strides (more is tolerated, fewer is damage) |
 *
 * @param bytes - a buffer that the caller owns; never a cached block
 * @param at - where the record starts in `bytes`
 * @param size - its length, a multiple of 512, inside `bytes`
 * @returns {@link FIXUP_OK}, {@link FIXUP_ARRAY_INVALID}, or the number of the first torn stride. The other strides are
 * put right all the same.
 */
export function applyFixups(bytes: Uint8Array, at: number, size: number): number {
  const array = bytes[at + 4] | (bytes[at + 5] << 8);
  const count = bytes[at + 6] | (bytes[at + 7] << 8);
  const strides = (size / FIXUP_STRIDE) | 0;
  if ((array & 1) !== 0 || array < 8 || count - 1 < strides || array + 2 * (strides + 1) > FIXUP_STRIDE - 2)
    return FIXUP_ARRAY_INVALID;
  const low = bytes[at + array];
  const high = bytes[at + array + 1];
  let torn = FIXUP_OK;
  let slot = at + array + 2;
  for (let tail = at + FIXUP_STRIDE - 2, stride = 0; stride < strides; tail += FIXUP_STRIDE, slot += 2, stride += 1) {
    if (bytes[tail] === low && bytes[tail + 1] === high) {
      bytes[tail] = bytes[slot];
      bytes[tail + 1] = bytes[slot + 1];
    } else if (torn === FIXUP_OK) {
      torn = stride;
      if (stride === 0 && isChecksummed(bytes, at, size, array, count)) return FIXUP_OK;
    }
  }
  return torn;
}

/** Whether the array holds `CRC4` and a matching CRC-32 instead of fixup words (volumes on persistent memory). */
function isChecksummed(bytes: Uint8Array, at: number, size: number, array: number, count: number): boolean {
  const from = at + array;
  if (count < 4 || array + 2 * count > size) return false;
  if (bytes[from + 4] !== 0x43 || bytes[from + 5] !== 0x52 || bytes[from + 6] !== 0x43 || bytes[from + 7] !== 0x34)
    return false;
  const record = bytes.slice(at, at + size);
  record.fill(0, array, array + 2 * count);
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(from, true);
  return crc32(record) === stored;
}

/**
 * Where byte `offset` of a record after fixup is stored before it: the last two bytes of a stride live in the update
 * sequence array.
 * @param array - offset of the update sequence array in the record
 */
export function storedOffset(offset: number, array: number): number {
  const inStride = offset % FIXUP_STRIDE;
  if (inStride < FIXUP_STRIDE - 2) return offset;
  return array + 2 * (Math.floor(offset / FIXUP_STRIDE) + 1) + (inStride - (FIXUP_STRIDE - 2));
}
