import type { KernelCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const kernel: CauseTexts<KernelCauseId> = {
  'boot-driver-not-boot': {
    title: (facts) => phrase`A driver that every start needs, ${facts.show('name')}, is not set to be loaded at boot.`,
    screen: 'Stop code 0x7B INACCESSIBLE_BOOT_DEVICE, or a restart after the logo.',
    proof:
      'Start of the driver is not 0 in the control set that the loader uses, or a StartOverride of this hardware says otherwise.',
    remedy: 'Set Start back to 0 (four bytes).',
  },
};
