import type { FirmwareCauseId } from '@deadbox/triage/causes';
import type { CauseTexts } from '../../cause-words.js';

export const firmware: CauseTexts<FirmwareCauseId> = {};
