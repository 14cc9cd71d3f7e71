import type { CauseKind } from './cause-kind.js';

/** Causes from the firmware to the boot manager's file. */
export type FirmwareCauseId = never;

export const FIRMWARE_CAUSES: Readonly<Record<FirmwareCauseId, CauseKind>> = {};
