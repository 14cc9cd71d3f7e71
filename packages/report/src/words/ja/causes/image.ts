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
    title: (facts) =>
      facts.is('header', 'backup')
        ? phrase`パーティションテーブルが壊れているため、予備のコピーを使いました。`
        : phrase`パーティションテーブルが壊れているか、内容が矛盾しています。`,
    screen:
      '黙って修復するファームウェアもあれば、パーティションも起動するシステムも見つけられないファームウェアもあります。',
    proof:
      '先頭のパーティションテーブルのチェックサムまたは内容に矛盾があります。GPT の場合、ディスク末尾の予備のコピーが正常か、同じ内容を示しています。',
    remedy: 'まずイメージのコピーを取り、パーティションツールで予備のテーブルを壊れたテーブルへ書き戻してください。',
  },
  'image-truncated': {
    title: (facts) =>
      phrase`イメージが途中で終わっています。パーティション ${facts.show('partition')} の ${facts.show('missing')} バイトがありません。`,
    screen: 'まったく起動しないものから Windows の動作中のエラーまで、さまざまです。',
    proof: 'パーティションテーブルによれば、パーティションの全部または一部がディスクの終わりより後ろにあります。',
    remedy: 'イメージを取り直すか、コピーを最後まで行ってください。失われたバイトはこのディスクからは補えません。',
  },
  'partition-hidden': {
    title: (facts) =>
      facts.is('foreign', true)
        ? phrase`Windows のパーティションの種類が、Windows の使わないものになっています（${facts.show('type')}）。`
        : phrase`Windows のパーティションに ${facts.show('flags')} の属性が付いています。`,
    screen: '停止コード 0x7B、0xC000000E、またはドライブ文字のない Windows。',
    proof:
      'MBR の種類が隠しパーティションのもの（12h、17h、27h）か、GPT の種類がデータ用ではないか、属性のビット 60、62、63 のいずれかが立っています。回復パーティションでは正常ですが、これは Windows のパーティションです。',
    remedy: 'パーティションを通常の種類に戻し、属性のビットを消してください。',
  },
};
