import { data, join, phrase, text } from '../../document/phrase.js';
import type { CheckWords, DiskWords } from '../disk-words.js';
import { formatCount } from '../units.js';

const LAYOUTS = {
  simple: 'シンプル',
  spanned: 'スパン',
  striped: 'ストライプ',
  mirrored: 'ミラー',
  raid5: 'RAID-5',
} as const;

const check: CheckWords = {
  sound: '正常: すべての構造が、控えおよび対応する構造と一致しています',
  notSound: '異常あり',
  bootSectors: { ok: '正常', damaged: '破損' },
  backupBootSectors: { equal: '一致', differs: '不一致', missing: 'なし' },
  boot: (primary, backup, difference) =>
    phrase`ブートセクター: ${text(primary)}、バックアップ: ${text(backup)}${difference === undefined ? '' : text(`（バイト ${difference} 以降）`)}`,
  mirrorUnreadable: (why) => phrase`MFT ミラーを読み取れません: ${why}`,
  mirrorEqual: 'MFT ミラーは一致しています',
  mirrorDiffers: (records) => phrase`MFT ミラーが一致しないレコード: ${text(records.join('、'))}`,
  records: (inUse, records, bad) =>
    phrase`レコード ${text(formatCount(records))} 件中 ${text(formatCount(inUse))} 件が使用中、不良 ${text(formatCount(bad))} 件`,
  usedButFree: (count) => phrase`使用中なのに空きとされているレコード: ${text(formatCount(count))} 件`,
  freeButUsed: (count) => phrase`空きなのに使用中とされているレコード: ${text(formatCount(count))} 件`,
  indexes: (directories, entries, damaged) =>
    phrase`ディレクトリインデックス ${text(formatCount(directories))} 個、エントリ ${text(formatCount(entries))} 件、破損 ${text(formatCount(damaged))} 個`,
  entriesWithoutRecord: (count, names) =>
    phrase`レコードのないインデックスエントリ: ${text(formatCount(count))} 件（${names}）`,
  recordsWithoutEntry: (count, names) =>
    phrase`インデックスに載っていない名前: ${text(formatCount(count))} 件（${names}）`,
  outOfOrder: (count, names) => phrase`並び順の誤ったエントリ: ${text(formatCount(count))} 件（${names}）`,
};

export const disk: DiskWords = {
  labels: {
    format: '形式',
    virtualSize: '仮想サイズ',
    storedHash: '記録ハッシュ',
    parent: '親イメージ',
    partitions: 'パーティション',
    issue: '問題',
    place: '位置',
    partition: 'パーティション',
    dynamic: 'ダイナミック',
    serial: 'シリアル番号',
    ntfs: 'NTFS',
    journal: 'ジャーナル',
    hibernation: '休止状態',
    bootSector: 'ブートセクター',
    encryption: '暗号化',
    made: '暗号化の実施',
    protector: '保護機能',
    check: '検査',
    error: 'エラー',
  },
  roles: {
    'efi-system': 'EFI システム',
    'microsoft-reserved': 'Microsoft 予約',
    'system-reserved': 'システム予約',
    recovery: '回復',
    windows: 'Windows',
    data: 'データ',
    unknown: '用途不明',
  },
  noFileSystem: 'ファイルシステム不明',
  hibernation: {
    none: 'なし',
    hibernated: '休止状態、または高速スタートアップによるシャットダウン',
    resumed: '休止状態から復帰済み',
    restoring: '休止状態からの復帰の途中',
    elsewhere: 'hiberfil.sys はこのボリュームにありません',
    unknown: 'hiberfil.sys の内容が既知の形式ではありません',
    unreadable: 'hiberfil.sys を読み取れません',
  },
  journal: { clean: '正常', dirty: '未反映の変更あり', unreadable: '読み取り不可' },
  volume: (number) => `ボリューム ${number}`,
  volumes: (count) => `ボリューム ${formatCount(count)} 個`,
  noTable: 'パーティションテーブルなし',
  table: (kind, sectorSize, diskId) =>
    phrase`${text(kind === 'none' ? 'なし' : kind.toUpperCase())}、セクター ${sectorSize} バイト${diskId === null ? '' : phrase`、ディスク ID ${diskId}`}`,
  place: (size, offset) => phrase`バイト ${text(formatCount(offset))} から ${text(size)}`,
  partition: (type, id, name) =>
    phrase`種類 ${type}${id === null ? '' : phrase`、ID ${id}`}${name === '' ? '' : phrase`、「${data(name)}」`}`,
  virtualSize: (size, bytes) => phrase`${text(size)}（${text(bytes)}）`,
  ntfs: ({ version, cluster, record, dirty }) =>
    phrase`${version}、クラスター ${text(cluster)}、レコード ${text(record)}${dirty ? text('、ダーティフラグあり') : ''}`,
  journalState: (state, version) => phrase`${text(state)}${version === null ? '' : phrase`、バージョン ${version}`}`,
  dynamic: (layout, otherDisks) =>
    phrase`${text(LAYOUTS[layout])}ボリューム${otherDisks.length === 0 ? '' : phrase`（ほかの部分は、グループ内の別のディスク ${join(otherDisks, '、')} にあります）`}`,
  backupBootSector: '破損しているため、バックアップを使用しました',
  check,
  hash: ({ algorithm, stored, computed, match }) =>
    match
      ? phrase`${algorithm.toUpperCase()} ${stored}: 内容と一致しています`
      : phrase`${algorithm.toUpperCase()} ${stored}: 内容と${text('一致しません', 'bad')}（${computed}）`,
  noHash: 'なし: このイメージには照合できるハッシュが記録されていません',
};
