import type { DataCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const data: CauseTexts<DataCauseId> = {
  'ntfs-attrlist-name-offset': {
    title: () =>
      phrase`起動のたびに読まれるファイルシステムのレコードに、新しい Windows が受け付けない属性リストがあります。`,
    screen: '起動のたびに停止コード 0x24 NTFS_FILE_SYSTEM。更新の後に多く見られます。',
    proof:
      '$MFT の先頭 32 レコードのいずれかで、属性リストのエントリが名前の位置を 1Ch としていますが、実際の名前は 1Ah にあります。',
    remedy: 'その 1 バイトを直してください。先に chkdsk を実行してはいけません。リストが失われます。',
  },
};
