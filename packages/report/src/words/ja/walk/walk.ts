import { phrase, text } from '../../../document/phrase.js';
import { formatCount } from '../../units.js';
import type { WalkWords } from '../../walk/walk-words.js';
import { diskMeanings } from './disk-meanings.js';
import { fileMeanings } from './file-meanings.js';
import { steps } from './steps.js';

const MEANINGS: Readonly<Record<string, string>> = { ...diskMeanings, ...fileMeanings };

/** Words of `walk`. */
export const walk: WalkWords = {
  steps,
  terms: {
    'volume-start': 'ボリュームの先頭',
    sector: 'セクター',
    cluster: 'クラスター',
    'cluster-from-2': 'クラスター 2 からのクラスター数',
    'in-run': 'ラン内のバイト数',
    'metadata-offset': 'メタデータのオフセット',
    'moved-start': '移動された先頭部のオフセット',
    attribute: 'レコード内のオフセット',
    entry: 'エントリのオフセット',
    'entry-number': '手前のエントリ数',
    'bins-start': 'ハイブビンの先頭',
    cell: 'セルのオフセット',
    'data-area': 'クラスター 2 のオフセット',
    'root-directory': 'ルートディレクトリのオフセット',
    'record-start': 'レコードの先頭',
    'block-start': 'ノードの先頭',
  },
  readings: {
    verbatim: '',
    fixup:
      '512 バイトごとの最後の 2 バイトには検査用の番号が入り、本来の値は更新シーケンス配列にある。ここでは本来の値に戻して表示する。xxd では保存されたままの値が見える。',
    decrypted: 'イメージ内では暗号化されている。ここでは復号した値を表示する。xxd では暗号文が見える。',
    log: 'ハイブのログに、次回の起動時に Windows が反映する新しいバイト列がある。ここではそれを表示する。xxd では古い値が見える。',
  },
  labels: {
    disk: 'ディスク',
    file: 'ファイル',
    map: '対応表',
    next: '次へ',
    check: '確認',
    value: '値',
    hive: 'ハイブ',
  },
  columns: { at: 'バイト', field: 'フィールド', value: '値', meaning: '意味' },
  tables: { 'block-table': 'ブロック表', directory: '表のディレクトリ', table: 'ブロック表' },
  title: (target, image) => phrase`${image} で ${target} にたどり着くまで`,
  summary: (count) => phrase`先頭のバイトから ${text(formatCount(count))} 手順。どの手順も xxd で確かめられる。`,
  step: (number, question) => phrase`${number}. ${question}`,
  onDisk: (offset, length) =>
    phrase`${text(formatCount(offset))} バイト目 (0x${text(offset.toString(16))})、長さ ${text(formatCount(length))} バイト`,
  inFile: (offset, path) => phrase`${path} の ${text(formatCount(offset))} バイト目`,
  onlyInFile: 'ディスクの一部ではなく、コンテナーの構造',
  nowhere: 'このままの形ではどこにも保存されていない (ホールまたは圧縮)',
  rowsLeftOut: (count) => `… ほか ${count} 行`,
  piece: (index, length) => `部分 ${index}、${length} バイト`,
  mapEntry: (kind, offset, bytes) =>
    phrase`${text(kind)}、ファイルの ${text(formatCount(offset))} バイト目: ${text(bytes)}`,
  bytesOf: (space) =>
    space === 'disk'
      ? '、ディスクのバイト位置'
      : space === 'file'
        ? '、ハイブまたはログ内のバイト位置'
        : '、イメージファイルのバイト位置',
  ended: (code, message) => phrase`経路はここで途切れる (${text(code)}): ${message}`,
  reached: '目的の場所に到達した。',
  meaning: ({ meaning }) => MEANINGS[meaning] ?? meaning,
};
