import type { CauseKind } from './cause-kind.js';

/** Causes between the loader and a running kernel: drivers, filters, devices. */
export type KernelCauseId = 'boot-driver-not-boot';

export const KERNEL_CAUSES: Readonly<Record<KernelCauseId, CauseKind>> = {
  'boot-driver-not-boot': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: 'set-start-type' },
    sources: [
      'Microsoft, "Stop error 7B: INACCESSIBLE_BOOT_DEVICE"',
      'Azure repair-script-library, win-fix-inaccessible-boot-device',
    ],
  },
};
