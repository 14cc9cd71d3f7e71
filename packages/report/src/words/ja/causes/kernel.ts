import type { KernelCauseId } from '@deadbox/triage/causes';
import type { CauseTexts } from '../../cause-words.js';

export const kernel: CauseTexts<KernelCauseId> = {};
