import type { FirmwareCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const firmware: CauseTexts<FirmwareCauseId> = {
  'mbr-no-active': {
    title: () => phrase`アクティブなパーティションがないため、BIOS は起動するものを見つけられません。`,
    screen: '「Missing operating system」「A disk read error occurred」、または点滅するカーソル。',
    proof:
      'MBR のパーティションテーブルにアクティブ（80h）のエントリがなく、UEFI が起動できる EFI システムパーティションもありません。',
    remedy: '\\bootmgr と \\Boot\\BCD のあるパーティションをアクティブにしてください（1 バイト）。',
  },
};
