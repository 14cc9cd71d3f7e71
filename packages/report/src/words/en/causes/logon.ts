import type { LogonCauseId } from '@deadbox/triage/causes';
import type { CauseTexts } from '../../cause-words.js';

export const logon: CauseTexts<LogonCauseId> = {};
