import type { CauseKind } from './cause-kind.js';

/** Causes from the firmware to the boot manager's file. */
export type FirmwareCauseId = 'mbr-no-active';

export const FIRMWARE_CAUSES: Readonly<Record<FirmwareCauseId, CauseKind>> = {
  'mbr-no-active': {
    phase: 'firmware',
    codes: [],
    repair: { class: 'in-place', operation: 'mark-system-partition' },
    sources: ['Microsoft, Azure VM troubleshooting: "A disk read error occurred"'],
  },
};
