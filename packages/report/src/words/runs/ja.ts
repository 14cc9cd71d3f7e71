import { phrase, text } from '../../document/phrase.js';
import { THIS_IMAGE } from '../ja/error-sentences.js';
import { formatCount } from '../units.js';
import type { RunWords } from './run-words.js';

export const runs: RunWords = {
  columns: { server: 'サーバー', image: 'イメージ', starts: '起動', verdict: '判定', next: '次の手順' },
  thisImage: THIS_IMAGE,
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
  fleet: {
    columns: {
      site: 'サイト',
      workers: 'ワーカー',
      waiting: '待機中',
      active: '判定中',
      done: '完了',
      lost: '判定不能',
    },
    all: '合計',
    submitted: (images, site, inQueue) =>
      phrase`サイト ${site} のイメージを ${text(formatCount(images))} 件登録しました（キュー内の合計: ${text(formatCount(inQueue))} 件）`,
    judged: (images) => phrase`このワーカーで ${text(formatCount(images))} 件を判定しました`,
    cancelled: (images) => phrase`実行を取り消し、${text(formatCount(images))} 件のイメージをキューから削除しました`,
    server: {
      gone: (queue, reason) =>
        phrase`キュー ${queue} から応答がありません${reason === '' ? '' : phrase`（${reason}）`}。復旧すると処理を再開します`,
      back: (queue) => phrase`キュー ${queue} に再接続しました`,
    },
  },
};
