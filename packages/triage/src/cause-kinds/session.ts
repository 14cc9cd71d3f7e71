import type { CauseKind } from './cause-kind.js';

/** Causes in the session manager's part of the start: its values, core processes, hives, servicing. */
export type SessionCauseId = 'software-hive-bad';

export const SESSION_CAUSES: Readonly<Record<SessionCauseId, CauseKind>> = {
  'software-hive-bad': {
    phase: 'session',
    codes: ['0xC0000218'],
    repair: { class: 'needs-file', operation: null },
    sources: ['Azure repair-script-library, win-fix-registry-corruption'],
  },
};
