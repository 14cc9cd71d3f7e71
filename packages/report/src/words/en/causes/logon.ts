import type { LogonCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const logon: CauseTexts<LogonCauseId> = {
  'winlogon-values': {
    title: (facts) => phrase`Winlogon is told to start ${facts.show('path')}, which is not there.`,
    screen: 'A black screen with a pointer, a logon that ends at once, or stop code 0xC000021A.',
    proof: 'Userinit or Shell of Winlogon is empty, or its first program does not exist.',
    remedy: 'Restore the value: Userinit C:\\Windows\\system32\\userinit.exe, and Shell explorer.exe',
  },
};
