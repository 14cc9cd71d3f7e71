import type { DataCauseId } from '@deadbox/triage/causes';
import type { CauseTexts } from '../../cause-words.js';

export const data: CauseTexts<DataCauseId> = {};
