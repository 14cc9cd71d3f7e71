import { phrase, text } from '../../document/phrase.js';
import type { TimelineWords } from '../scan-words.js';

export const timeline: TimelineWords = {
  title: '経過',
  events: {
    started: () => phrase`起動`,
    stopped: () => phrase`正常にシャットダウン`,
    running: () => phrase`稼働を確認`,
    crashed: (what) => (what === undefined ? phrase`クラッシュ` : phrase`クラッシュ（${what}）`),
    update: (what) => phrase`更新 ${what ?? text('（パッケージ不明）')}`,
    device: (what) => phrase`デバイスのインストール（${what ?? text('不明')}）`,
    'driver-file': (what) => phrase`ドライバーファイルの書き込み（${what ?? text('不明')}）`,
  },
  failed: '（失敗）',
  lastRan: (time, event) => phrase`最後に動いていた時点： ${text(time)} ${event}`,
  changed: (time, event) => phrase`変更： ${text(time)} ${event}`,
  firstFailed: (time, event) => phrase`その後の最初の失敗： ${text(time)} ${event}`,
  noFailure: phrase`その後の最初の失敗： ディスクに記録がありません。起動の失敗は跡を残さないことがよくあります。`,
};
