import type { SessionCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const session: CauseTexts<SessionCauseId> = {
  'software-hive-bad': {
    title: (facts) => phrase`レジストリハイブ ${facts.show('path')} がないか、壊れています。`,
    screen: 'ハイブの名前とともに停止コード 0xC0000218、またはサインインしてもすぐに戻されます。',
    proof: 'ハイブがないか、メモリー上でログを適用した後も正しくありません。',
    remedy:
      'このマシンのバックアップまたはシャドウコピーからハイブを取り出してください。SAM と SECURITY は必ず組で戻します。',
  },
};
