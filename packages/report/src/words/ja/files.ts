import { phrase, text } from '../../document/phrase.js';
import type { FileWords } from '../file-words.js';
import { formatCount } from '../units.js';

export const files: FileWords = {
  labels: {
    type: '種類',
    size: 'サイズ',
    created: '作成日時',
    modified: '更新日時',
    changed: '変更日時',
    accessed: 'アクセス日時',
    record: 'レコード',
    attributes: '属性',
    securityId: 'セキュリティ ID',
    usn: 'USN',
    reparseTag: 'リパースタグ',
    reparse: 'リパース先',
    security: 'アクセス権',
    objectId: 'オブジェクト ID',
    extendedAttribute: 'EA',
    run: 'ラン',
    evidence: '証拠',
  },
  attributes: {
    readOnly: '読み取り専用',
    hidden: '隠し',
    system: 'システム',
    archive: 'アーカイブ',
    temporary: '一時',
    sparse: 'スパース',
    reparsePoint: 'リパースポイント',
    compressed: '圧縮',
    offline: 'オフライン',
    notIndexed: 'インデックス対象外',
    encrypted: '暗号化',
    recallOnOpen: '開くときに取得',
    pinned: '常に保持',
    unpinned: '保持しない',
    recallOnDataAccess: 'アクセス時に取得',
  },
  nameSpaces: { posix: 'posix', win32: 'win32', dos: 'dos', 'win32+dos': 'win32+dos', unknown: '不明' },
  deleted: '（削除済み）',
  typeOn: (type, volume) => phrase`${text(type)}（ボリューム ${volume}）`,
  record: ({ record, sequence, inUse, links }) =>
    phrase`${record}、シーケンス ${sequence}、${text(inUse ? '使用中' : '空き（削除済み）')}、リンク ${links} 個`,
  name: (name, nameSpace, parentRecord, parentSequence) =>
    phrase`${text('$FILE_NAME', 'strong')} ${name}（${text(nameSpace)}、親フォルダーのレコード ${parentRecord}、シーケンス ${parentSequence}）`,
  attribute: ({ type, name, id, resident, compressed, encrypted, sparse, record, offset }) => {
    const flags = [
      resident ? '常駐' : '非常駐',
      compressed ? '圧縮' : '',
      encrypted ? '暗号化' : '',
      sparse ? 'スパース' : '',
    ].filter((flag) => flag !== '');
    return phrase`${text(type, 'strong')}${name === '' ? '' : phrase`:${name}`} ID ${id}、${text(flags.join('、'))}、レコード ${record}、ディスクのバイト ${offset}`;
  },
  attributeSizes: ({ resident, size, allocatedSize, initializedSize }) =>
    resident
      ? phrase`${text(formatCount(size))}`
      : phrase`${text(formatCount(size))}、割り当て ${text(formatCount(allocatedSize))}、有効 ${text(formatCount(initializedSize))}`,
  moreRuns: (count) => phrase`ほか ${count} 個（--json ですべて表示）`,
  evidence: (what, offset, file) =>
    phrase`${what}、ディスクのバイト ${offset}${file === undefined ? '' : phrase`、${file.path} のバイト ${file.offset}`}`,
};
