/** A window of 32 KiB has 30 offset slots; two more make their number a power of two. */
const SLOTS = 32;

/** Bits that follow the slot of a match offset; slots 0-2 are the recent offsets and have none (MS-PATCH 2.5). */
function slotExtraBits(slot: number): number {
  return Math.max(0, (slot >> 1) - 1);
}

/** The offset that a slot begins with, less than zero where there is none to add to. */
export const SLOT_BASE: Int32Array = slotBases();

function slotBases(): Int32Array {
  const bases = new Int32Array(SLOTS);
  let base = -2;
  for (let slot = 0; slot < SLOTS; slot++) {
    bases[slot] = base;
    base += 1 << slotExtraBits(slot);
  }
  return bases;
}
