import { SECTOR } from '@deadbox/core';

const FILE = 0x454c4946;
const INDX = 0x58444e49;
const INDEX_LENGTH = 4096;
/** Types of attributes whose values are contents: $DATA, $EA, $LOGGED_UTILITY_STREAM. */
const CONTENTS: ReadonlySet<number> = new Set([0x80, 0xe0, 0x100]);
const INSTEAD: Uint8Array = new TextEncoder().encode('not recorded ');

/** Length of the NTFS structure that begins at `at`; 0 where none does. */
export function unitLength(view: DataView, at: number): number {
  if (at + 48 > view.byteLength) return 0;
  const magic = view.getUint32(at, true);
  const length = magic === FILE ? view.getUint32(at + 0x1c, true) : magic === INDX ? INDEX_LENGTH : 0;
  if (length === 0 || length % SECTOR !== 0 || length > INDEX_LENGTH || at + length > view.byteLength) return 0;
  // An array of as many fixups as the structure has sectors: what merely begins with the letters has none.
  return view.getUint16(at + 6, true) === length / SECTOR + 1 ? length : 0;
}

/**
 * Overwrites the contents that a file record keeps in itself. The last two bytes of each sector stay as they are, and
 * the array that holds what belongs there loses what belongs to contents.
 */
export function blankContents(bytes: Uint8Array, at: number, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  if (view.getUint32(0, true) !== FILE) return;
  const fixups = view.getUint16(4, true);
  for (let attribute = view.getUint16(0x14, true); attribute + 24 <= length; ) {
    const type = view.getUint32(attribute, true);
    const size = view.getUint32(attribute + 4, true);
    if (type === 0xffffffff || size < 24 || attribute + size > length) return;
    if (CONTENTS.has(type) && view.getUint8(attribute + 8) === 0) {
      const from = attribute + view.getUint16(attribute + 0x14, true);
      const to = Math.min(from + view.getUint32(attribute + 0x10, true), attribute + size);
      for (let place = from; place < to; place += 1) {
        const sector = Math.floor(place / SECTOR);
        const end = (place % SECTOR) - (SECTOR - 2);
        const target = end < 0 ? place : fixups + 2 * (sector + 1) + end;
        if (target < length) view.setUint8(target, INSTEAD[(place - from) % INSTEAD.length]);
      }
    }
    attribute += size;
  }
}
