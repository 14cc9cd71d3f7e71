import type { Bytes } from '@deadbox/core';
import { attributeAt } from './volume-bytes.js';

const CLUSTER = 4096;
const ENTRY = 0x28;

/**
 * A copy of an NTFS volume in whose attribute list of record 0 the first entry is replaced by one with a name.
 * @param claimed - where the entry says that its name stands
 * @param at - where it does
 */
export function withListName(volume: Bytes, claimed: number, at: number): Bytes {
  const copy = volume.slice();
  const view = new DataView(copy.buffer);
  const list = attributeAt(copy, Number(view.getBigUint64(0x30, true)) * CLUSTER, 0x20);
  const value = list + view.getUint16(list + 0x14, true);
  const size = view.getUint32(list + 0x10, true);
  copy.copyWithin(value + ENTRY, value, value + size - ENTRY);
  copy.fill(0, value, value + ENTRY);
  view.setUint32(value, 0x80, true);
  view.setUint16(value + 4, ENTRY, true);
  copy[value + 6] = 4;
  copy[value + 7] = claimed;
  copy.set(Buffer.from('$SDS', 'utf16le'), value + at);
  return copy;
}
