import type { SessionCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const session: CauseTexts<SessionCauseId> = {
  'software-hive-bad': {
    title: (facts) => phrase`The registry hive ${facts.show('path')} is missing or damaged.`,
    screen: 'Stop code 0xC0000218, naming the hive, or a logon that ends at once.',
    proof: 'The hive is not there, or not valid after its logs were replayed in memory.',
    remedy:
      'Take a copy of the hive from a backup or a shadow copy of this machine. SAM and SECURITY go together as a pair.',
  },
};
