import { phrase, text } from '../../document/phrase.js';
import type { BootWords } from '../boot-words.js';
import type { Facts } from '../facts.js';

const deviceStatus: BootWords['deviceStatus'] = {
  matches: 'このディスク上',
  always: 'ID なしで探すため、常に有効',
  'identity-changed': 'このディスク上（記録は以前のディスク ID）',
  'partition-missing': 'このディスクに存在しない',
  'other-disk': '別のディスク',
  'converted-disk': '別の種類のパーティションテーブルの形式',
  unrecognised: '未知の形式',
};

const statusOf = (facts: Facts): string => {
  const status = facts.value('status');
  return typeof status === 'string' && status in deviceStatus
    ? deviceStatus[status as keyof typeof deviceStatus]
    : '別の場所';
};

export const boot: BootWords = {
  check: 'ブートの検査',
  verdicts: {
    consistent: ({ store }) => phrase`ブートストア${store}はこのディスクを指しており、ローダーも存在します。`,
    'identity-changed': ({ store, current, former }) =>
      phrase`ディスク ID が変更されています。現在の ID は ${current ?? text('不明')} ですが、ブートストア${store}には ${former ?? text('別の ID')} が記録されたままです。ディスクを別の Windows に接続すると起こります。`,
    'partition-missing': ({ store }) =>
      phrase`ブートストア${store}が指しているパーティションは、このディスクにありません。`,
    'loader-missing': ({ store }) => phrase`ブートストア${store}が指しているローダーのファイルがありません。`,
    'default-entry-missing': ({ store }) => phrase`ブートストア${store}に使える既定のエントリがありません。`,
    'converted-disk': ({ store }) =>
      phrase`ディスクは MBR と GPT の間で変換されていますが、ブートストア${store}は以前の種類のままです。`,
    'store-missing': () => phrase`ファームウェアが探す場所に、ブートストアが見つかりません。`,
    'store-damaged': ({ store }) => phrase`ブートストア${store}は破損していて読み取れません。`,
    'no-system-partition': () =>
      phrase`このディスクにはシステムパーティションがありません。別のディスクから起動しているか、ブート用のパーティションが失われています。`,
  },
  verdictTitles: {
    consistent: '整合',
    'identity-changed': 'ディスク ID の変更',
    'partition-missing': 'パーティションの欠落',
    'loader-missing': 'ローダーの欠落',
    'default-entry-missing': '既定のエントリの欠落',
    'converted-disk': 'MBR と GPT の間の変換',
    'store-missing': 'ブートストアの欠落',
    'store-damaged': 'ブートストアの破損',
    'no-system-partition': 'システムパーティションなし',
    'not-checked': '未検査',
  },
  findings: {
    'no-system-partition': () => phrase`ファームウェアが起動に使うパーティションが、このディスクにありません。`,
    'store-missing': () => phrase`ファームウェアが探す場所に、ブートストアがありません。`,
    'store-damaged': () => phrase`ブートストアが破損しています。`,
    'store-not-clean': (facts) =>
      phrase`ブートストア ${facts.show('path')} は正常に閉じられていません（${facts.show('verdict')}）。`,
    'store-too-long': (facts) =>
      phrase`ブートストア ${facts.show('path')} は、Windows が書くものとしては項目が多すぎます。末尾まで読み取っていないため、このストアからは判断していません。`,
    'boot-manager-entry-missing': () => phrase`ブートストアにブートマネージャーのエントリがありません。`,
    'default-entry-missing': (facts) =>
      facts.has('id')
        ? phrase`ブートストアにエントリ ${facts.show('id')} がありません。`
        : phrase`ブートストアに、既定で起動するエントリがありません。`,
    'default-entry-kind': (facts) =>
      phrase`既定のエントリ ${facts.show('id')} は Windows を起動しません（種類: ${facts.show('kind')}）。`,
    'device-status': (facts) =>
      phrase`エントリ ${facts.show('entry')} の要素 ${facts.show('element')} が指すパーティション: ${text(statusOf(facts))}。`,
    'device-unrecognised': (facts) =>
      phrase`エントリ ${facts.show('entry')} の要素 ${facts.show('element')} は、既知の種類のデバイスではありません。`,
    'boot-manager-file-missing': (facts) =>
      phrase`ブートマネージャー ${facts.show('path')} がありません${text(facts.is('fallback', true) ? 'が、ファームウェアが起動できるものが別にあります。' : '。')}`,
    'loader-file-missing': (facts) => phrase`ローダー ${facts.show('path')} がありません。`,
    'loader-wrong-firmware': (facts) =>
      phrase`ローダー ${facts.show('path')} は、${facts.has('firmware') ? String(facts.value('firmware')).toUpperCase() : text('この')} ファームウェア用ではありません。`,
    'system-root-missing': (facts) =>
      phrase`ブートストアは ${facts.show('path')} の Windows を起動しますが、そのフォルダーがありません。`,
    'recovery-stale': () =>
      phrase`回復環境のエントリが指すパーティションは、その ID では見つかりません。ブートメニューから回復環境を起動できません。`,
    'resume-stale': () => phrase`休止状態からの復帰用エントリが指すパーティションは、その ID では見つかりません。`,
    'safe-boot': () => phrase`セーフブートが指定されています。解除するまで Windows はセーフモードで起動します。`,
    'test-signing': () => phrase`テスト署名が有効です。テスト署名のドライバーも読み込まれます。`,
    'integrity-checks-off': () => phrase`整合性チェックが無効です。署名のないドライバーも読み込まれます。`,
    'last-known-good': () => phrase`次回の起動で「前回正常起動時の構成」を使う設定になっています。`,
    'elam-off': () => phrase`起動時マルウェア対策（ELAM）ドライバーが、次回以降の起動で無効になっています。`,
    'no-windows': () => phrase`ブートストアから起動できる Windows が見つかりません。`,
  },
  remedies: {
    'correct-boot-store': 'ブートストアのパスを修正する（bcdedit /store <path to BCD> /set …）',
    'restore-disk-identity': '元のディスク ID を書き戻す（数バイト）',
    'patch-boot-store': '現在のディスク ID をブートストアに書き込む',
    'rebuild-boot-store': 'ブートストアを再作成する（回復環境で bcdboot C:\\Windows）',
    'restore-partition': '失われたパーティションを復元する',
    'restore-loader-file':
      '欠けているローダーを戻す（オフラインイメージに sfc または DISM を使うか、同じビルドの別のサーバーからコピーする）',
    'remove-safe-boot': 'セーフブートの指定を削除する（bcdedit /deletevalue {default} safeboot）',
    'mark-system-partition': 'システムパーティションをアクティブにする',
  },
  storeAt: (path, volume) => phrase`（ボリューム ${volume} の ${path}）`,
  wouldShow: (codes) => phrase`マシンの画面には ${codes} が表示されます。`,
  wouldMend: (remedies) => phrase`直す方法: ${remedies}。`,
  undo: (remedy) => phrase`元に戻す方法: ${text(remedy)}。`,
  remedySeparator: '、または ',
  kinds: {
    'firmware-boot-manager': 'ファームウェアのブートマネージャー',
    'boot-manager': 'ブートマネージャー',
    'os-loader': 'Windows ローダー',
    resume: '休止状態からの復帰',
    'memory-tester': 'メモリ診断',
    'legacy-loader': 'レガシーローダー',
    'boot-sector': 'ブートセクター',
    'firmware-application': 'ファームウェアアプリケーション',
    settings: '設定',
    'device-options': 'デバイスオプション',
    other: 'その他のオブジェクト',
  },
  roles: {
    'boot-manager': 'ブートマネージャー',
    default: '既定のエントリ',
    resume: '復帰用エントリ',
    recovery: '回復用エントリ',
  },
  deviceStatus,
  storeRoles: { uefi: 'UEFI', bios: 'BIOS', recovery: '回復用', file: 'ファイル' },
  storeStates: {
    clean: '正常',
    recoverable: '正常に閉じられていないが、ログで完全になる',
    'at-risk': '正常に閉じられておらず、ログがないか途切れている',
    damaged: '破損',
    missing: 'なし',
    replayed: '正常に閉じられていないため、ログをメモリ上で再生',
    'no-log': '正常に閉じられておらず、ログがない',
    'log-unusable': '正常に閉じられておらず、ログを使えない',
  },
  store: (path, volume, role, state) =>
    phrase`${path}（${volume === null ? '' : phrase`ボリューム ${volume}、`}${text(role)}、${text(state)}）`,
  devices: {
    partition: ({ partition }) =>
      partition.style === 'gpt'
        ? phrase`GPT ディスク ${partition.diskId} のパーティション ${partition.partitionId}`
        : phrase`MBR ディスク ${partition.diskSignature} のバイト ${partition.partitionOffset} にあるパーティション`,
    disk: ({ style, diskId }) => phrase`${style.toUpperCase()} ディスク ${diskId}`,
    boot: () => phrase`マシンが起動に使ったデバイス`,
    locate: ({ path, element }) =>
      path !== undefined
        ? phrase`${path} のある最初のパーティション`
        : element === undefined
          ? phrase`そのファイルのある最初のパーティション`
          : phrase`要素 0x${element.toString(16)} のパスがある最初のパーティション`,
    ramdisk: ({ path }, inner) => phrase`RAM ディスク（${inner ?? text('不明なデバイス')} の ${path}）`,
    file: ({ path }, inner) => phrase`ファイル（${inner ?? text('不明なデバイス')} の ${path}）`,
    vhd: ({ path }, inner) => phrase`仮想ディスク（${inner ?? text('不明なデバイス')} の ${path}）`,
    unrecognised: ({ length }) => phrase`既知の形式ではありません（${length} バイト）`,
  },
  notUnderstood: '（解釈できません）',
  onOff: (on) => (on ? 'はい' : 'いいえ'),
};
