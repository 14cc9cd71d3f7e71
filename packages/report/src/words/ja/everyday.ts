import { concat, data, join, phrase, text } from '../../document/phrase.js';
import type { CommonWords } from '../everyday-words.js';
import { formatCount, formatSize, formatSpan } from '../units.js';
import { placePhrase, structurePhrase } from './structures.js';

export const common: CommonWords = {
  severities: { act: '要対応', attention: '要注意', review: '要確認', none: 'OK' },
  issueSeverities: { note: '参考', warning: '警告', error: 'エラー' },
  fileTypes: {
    file: 'ファイル',
    directory: 'フォルダー',
    symlink: 'シンボリックリンク',
    junction: 'ジャンクション',
    reparse: 'リパースポイント',
    other: 'その他',
  },
  unknown: '不明',
  none: 'なし',
  notSet: '未設定',
  yes: 'はい',
  no: 'いいえ',
  error: 'エラー',
  warning: '警告',
  size: (bytes) => formatSize(bytes).replace(' bytes', ' バイト'),
  bytes: (count) => `${formatCount(count)} バイト`,
  span: (milliseconds) =>
    formatSpan(milliseconds, {
      day: (count) => `${formatCount(count)} 日`,
      hour: (count) => `${count} 時間`,
      minute: (count) => `${count} 分`,
      second: (count) => `${count} 秒`,
    }),
  list: (parts) => join(parts, '、'),
  either: (parts) => join(parts, ' または '),
  wordGap: '',
  sentenceGap: '',
  more: (count) => phrase`ほか ${text(formatCount(count))} 件（--json ですべて表示）`,
  labelled: (label, value) => concat(text(`${label}: `), value),
  inParentheses: (value) => concat(text('（'), value, text('）')),
  place: placePhrase,
  structure: structurePhrase,
  quoted: (value) => concat(text('「'), data(value), text('」')),
};
