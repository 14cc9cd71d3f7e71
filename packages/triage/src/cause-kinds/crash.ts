import type { CauseKind } from './cause-kind.js';

/** Causes in the kernel that dumps and logs tell of. */
export type CrashCauseId = 'third-party-crash' | 'driver-verifier' | 'ci-blocked-driver';

export const CRASH_CAUSES: Readonly<Record<CrashCauseId, CauseKind>> = {
  'third-party-crash': {
    phase: 'kernel',
    codes: [],
    repair: { class: 'in-place', operation: 'disable-driver' },
    sources: ['Azure repair-script-library, win-fix-third-party-drivers'],
  },
  'driver-verifier': {
    phase: 'kernel',
    codes: ['0x000000C4', '0x000000C9', '0x000000E6'],
    repair: { class: 'in-place', operation: null },
    sources: ['Microsoft, "Driver Verifier"'],
    explains: ['third-party-crash'],
  },
  'ci-blocked-driver': {
    phase: 'kernel',
    codes: ['0x0000005A', '0x0000007B'],
    repair: { class: 'in-place', operation: 'disable-driver' },
    sources: ['Azure repair-script-library, win-fix-code-integrity'],
  },
};
