import type { DataCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const data: CauseTexts<DataCauseId> = {
  'ntfs-attrlist-name-offset': {
    title: () => phrase`A file system record that every start reads has an attribute list that newer Windows refuses.`,
    screen: 'Stop code 0x24 NTFS_FILE_SYSTEM at every start, often after an update.',
    proof:
      'In one of the first 32 records of $MFT an entry of the attribute list says that its name begins at 1Ch, while the name stands at 1Ah.',
    remedy: 'Correct that byte. Do not run chkdsk first: it would drop the list.',
  },
};
