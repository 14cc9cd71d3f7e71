import { toHex } from '@deadbox/core';
import type { ByteEdit, EditTarget } from '../plan/repair-plan.js';

/** Most bytes of one edit; a longer stretch becomes several. */
const LONGEST = 4096;
const SECTOR = 512;

/** The edit of bytes that differ at one place. */
export function byteEdit(
  volume: number | null,
  offset: number,
  before: Uint8Array,
  after: Uint8Array,
  what: EditTarget,
): ByteEdit {
  return { volume, offset, before: toHex(before), after: toHex(after), what };
}

/**
 * Edits of the parts of a stretch in which `before` and `after` differ: whole sectors of 512 bytes, none that stays
 * equal.
 */
export function differingSectors(
  volume: number | null,
  offset: number,
  before: Uint8Array,
  after: Uint8Array,
  what: EditTarget,
): ByteEdit[] {
  const edits: ByteEdit[] = [];
  for (let at = 0; at < before.length; ) {
    let end = at;
    while (end < before.length && end - at < LONGEST && differs(before, after, end)) end += SECTOR;
    end = Math.min(end, before.length);
    if (end > at) edits.push(byteEdit(volume, offset + at, before.subarray(at, end), after.subarray(at, end), what));
    at = end > at ? end : at + SECTOR;
  }
  return edits;
}

function differs(before: Uint8Array, after: Uint8Array, at: number): boolean {
  const end = Math.min(at + SECTOR, before.length);
  for (let i = at; i < end; i += 1) if (before[i] !== after[i]) return true;
  return false;
}
