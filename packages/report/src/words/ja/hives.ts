import { data, type Phrase, phrase } from '../../document/phrase.js';
import type { HiveWords } from '../hive-words.js';

const stop = (codes: Phrase | undefined): Phrase | string =>
  codes === undefined ? '' : phrase`Windows は ${codes} で停止します。`;

export const hives: HiveWords = {
  verdicts: {
    recoverable: ({ path }) =>
      phrase`レジストリハイブ ${path} は正常に閉じられていません（クラッシュ後は普通の状態です）。ログがそろっており、Windows が再生すれば完全になります。`,
    'at-risk': ({ path, codes }) =>
      phrase`レジストリハイブ ${path} は正常に閉じられておらず、ログがないか途切れています。Windows が修復できない可能性があります。${stop(codes)}`,
    damaged: ({ path, findings, codes }) =>
      phrase`レジストリハイブ ${path} は破損しています（${findings}）。ドライバーファイルを削除しても直りません。${stop(codes)}`,
    missing: ({ path, codes }) => phrase`レジストリハイブ ${path} がありません。${stop(codes)}`,
  },
  findings: {
    'hive-missing': () => phrase`ファイルがない`,
    'hive-empty': () => phrase`ファイルが空`,
    'hive-not-regf': () => phrase`先頭がハイブの形式ではない`,
    'hive-unreadable': () => phrase`読み取れない`,
    'hive-root-unreadable': () => phrase`ルートキーを読み取れない`,
    'hive-truncated': () => phrase`記録された長さより短い`,
    'hive-checksum': () => phrase`ヘッダーのチェックサムが正しくない`,
    'hive-dirty': () => phrase`正常に閉じられていない`,
    'hive-log-missing': () => phrase`ログがない`,
    'hive-log-unusable': () => phrase`ログを使えない`,
    'hive-log-gap': () => phrase`ログが途切れている`,
    'hive-bins-damaged': () => phrase`ブロック（hive bin）が途切れている`,
    'hive-records-damaged': () => phrase`内部のレコードが破損している`,
    'hive-select-unreadable': () => phrase`使用するコントロールセットがわからない`,
    'hive-control-set-missing': (facts) => {
      const expected = facts.value('expected');
      return typeof expected === 'string'
        ? phrase`コントロールセット ${data(expected)} がない`
        : phrase`指定されたコントロールセットがない`;
    },
  },
  findingSeparator: '、',
  defaultValue: '（既定）',
  unreadableValue: '（読み取り不可）',
  notClosed: (replayed) =>
    replayed
      ? phrase`ハイブは正常に閉じられていません。ログをメモリ上で再生しました`
      : phrase`ハイブは正常に閉じられていません。使えるログがないため、最新の変更は含まれていません`,
};
