import { data, phrase, text } from '../../document/phrase.js';
import type { ObstacleWords } from '../obstacle-words.js';
import { formatCount } from '../units.js';

export const obstacles: ObstacleWords = {
  effects: {
    'bitlocker-clear-key':
      'BitLocker で暗号化されていますが、鍵が平文で置かれています（保護の中断中、または有効化待ち）。Windows では何も聞かれずに開けますが、Linux では何も見えません。',
    'wrong-partition':
      'Windows のボリュームより前に、Windows の入っていない正常な NTFS ボリュームがあります。「最初のパーティション」をマウントしても C:\\Windows は見つかりません。',
    'dirty-log':
      'NTFS ジャーナルが再生されていません（クラッシュ後は普通の状態です）。Linux のドライバーは、マウントを拒否するか、読み取り専用でマウントすることがあります。',
    hibernated:
      'Windows が休止状態か、高速スタートアップでシャットダウンされています。Linux のドライバーはこのボリュームのマウントを拒否します。',
    'differencing-without-parent':
      'このイメージはチェーンの一部で、親イメージがありません。単独では、内容の一部が古いか欠けています。',
    'vhdx-log':
      'イメージ自身のログが再生されていません。ディスクを開いたままホストが停止しており、このログを無視するツールでは、古いデータや欠けたデータが見えます。',
    'dynamic-disk':
      'ダイナミックディスク（LDM）です。ほかの OS からは、マウントできない 1 つのパーティションに見えます。',
    'storage-spaces': '記憶域スペースのプールの一部です。Windows 以外からはファイルシステムが見えません。',
    'files-only':
      'マウントされたフォルダーのファイルだけを調べました。削除済みファイル、ファイルレコード、ジャーナル、ブートセクター、ほかのパーティションは見ていません。',
    'optical-disc':
      'ハードディスクではなく、CD または DVD のイメージ（ISO 9660、UDF）です。Windows がインストールされているものではありません。',
    'parts-beside':
      'ディスクの続きが別のファイルにあります。隣にある続き番号のファイルを合わせると、パーティションテーブルの示す大きさになります。',
    refs: 'ReFS です。Linux にはドライバーがありません。Windows のシステムボリュームが ReFS であることは、ほとんどありません。',
    wof: 'システムファイルが CompactOS（WOF）で圧縮されています。Linux ではサイズは正しいのに、中身がすべてゼロか、未対応のリンクに見えます。',
    dedup: 'データ重複除去が使われています。重複除去されたファイルは、ほかの環境ではすべてゼロに見えます。',
    'cloud-placeholder':
      'クラウドフォルダーのファイルがプレースホルダーになっています。内容はクラウドにあり、このディスクにはありません。',
    link: '途中のフォルダーがジャンクションまたはシンボリックリンクです。リンクをたどらない環境では空に見えます。',
    'case-or-short-name':
      'フォルダー名の大文字と小文字が、通常と異なります。大文字と小文字を区別するパスでは見つかりません。',
    'snapshot-chain': 'このイメージはスナップショットチェーンの途中の世代です。単独で読むと古い状態が見えます。',
    'sector-size':
      'ディスクのセクターは 4096 バイトですが、raw イメージにはその情報がありません。512 バイトを前提とするツールでは、パーティションが見つかりません。',
    'damaged-table-or-boot-sector':
      'パーティションテーブルまたはブートセクターが破損しています。ほかのツールでは、パーティションやファイルシステムが見つかりません。',
    'bitlocker-leftover':
      '復号済みのボリュームに BitLocker のヘッダーが残っています。何も暗号化されていないのに、Linux は BitLocker と表示します。',
    'foreign-volume-manager':
      'ほかの OS のボリューム（Linux LVM、mdraid、ZFS、VMFS）です。Windows のディスクではありません。',
    'saved-vm-state':
      'イメージの隣に、保存されたメモリの状態があります。仮想マシンは一時停止中で、ディスクにない変更がメモリ側に残っています。',
    'in-use': 'イメージが使用中です。読み取った内容に、古い部分と新しい部分が混ざっている可能性があります。',
    'snapshot-beside': 'このイメージの隣に、より新しいスナップショットがあります。このファイルだけでは古い状態です。',
  },
  advice: {
    'bitlocker-clear-key': 'deadbox は鍵なしで読み取れます。',
    'wrong-partition': 'この報告に示したボリュームを使ってください。',
    'dirty-log': 'deadbox はそのまま読み取ります。最新の変更がジャーナルにだけ残っている可能性があります。',
    hibernated:
      'deadbox は読み取れますが、メモリイメージにしかない変更は含まれません。このようなボリュームには絶対に書き込まないでください。',
    'differencing-without-parent': '親イメージを隣に置くか、--parent FILE で指定してください。',
    'vhdx-log': 'deadbox はログをメモリ上で再生しました。イメージは変更していません。',
    'dynamic-disk':
      '位置のわかるシンプルボリュームは読み取れます。スパンボリュームやストライプボリュームには、すべてのディスクが必要です。',
    'files-only':
      'ファイルだけを見て問題なしとは判定しません。ディスク、そのイメージ、またはスナップショットを読み取れる環境でスキャンしてください。',
    'storage-spaces': 'プールのすべてのディスクを Windows に接続してください。',
    'optical-disc': '仮想マシンやサーバーのディスクをスキャンしてください。',
    'parts-beside':
      'すべての部分を番号順に 1 つのファイルに結合し（Linux では cat、Windows では copy /b）、そのファイルをスキャンしてください。',
    refs: 'システムボリュームをほかで探すか、ディスクを Windows に接続してください。',
    wof: 'deadbox は展開して読み取ります。',
    dedup: 'Windows から読み取るか、チャンクがそろっている範囲で deadbox から読み取ってください。',
    'cloud-placeholder': 'クラウドサービスから取得してください。',
    link: 'deadbox stat で表示されるリンク先をたどってください。',
    'case-or-short-name': 'deadbox は Windows と同じ方法で名前を比較します。',
    'snapshot-chain': 'すべての世代をまとめて保管してください。',
    'sector-size': 'ツールにセクターサイズを指定してください（losetup -b 4096）。',
    'damaged-table-or-boot-sector': 'バックアップがある場合、deadbox はそれを使いました。',
    'bitlocker-leftover': '鍵は必要ありません。deadbox は読み取れます。',
    'foreign-volume-manager': 'その中にある仮想マシンのディスクを探してください。',
    'saved-vm-state':
      'ディスクの内容を信頼したり変更したりする前に、仮想マシンを正しくシャットダウンするか、保存された状態を破棄してください。',
    'in-use': '仮想マシンを停止するかディスクをアンマウントしてから、もう一度スキャンしてください。',
    'snapshot-beside': 'チェーンの最新の世代をスキャンしてください。',
  },
  onVolume: (volume) => phrase`ボリューム ${volume}: `,
  changedWhileRead: '読み取り中に変更されました。',
  mayBeNewer:
    'このイメージの隣に、より新しいスナップショットかもしれないファイルがありますが、内容を確認できませんでした。このファイルだけでは古い状態の可能性があります。',
  mountedAt: (mountPoint) => phrase`${data(mountPoint)} に読み書き可能でマウントされています。`,
  lockHeld: '実行中のプログラムがロックしています。',
  folderBecause: (reason, device) =>
    reason === 'inner-folder'
      ? phrase`このフォルダーはボリュームのルートではありません。`
      : reason === 'device-denied'
        ? phrase`デバイス ${data(device ?? '')} を読み取る権限がありません。sudo を付けて実行してください。`
        : phrase`このフォルダーの背後に、読み取れるディスクがありません（ネットワーク共有、コンテナー、コピーなど）。`,
  unread: (count) => phrase`ここで読み取れなかったファイルやフォルダー: ${text(formatCount(count))} 個。`,
  cutShort:
    'パーティションがイメージの末尾を越えています。イメージが途中で切れているので、可能ならコピーし直してください。',
  firstOf: (parts) => phrase`${text(formatCount(parts))} 個に分割されたうちの 1 番目と思われます。`,
};
