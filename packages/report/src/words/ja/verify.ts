import { concat, phrase, text } from '../../document/phrase.js';
import type { VerifyWords } from '../disk-words.js';
import { formatCount } from '../units.js';

export const verify: VerifyWords = {
  labels: { structures: '構造', content: '内容', unreadable: '読み取り不可', result: '結果' },
  verdicts: {
    right: 'イメージに記録された検査用の値は、すべて一致しました。',
    wrong: 'イメージが、記録された検査用の値と一致しません。',
    'nothing-stored':
      'このイメージには、照合できるハッシュもチェックサムも記録されていません。すべてのバイトは読み取れました。',
  },
  structures: (outcome) =>
    outcome === 'right'
      ? phrase`ヘッダーとテーブルはチェックサムと一致しています`
      : phrase`ヘッダーまたはテーブルが${text('破損', 'bad')}しているか、互いに矛盾しています`,
  content: ({ wrongBlocks, unreadable }) => {
    if (wrongBlocks === 0 && unreadable === undefined)
      return phrase`すべてのブロックを読み取れ、チェックサムとも一致しています`;
    const wrong = phrase`チェックサムと${text('一致しない', 'bad')}ブロックが ${text(formatCount(wrongBlocks))} 個あります`;
    const lost = unreadable === undefined ? [] : phrase`${text(unreadable)} を${text('読み取れません', 'bad')}`;
    return concat(wrongBlocks === 0 ? [] : wrong, text(wrongBlocks > 0 && lost.length > 0 ? '。' : ''), lost);
  },
  hash: ({ stored, computed, file, outcome }) => {
    const of = file === undefined ? [] : phrase`${file}: `;
    if (outcome === 'right') return concat(of, phrase`${stored}: 内容と一致しています`);
    if (computed === '') return concat(of, phrase`${stored}: ファイルが${text('ありません', 'bad')}`);
    return concat(of, phrase`${stored}: 内容と${text('一致しません', 'bad')}（${computed}）`);
  },
  unreadable: (size, offset, reason) =>
    phrase`ディスクのバイト ${text(formatCount(offset))} から ${text(size)}: ${reason}`,
  notTried: (failedReads) => phrase`読み取りが ${text(formatCount(failedReads))} 回失敗したため、読み取っていません`,
};
