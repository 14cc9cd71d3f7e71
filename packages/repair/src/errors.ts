import { DeadboxError, type Json, type Location } from '@deadbox/core';

/**
 * What goes wrong while a disk is repaired.
 * - `REPAIR_REFUSED`: the plan has refusals, or nothing in it can be done
 * - `REPAIR_NOT_STORED`: a sector that must change does not lie verbatim in a file that may be written, or in the place
 *   of another one, or too many must change for an undo file
 * - `REPAIR_UNEXPECTED_BYTES`: the image holds neither the bytes that the plan saw nor those that it writes
 * - `REPAIR_JOURNAL_EXISTS`: the undo file, or the overlay, is there already
 * - `REPAIR_JOURNAL_INVALID`: it is no undo file of this form, or was changed
 * - `REPAIR_WRITE_FAILED`: a write or a flush failed; `data.written` says how many sectors were written before
 */
export type RepairErrorCode =
  | 'REPAIR_REFUSED'
  | 'REPAIR_NOT_STORED'
  | 'REPAIR_UNEXPECTED_BYTES'
  | 'REPAIR_JOURNAL_EXISTS'
  | 'REPAIR_JOURNAL_INVALID'
  | 'REPAIR_WRITE_FAILED';

/** An error of this package. */
export function repairError(
  code: RepairErrorCode,
  message: string,
  options: { at?: Location; data?: Record<string, Json>; cause?: unknown } = {},
): DeadboxError<RepairErrorCode> {
  return new DeadboxError(code, message, options);
}
