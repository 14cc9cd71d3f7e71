import { concat, data, join, type Phrase, phrase, text } from '../../document/phrase.js';
import type { CrashFacts, ScanWords } from '../scan-words.js';
import { formatCount } from '../units.js';

const stopCode = ({ code, codeName }: CrashFacts): Phrase =>
  code === null ? phrase`停止コード不明` : phrase`停止コード ${code}${codeName === null ? '' : phrase` ${codeName}`}`;
const when = ({ time }: CrashFacts): Phrase => (time === null ? phrase`時刻不明` : phrase`${time}`);

export const scan: ScanWords = {
  labels: {
    class: '分類',
    modified: '更新日時',
    created: '作成日時',
    size: 'サイズ',
    record: 'レコード',
    note: '注記',
    changed: '$SI 変更',
    accessed: '$SI アクセス',
    nameCreated: '$FN 作成',
    nameModified: '$FN 更新',
    nameChanged: '$FN 変更',
    nameAccessed: '$FN アクセス',
    run: 'ラン',
  },
  titles: {
    'blocked-encrypted': '暗号化によりロックされています',
    unreadable: '読み取れません',
    'no-windows': 'Windows が見つかりません',
  },
  sentences: {
    'no-windows': phrase`このディスクに Windows は見つかりませんでした。データ用のディスクやスナップショットチェーンの古い世代など、別のディスクを見ている可能性があります。`,
    unreadable: phrase`Windows が入っている可能性のあるボリュームを、このままでは読み取れません。わかったことを以下に示します。`,
  },
  contents: {
    ok: '完全',
    empty: '空（0 バイト）',
    unwritten: '未書き込み（サイズはあるが、クラッシュまでに 1 バイトもディスクに届いていない）',
    'partly-written': '一部のみ書き込み済み（残りはクラッシュまでにディスクに届いていない）',
    'zero-filled': 'すべてゼロ',
    unreadable: '読み取り不可',
  },
  provisional: {
    'log-not-examined':
      'NTFS ジャーナルに未反映の変更があり、調べていません。最新の変更がそこにだけ残っている可能性があります',
    'log-pending': 'このフォルダーに関わる変更が NTFS ジャーナルに残っています。Windows の次回起動時に反映されます',
    hibernated:
      'Windows は休止状態です（または高速スタートアップでシャットダウンされています）。変更がメモリイメージにだけあり、ディスクにない可能性があります',
    'files-only': 'マウントされたフォルダーのファイルだけを調べており、ディスク自体は読み取っていません',
    'listing-incomplete': 'フォルダーの一覧の取得中にエラーがあり、この報告に載っていないファイルがあるかもしれません',
  },
  shownClasses: { deleted: '削除済み', quarantined: '隔離済み', 'look-alike': '名前が似ているだけのファイル' },
  foundBy: {
    index: 'フォルダーのインデックス',
    mft: 'MFT レコード',
    'index-slack': 'インデックスの残存領域',
    folder: 'フォルダー',
  },
  crashAfterNewestFile: phrase`同じドライバーを示すクラッシュが、最新のファイルより後に起きています。ファイルの状態にかかわらず、人による確認が必要です。`,
  confidence: {
    confirmed: phrase`このディスクに残るクラッシュの記録も同じドライバーを示しており、裏付けられています。`,
    likely: phrase`起動の失敗が記録されており、ほかのドライバーを示すダンプはありません。`,
    contradicted: phrase`最新のクラッシュの記録は別のドライバーを示しています。現在の障害には別の原因（レジストリ、ブートストア、ストレージ）があるかもしれません。`,
  },
  next: '次の手順',
  platforms: ({ yes, likely }) => {
    if (yes.length === 0 && likely.length === 0)
      return phrase`ストレージドライバーから見て、既知のどの環境でも起動できません。`;
    const sure = yes.length === 0 ? phrase`` : phrase`${join(yes, '、')} で起動できます。`;
    const also = likely.length === 0 ? phrase`` : phrase`${join(likely, '、')} でもおそらく起動できます。`;
    return phrase`ストレージドライバーから見て、${sure}${also}`;
  },
  notActive: '（現用ではないため、表示のみで判定に含めません）',
  installation: (root, volume) => phrase`${data(root)}（ボリューム ${volume}）`,
  shadowCopy: (number, created) => phrase`、シャドウコピー ${number}${created === null ? '' : phrase`（${created}）`}`,
  ruleVerdict: (rule, verdict) => phrase`ルール ${rule} の判定: ${verdict}。`,
  provisionalBecause: (reason) => phrase`暫定の判定です: ${text(reason)}。`,
  class: (name, content) => phrase`${name}、内容: ${text(content)}`,
  size: (bytes, written) =>
    phrase`${text(formatCount(bytes))} バイト${written < bytes ? text(`（うち書き込み済み ${formatCount(written)} バイト）`) : ''}`,
  record: (record, sequence, foundBy) => phrase`${record}、シーケンス ${sequence}、発見元: ${text(foundBy)}`,
  run: (clusters, lcn, offset) =>
    lcn === null || offset === null
      ? phrase`${clusters} クラスター（ホール）`
      : phrase`${clusters} クラスター、先頭クラスター ${lcn}（ディスクのバイト ${offset}）`,
  columns: {
    onDisk: 'ディスク上',
    inFile: 'ファイル内',
    bytes: 'バイト数',
    what: '内容',
    inHive: 'ハイブ内',
    value: '値',
  },
  evidenceIn: (path) =>
    path === undefined ? phrase`証拠（バイトオフセット）:` : phrase`証拠（バイトオフセット、ファイル ${path}）:`,
  registryIn: (hive) => phrase`${hive} から読み取ったレジストリ値（セルのバイトオフセット）:`,
  bootDevicesIn: (store) => phrase`ブートストア ${store} が指しているデバイス:`,
  bootDevice: ({ role, id, element, status, fileOffset }) =>
    phrase`${text(role)} ${id} の要素 ${element}: ${text(status)}、データはバイト ${fileOffset}`,
  host: ({ name, domain, product, version, domainController, addresses }) =>
    concat(
      name === undefined ? text('このマシン') : data(name),
      domain === undefined ? undefined : phrase`（${domain}）`,
      text(': '),
      product === undefined ? text('Windows') : data(product),
      version === undefined ? undefined : phrase`、ビルド ${version}`,
      domainController ? text('、ドメインコントローラー') : undefined,
      addresses.length === 0 ? undefined : phrase`、${join(addresses, '、')}`,
    ),
  crash: (facts) =>
    phrase`クラッシュ: ${when(facts)}、${stopCode(facts)}${facts.module === null ? '' : phrase`、ドライバー ${facts.module}`}（${facts.path}）。`,
  crashEvent: (facts) =>
    phrase`Windows のイベントログに停止の記録: ${when(facts)}、${stopCode(facts)}（${facts.path}）。`,
  cannotBeJudged: (volume, size, reason) => phrase`ボリューム ${volume}（${text(size)}）は判定できません: ${reason}`,
  nothingToJudge: (table) =>
    table === 'none'
      ? phrase`このディスクにはパーティションテーブルがなく、判定できるものがありません。`
      : phrase`このディスクの ${text(table.toUpperCase())} にはパーティションがなく、判定できるものがありません。`,
  folderOnly: 'マウントされたフォルダーのファイルのみ（ディスク自体は読み取っていません）',
  disk: ({ format, variant, size, table, volumes }) =>
    phrase`${format}${variant === '' || variant === format ? '' : phrase`（${variant}）`}、${text(size)}、${text(table === 'none' ? 'パーティションテーブルなし' : table.toUpperCase())}、ボリューム ${text(formatCount(volumes))} 個`,
  dataDisk: phrase`データディスクです。すべて読み取れましたが Windows はなく、Windows はこのマシンの別のディスクにあります。`,
  machineDisk: ({ machine, disk, disks, recorded }) =>
    phrase`${machine} のディスク ${disks} 台中 ${disk} 台目: ${recorded}`,
  cost: (reads, bytes, milliseconds) =>
    phrase`読み取り: ${text(formatCount(reads))} 回、${text((bytes / 1_048_576).toFixed(2))} MiB、${text(formatCount(Math.round(milliseconds)))} ms。イメージは変更していません。`,
  images: (count, parts) => phrase`イメージ ${text(formatCount(count))} 件: ${parts}`,
  countOf: (count, severity) => `${severity} ${formatCount(count)} 件`,
  starts: (parts) => phrase`起動: ${join(parts, '、')}`,
  couldNotBeOpened: (count) => `開けなかったもの ${formatCount(count)} 件`,
  sharedIdentity: (diskId) =>
    phrase`: 次のディスクは同じディスク ID（${diskId}）を持っています。2 台以上を 1 つの Windows に接続しないでください:`,
};
