import { toHex } from '@deadbox/core';
import type { ByteEdit, EditTarget } from '../plan/repair-plan.js';

/** Most bytes of one edit; a longer stretch becomes several. */
const LONGEST = 4096;

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

/** Edits of the parts of a stretch in which `before` and `after` differ: whole sectors of 512 bytes, none that stays equal. */
export function differingSectors(
  volume: number | null,
  offset: number,
  before: Uint8Array,
  after: Uint8Array,
  what: EditTarget,
): ByteEdit[] {
  const edits: ByteEdit[] = [];
  let from = -1;
  const end = (at: number): void => {
    for (let start = from; from >= 0 && start < at; start += LONGEST) {
      const stop = Math.min(start + LONGEST, at);
      edits.push(byteEdit(volume, offset + start, before.subarray(start, stop), after.subarray(start, stop), what));
    }
    from = -1;
  };
  for (let at = 0; at < before.length; at += 512) {
    const stop = Math.min(at + 512, before.length);
    let differs = false;
    for (let i = at; i < stop; i += 1) if (before[i] !== after[i]) differs = true;
    if (differs && from < 0) from = at;
    if (!differs) end(at);
  }
  end(before.length);
  return edits;
}
