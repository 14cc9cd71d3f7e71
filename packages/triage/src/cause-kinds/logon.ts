import type { CauseKind } from './cause-kind.js';

/** Causes at the logon: Winlogon, LSA, services, the directory service. */
export type LogonCauseId = 'winlogon-values';

export const LOGON_CAUSES: Readonly<Record<LogonCauseId, CauseKind>> = {
  'winlogon-values': {
    phase: 'logon',
    codes: ['0xC000021A'],
    repair: { class: 'resize', operation: null },
    sources: ['Azure repair-script-library, win-fix-logon-subsystem'],
  },
};
