import type { CauseKind } from './cause-kind.js';

/** Causes at the logon: Winlogon, LSA, services, the directory service. */
export type LogonCauseId = never;

export const LOGON_CAUSES: Readonly<Record<LogonCauseId, CauseKind>> = {};
