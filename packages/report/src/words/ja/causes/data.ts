import type { DataCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const data: CauseTexts<DataCauseId> = {
  'ntfs-boot-sector': {
    title: () => phrase`Windows のボリュームのブートセクターが壊れています。ボリューム末尾の控えは正常です。`,
    screen: '停止コード 0x7B または 0xED、あるいは未フォーマットのボリュームとして表示されます。',
    proof: 'ボリュームの先頭セクターが NTFS のブートセクターではなく、末尾のセクターはそうです。',
    remedy: '末尾のセクターを先頭に書き戻し、その中の隠しセクター数を確認してください。',
  },
  'ntfs-mft-head': {
    title: (facts) =>
      phrase`ファイルシステムのレコード ${facts.show('record')} が ${facts.show('bad')} で壊れています。もう一方の控えは正常です。`,
    screen: '停止コード 0x24、または 0xED（C0000032、C000014F）。',
    proof:
      '$MFT のレコード 0 から 3 のいずれかで、シグネチャ、フィックスアップ、内容のいずれかが正しくなく、$MFTMirr の同じレコードは正常です（その逆もあります）。違いがあるだけなら破損ではありません。',
    remedy: '正常な方のレコードを、壊れた方に書き写してください。',
  },
  'ntfs-attrlist-name-offset': {
    title: (facts) =>
      phrase`起動のたびに読まれるファイルシステムのレコード ${facts.show('record')} に、新しい Windows が受け付けない属性リストがあります。`,
    screen: '起動のたびに停止コード 0x24 NTFS_FILE_SYSTEM。更新の後に多く見られます。',
    proof:
      '$MFT の先頭 32 レコードのいずれかで、属性リストのエントリが名前の位置を 1Ch としていますが、実際の名前は 1Ah にあります。',
    remedy: 'その 1 バイトを直してください。先に chkdsk を実行してはいけません。リストが失われます。',
  },
  'ntfs-index-or-record-bad': {
    title: (facts) => phrase`起動のたびに読まれるフォルダー ${facts.show('path')} が壊れています。`,
    screen: '停止コード 0x24 または 0xED、あるいはファイル名とともに 0xC0000102。',
    proof:
      'System32、System32\\drivers、System32\\config のいずれかのインデックスが、ファイルレコードと食い違っています。ファイルシステムのログがまだ適用されていなければ、適用で直ることもあります。',
    remedy: '先にディスクをコピーし、コピーに対して回復環境から chkdsk /f を実行してください。',
  },
  'ntfs-log-unreplayable': {
    title: () => phrase`ファイルシステムのログを読み取れません。`,
    screen: '停止コード 0xED または 0x24、あるいは最初の起動に非常に時間がかかります。',
    proof: '$LogFile の再開ページが、2 つとも正しくありません。',
    remedy: '先にディスクをコピーし、コピーに対して chkdsk /f を実行してください。ログが作り直されます。',
  },
  'hibernated-mismatch': {
    title: (facts) =>
      phrase`Windows は ${facts.show('written')} から休止状態ですが、その後にボリュームが変更されています（${facts.show('path')}、${facts.show('at')}）。`,
    screen: '「Windows を再開しています」の繰り返し、または書き込んだ内容の消失。',
    proof:
      'hiberfil.sys に有効なイメージがあり、その 10 分より後に、ボリューム上のハイブまたはログが書き込まれています。',
    remedy:
      '再開させないでください。イメージを破棄すれば（hiberfil.sys の先頭 4 バイトをゼロにする）、作業中の内容は失われますがボリュームは守られます。その後、ボリュームを検査してください。',
  },
  'disk-read-only': {
    title: (facts) =>
      phrase`このディスクをオフラインまたは読み取り専用にする設定があります（属性 ${facts.show('attributes')}）。`,
    screen: '更新の失敗、まれに停止コード 0x7B。',
    proof: 'この識別子のディスクの Device Parameters\\Partmgr で、Attributes が 0 ではありません。',
    remedy:
      'Attributes を 0 にするか（4 バイト）、diskpart で attributes disk clear readonly と online disk を実行してください。',
  },
  'volume-compressed-core': {
    title: (facts) => phrase`ローダーが自分で読むファイル ${facts.show('path')} が圧縮されています。`,
    screen: 'ファイル名とともに、0xC0000098 などローダーの状態コード。',
    proof:
      'ファイルが NTFS または WOF で圧縮されていて、Windows が 8.1（圧縮に対応した最初のローダー）より古い版です。',
    remedy: '別の Windows にディスクを接続し、compact /u /exe で展開してください。',
  },
};
