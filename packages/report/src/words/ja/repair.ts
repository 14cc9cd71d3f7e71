import { code, data, join, phrase, text } from '../../document/phrase.js';
import type { Facts } from '../facts.js';
import type { RepairWords } from '../repair-words.js';

/** 変更する名前ごとに「旧名 → 新名」。 */
function names(facts: Facts) {
  const list = (facts.value('names') ?? []) as unknown as readonly { readonly from: string; readonly to: string }[];
  return join(
    list.map(({ from, to }) => phrase`${data(from)} → ${data(to)}`),
    '、',
  );
}

export const repair: RepairWords = {
  planOf: (image) => phrase`${image} の修復`,
  nothing: phrase`修復の対象はありません。その場で直せるものはスキャンで見つかりませんでした。`,
  unexamined: {
    'blocked-encrypted': phrase`修復の計画は立てていません。ディスクの内容が暗号化されており、調べられないためです。鍵（${code('--recovery-key -')} など）を指定してもう一度実行してください。必要な鍵は ${code('deadbox scan')} で分かります。`,
    unreadable: phrase`修復の計画は立てていません。Windows があるかもしれない箇所を読み取れないためです。理由は ${code('deadbox scan')} で分かります。`,
  },
  onlyRefusals: phrase`何も変更しません。スキャンで見つかった問題は、ここでは安全に直せません。`,
  operations: {
    'neutralise-file': (facts) =>
      phrase`${facts.show('path')} の名前を、同じ長さのままその場で変更します（${names(facts)}）。ドライバーの検索パターンに一致しなくなります。内容は変わりません。`,
    'blank-content': (facts) =>
      phrase`${facts.show('path')} の内容をゼロで上書きします（${facts.show('bytes')} バイト）。名前は変わりません。`,
    'restore-disk-identity': (facts) =>
      phrase`ディスクの識別子を元に戻します。${facts.show('from')} を ${facts.show('to')} にします（ディスク上の ${facts.show('witnesses')} か所がこの値を記録しています）。`,
    'restore-gpt': (facts) =>
      phrase`パーティションテーブルの ${facts.show('to')} 側を、${facts.show('from')} 側から書き直します。`,
    'restore-boot-signature': () =>
      phrase`先頭セクターの末尾に署名 55 AA を書き戻します。これがないと、ファームウェアはこのディスクから起動しません。`,
    'set-partition-entry': (facts) =>
      facts.has('to')
        ? phrase`パーティション ${facts.show('partition')} のテーブルのエントリを変更します。${facts.show('from')} を ${facts.show('to')} にします。`
        : phrase`パーティション ${facts.show('partition')} の属性ビット ${facts.show('bits')} をテーブル上で解除します。`,
    'set-hidden-sectors': (facts) =>
      phrase`ボリュームの開始位置をブートセクターに書き込みます。隠しセクター数を ${facts.show('from')} から ${facts.show('to')} にします。`,
    'restore-mft-records': (facts) =>
      phrase`$MFT の壊れたレコード ${facts.show('records')} を、無傷の $MFTMirr からコピーします。`,
    'restore-attribute-list': (facts) =>
      phrase`ファイルレコード ${facts.show('record')} の属性リストに記録された、名前の位置を正しい値にします。`,
    'set-registry-value': (facts) =>
      phrase`${facts.show('hive')}（${facts.show('key')}）の ${facts.show('value')} を ${facts.show('from')} から ${facts.show('to')} にします。`,
    'set-boot-element': (facts) =>
      phrase`ブートストア ${facts.show('store')} のエントリ ${facts.show('object')} の要素 ${facts.show('element')} を ${facts.show('from')} から ${facts.show('to')} にします。`,
    'restore-boot-sector': (facts) => phrase`壊れた NTFS ブートセクターを、${facts.show('from')} 側から書き直します。`,
    'restore-mft-mirror': (facts) =>
      phrase`$MFTMirr と食い違うレコード ${facts.show('records')} を $MFT からコピーします。`,
    'set-active-partition': (facts) =>
      phrase`パーティション ${facts.show('partition')} にアクティブフラグを設定します。`,
    'disable-driver': (facts) =>
      phrase`${facts.show('name')} を無効にします。${facts.show('hive')}（${facts.show('key')}）の Start を ${facts.show('from')} から 4 にします。`,
    'remove-boot-element': (facts) =>
      phrase`ブートストア ${facts.show('store')} のエントリ ${facts.show('object')} から要素 ${facts.show('element')} を取り除きます。`,
  },
  names: {
    'neutralise-file': 'ファイル名の変更',
    'blank-content': '内容の消去',
    'restore-disk-identity': 'ディスク識別子の復元',
    'restore-gpt': 'パーティションテーブルの復元',
    'restore-boot-sector': 'ブートセクターの復元',
    'restore-boot-signature': 'ブート署名の復元',
    'set-partition-entry': 'パーティションエントリの変更',
    'set-hidden-sectors': '隠しセクター数の設定',
    'restore-mft-records': '$MFT の復元',
    'restore-attribute-list': '属性リストの修正',
    'set-registry-value': 'レジストリ値の設定',
    'set-boot-element': 'ブート要素の設定',
    'restore-mft-mirror': '$MFTMirr の復元',
    'set-active-partition': 'アクティブパーティションの設定',
    'disable-driver': 'ドライバーの無効化',
    'remove-boot-element': 'ブートストアの変更',
  },
  refusals: {
    'not-ntfs': () => phrase`このボリュームは NTFS ではありません。変更できるのは NTFS だけです。`,
    locked: () => phrase`ボリュームがロックされています。鍵を指定してください（--recovery-key）。`,
    hibernated: (facts) =>
      phrase`${facts.has('volume') ? phrase`ボリューム ${facts.show('volume')} の ` : ''}Windows が休止状態か、高速スタートアップで終了しています（${facts.show('state')}）。再開時に変更が壊されます。いったん起動して完全にシャットダウンする（shutdown /s /t 0）か、回復環境で休止状態を破棄してください。`,
    'log-pending': () =>
      phrase`NTFS のジャーナルに、この場所に触れる未適用の変更が残っているか、ジャーナルを読めません。マシンをもう一度起動させ（起動のたびにジャーナルが適用されます）、改めて実行してください。`,
    'file-missing': (facts) => phrase`${facts.show('path')} がありません。`,
    'not-a-plain-file': () =>
      phrase`フォルダー、リンク、または圧縮されたシステムファイルで、通常のファイルではありません。`,
    'file-record-damaged': () => phrase`ファイルレコードが壊れています。先に chkdsk でボリュームを修復してください。`,
    'names-disagree': () =>
      phrase`ファイルレコードとフォルダーのインデックスが食い違っています。先に chkdsk でボリュームを修復してください。`,
    'hard-links': () => phrase`ほかのフォルダーにも名前があります（ハードリンク）。手作業で削除してください。`,
    'index-damaged': () => phrase`フォルダーのインデックスが壊れています。先に chkdsk でボリュームを修復してください。`,
    'index-unsorted': () =>
      phrase`フォルダーのインデックスの順序が乱れています。先に chkdsk でボリュームを修復してください。`,
    'no-free-name': (facts) =>
      phrase`${facts.show('name')} には、インデックス内の位置を保てる同じ長さの名前がありません。手作業で削除してください。`,
    'mirrored-record': () => phrase`ファイルシステム自身のファイルです。`,
    'content-not-stored': () =>
      phrase`読み出される内容がそのままの形でディスク上にありません（圧縮、スパース、またはレコード内）。`,
    'identity-unproven': (facts) =>
      phrase`識別子 ${facts.show('identity')} を記録しているのはディスク上の ${facts.show('witnesses')} か所だけです。2 か所以上の一致が必要です。`,
    'identity-in-use': (facts) => phrase`別のディスクがすでに識別子 ${facts.show('identity')} を使っています。`,
    'table-damaged': () => phrase`パーティションテーブルに無傷のコピーがありません。`,
    'partition-missing': (facts) => phrase`パーティション ${facts.show('partition')} がありません。`,
    'not-a-volume': () => phrase`先頭に、整合性のある NTFS または FAT のブートセクターがありません。`,
    'hive-damaged': (facts) => phrase`レジストリハイブ ${facts.show('path')} が壊れているか、ログがありません。`,
    'hive-log-pending': (facts) =>
      phrase`${facts.show('path')} のログにこの場所の内容があり、Windows が変更を上書きします。マシンをもう一度起動させてから、改めて実行してください。`,
    'service-missing': (facts) =>
      phrase`コントロールセットにドライバーまたはサービス ${facts.show('name')} がありません。`,
    'driver-needed': (facts) =>
      phrase`${facts.show('name')} は Windows の起動に必要と思われます。それでも行うには --force を付けます。`,
    'value-missing': (facts) => phrase`${facts.show('key')} に値 ${facts.show('value')} がありません。`,
    'value-not-settable': () => phrase`この値をこのように変更しても安全だとは確認できていません。`,
    'target-missing': (facts) => phrase`変更後の値が指す ${facts.show('target')} が、このディスクにありません。`,
    'value-not-in-place': () => phrase`値が、その場で変更できる形で保存されていません。`,
    'element-missing': (facts) => phrase`ブートストアのそこに要素 ${facts.show('element')} はありません。`,
    'element-not-removable': (facts) => phrase`要素 ${facts.show('element')} は起動に必要な可能性があります。`,
    'element-not-settable': (facts) =>
      phrase`要素 ${facts.show('element')} をこのように変更しても安全だとは確認できていません。`,
    'not-stored': (facts) =>
      phrase`このイメージでは、該当セクターが書き込める形で保存されていません（${facts.show('reason')}）。--overlay FILE.qcow2 を使うと、イメージの隣に書き込みます。`,
    'same-bytes': () =>
      phrase`この計画の別の変更と同じバイトを書き換えます。先にそちらを書き込んでから、fix をもう一度実行してください。`,
    'redundant-volume': () =>
      phrase`このボリュームはミラーまたはパリティ付きで複数のディスクに保存されており、すべてを同時に変更する必要があります。ディスクがそろった環境で修復してください。`,
    unreadable: (facts) => phrase`変更する箇所を読み取れません（${facts.show('reason')}）。`,
    'snapshot-beside': () =>
      phrase`イメージの隣に、チェーンのより新しいファイルがあります。マシンから変更が見えません。最新のファイルを修復してください。`,
    'saved-vm-state': () => phrase`イメージの隣に仮想マシンの保存状態があります。先に破棄してください。`,
    'in-use': () => phrase`イメージが使用中です。マシンを停止するか、ディスクをアンマウントしてください。`,
    'no-sound-copy': () => phrase`もとにできる無傷のコピーがありません。`,
    'copies-differ': () => phrase`両方のコピーが無傷で、内容が異なります。どちらが正しいか判断できません。`,
    'nothing-to-repair': () => phrase`正常です。`,
  },
  refused: (name, what, why) =>
    what === undefined ? phrase`見送り: ${text(name)}: ${why}` : phrase`見送り: ${text(name)}（${what}）: ${why}`,
  targets: {
    'file-name': 'ファイルレコード内の名前',
    'index-entry': 'フォルダーインデックス内の名前',
    'file-content': '内容',
    'disk-signature': 'ディスク署名',
    'gpt-header': 'GPT ヘッダー',
    'gpt-entries': 'GPT エントリ',
    'boot-signature': 'ブート署名',
    'partition-entry': 'パーティションエントリ',
    'boot-sector': 'ブートセクター',
    'hidden-sectors': '隠しセクター数',
    'mft-record': '$MFT のレコード',
    'attribute-list': '属性リスト',
    'mft-mirror': '$MFTMirr',
    'active-flag': 'アクティブフラグ',
    'registry-value': 'レジストリ値',
    'registry-key': 'キーのリスト',
    'boot-element': 'ブート要素',
  },
  place: (volume, offset) => (volume === null ? phrase`ディスク ${offset}` : phrase`ボリューム ${volume}、${offset}`),
  columns: ['バイト位置', '対象', '現在', '変更後'],
  moreEdits: (count) => phrase`ほか ${count} か所`,
  bytes: (count) => phrase`変更するのは ${count} バイトです。`,
  howToWrite: phrase`まだ何も書き込んでいません。実行するには:`,
  written: (sectors, bytes) => phrase`${sectors} セクター、${bytes} バイトを書き込みました。元に戻すには:`,
  overlayWritten: (path, image) =>
    phrase`${data(path)} に書き込みました。${data(image)} は変更していません。QEMU では新しいファイルをディスクとして使います。${code(`qemu-img commit ${path}`)} でイメージに反映できます。`,
  verdicts: (before, after) => phrase`判定: 修復前 ${data(before)}、現在 ${data(after)}。`,
  verified: phrase`開き直して確認しました。計画したバイトはすべて書き込まれており、矛盾はありません。`,
  problems: {
    'bytes-differ': (facts) => phrase`バイト位置 ${facts.show('offset')} が、書き込んだ内容と異なります。`,
    'old-name-found': (facts) => phrase`${facts.show('path')} がまだ見つかります。`,
    'new-name-missing': (facts) => phrase`${facts.show('path')} が見つかりません。`,
    'content-changed': (facts) => phrase`${facts.show('path')} の内容が元と異なります。`,
    'index-wrong': (facts) => phrase`${facts.show('folder')} のインデックスの順序が乱れています。`,
  },
  undone: (sectors, bytes) => phrase`すべて元に戻しました（${sectors} セクター、${bytes} バイト）。`,
  finished: (sectors, bytes) => phrase`修復を完了しました（${sectors} セクター、${bytes} バイト）。`,
  nothingToUndo: phrase`ディスクはすでに修復前の状態です。`,
  states: { before: '修復前のまま', after: '修復済み', torn: '書き込み途中', foreign: '別の変更あり' },
  state: (counts) =>
    phrase`セクター: ${join(
      counts.map(([state, count]) => phrase`${text(state)} ${count}`),
      '、',
    )}。`,
  madeAt: (time, image) => phrase`${image} の取り消しファイル（${text(time)} 作成）。`,
};
