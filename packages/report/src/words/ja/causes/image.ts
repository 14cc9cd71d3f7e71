import type { ImageCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const image: CauseTexts<ImageCauseId> = {
  'differencing-without-parent': {
    title: () => phrase`このイメージは差分だけで、元になる親ディスクがありません。`,
    screen: 'ハイパーバイザーがディスクを開けない、または仮想ディスクのチェーンが壊れていると表示します。',
    proof: 'コンテナーが親ディスクを指定していて、その名前と識別子を持つファイルが隣にありません。',
    remedy:
      '親ディスクをイメージの隣に置くか、--parent FILE で指定してください。親ディスクだけを接続してはいけません。',
  },
  'damaged-table-or-boot-sector': {
    title: () => phrase`パーティションテーブルが壊れているため、予備のコピーを使いました。`,
    screen:
      '黙って修復するファームウェアもあれば、パーティションも起動するシステムも見つけられないファームウェアもあります。',
    proof: '先頭のパーティションテーブルのチェックサムまたは内容に矛盾があり、予備のコピーは正常です。',
    remedy: 'まずイメージのコピーを取り、パーティションツールで予備のテーブルを壊れたテーブルへ書き戻してください。',
  },
};
