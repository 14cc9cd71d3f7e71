import { phrase, text } from '../../document/phrase.js';
import { formatCount } from '../units.js';
import type { RunWords } from './run-words.js';

export const runs: RunWords = {
  columns: { server: 'サーバー', image: 'イメージ', starts: '起動', verdict: '判定', next: '次の手順' },
  moreImages: (count) =>
    phrase`ほか ${text(formatCount(count))} 件（すべては --report FILE または -o FILE で出力できます）`,
  counts: {
    act: (count) => `要対応 ${formatCount(count)}`,
    blocked: (count) => `ロック ${formatCount(count)}`,
    look: (count) => `要確認 ${formatCount(count)}`,
    failed: (count) => `失敗 ${formatCount(count)}`,
    well: (count) => `正常 ${formatCount(count)}`,
  },
  done: (done, images) => `${formatCount(done)}/${formatCount(images)} 件`,
  rate: (images) => `${images} 件/秒`,
  left: (time) => `残り ${time}`,
  seconds: (seconds) => `${seconds} 秒`,
};
