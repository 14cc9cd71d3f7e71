import { code, concat, data, phrase, text } from '../../document/phrase.js';
import type { NoticeWords } from '../notice-words.js';
import { formatCount } from '../units.js';

export const notices: NoticeWords = {
  literalSecret: phrase`コマンドラインに書かれた鍵は、このマシンのほかのユーザーにも見えます。@FILE、env:NAME、または - を使うと隠せます`,
  volumeRefused: (volume, why) => phrase`ボリューム ${volume}: ${why}`,
  notNeeded: (labels, image) => phrase`${labels.join('、')} は ${image} には不要でした`,
  askedAgain: ({ name, reason, waitSeconds, limitSeconds }) =>
    phrase`${data(name)}: サーバーから正常な応答がありません（${data(reason)}）。${waitSeconds} 秒後に再試行します。応答がない状態が ${limitSeconds} 秒続くと中止します`,
  chainForced: (child, parent) =>
    phrase`${text('警告', 'bad')}: ${parent} は ${child} の親イメージとして一致しませんが、--force-chain の指定により使用しました。2 つの異なる状態が混ざっている可能性があり、以下の結果は誤っているかもしれません。`,
  openedIncomplete: (image, missing) =>
    phrase`${text('警告', 'bad')}: ${image} は不完全ですが（${missing} がありません）、--incomplete の指定により開きました。欠けている部分の内容は読み取れません。`,
  oneDiskOf: ({ machine, disk, disks, recorded }) =>
    phrase`${machine} にはディスクが ${disks} 台あります。開いたのは ${disk} 台目の ${recorded} です。ほかのディスクは ${code('--disk N')} で開けます`,
  writtenAsZeros: (bytes) => phrase`読み取れなかった ${bytes} バイトは、ゼロとして書き込みました`,
  issueCount: (issue, count) => phrase`${issue}: ${text(formatCount(count))} 件`,
  labels: {
    scan: 'スキャン',
    export: 'エクスポート',
    unlocking: 'ロック解除',
    hashes: 'ハッシュの照合',
    verifying: '検証',
  },
  diskBehind: (folder, disk) =>
    phrase`${folder} には ${disk} がマウントされています。フォルダーの代わりにこのディスクを読み取ります`,
  sameFile: (name, first) => phrase`${name} は ${first} と同じファイルです`,
  moreSameFiles: (count) => phrase`ほかに ${text(formatCount(count))} 件、別の名前で同じファイルが指定されています`,
  runUnfinished: (journal, missing) =>
    phrase`${journal} の実行は完了していません。残り ${text(formatCount(missing))} 件のイメージが含まれていません`,
  unfitLines: (journal, first, count) =>
    phrase`${journal} の ${text(formatCount(count))} 行は、deadbox が書き込むイメージの記録として正しくないため除外しました（行番号: ${text(`${first.join('、')}${count > first.length ? '…' : ''}`)}）`,
  imageOf: (index, count, name) => concat(text(`${count} 件中 ${index} 件目、`), name),
  progress: ({ percent, done, total, rate, secondsLeft }) =>
    phrase`${percent} %、${text(total)} 中 ${text(done)}、${text(rate)}/秒、残り ${secondsLeft} 秒`,
  ruleValid: (file, rule) => phrase`${data(file)}: ${rule}: 有効です`,
  ruleLevels: { informational: '情報', low: '低', medium: '中', high: '高', critical: '重大' },
};
