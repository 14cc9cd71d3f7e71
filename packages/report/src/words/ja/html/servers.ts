import { phrase, text } from '../../../document/phrase.js';
import type { ServerWords } from '../../html/server-words.js';

export const servers: ServerWords = {
  title: '復元に使う状態',
  states: (count, sameBy) =>
    sameBy.length === 0
      ? phrase`状態 ${count} 件`
      : phrase`同じサーバーの状態 ${count} 件（根拠: ${text(sameBy.join('、'))}）`,
  sameBy: {
    'machine-id': 'マシン ID',
    name: '名前',
    domain: 'ドメイン',
    'disk-id': 'ディスクの識別子',
    'partition-id': 'パーティション ID',
    'volume-serial': 'ボリュームシリアル番号',
  },
  timeFrom: {
    'last-event': '最後のイベント',
    'last-shutdown': '最後のシャットダウン',
    'newest-record': '最新の記録',
    taken: '作成日時',
  },
  unsafe: {
    verdict: 'ファイルに対応が必要',
    start: '起動を妨げるものがある',
    boot: '起動構成が整合していない',
    hives: 'レジストリが健全でない',
    locked: 'ロックされている',
    'not-checked': '起動は未確認',
  },
  unnamed: '名前のわからないサーバー',
  snapshot: (path, name) => phrase`${path}（スナップショット ${name}）`,
  shadowCopy: (path, number) => phrase`${path}（シャドウコピー ${number}）`,
  newestIsSafe: (state) => phrase`最新の状態 ${state} は安全です。失われるデータはありません。`,
  restore: (state, when) => phrase`${state}（${when}）から復元してください。`,
  noneSafe: phrase`安全に復元できる状態はありません。`,
  lost: (span, from, to) =>
    phrase`復元すると、${text(from)} から ${text(to)} まで（${text(span)}）に書き込まれたデータが失われます。`,
  lostUnknown: phrase`どれだけのデータが失われるかは、記録からはわかりません。`,
  changed: (changes) => phrase`その間の変更: ${changes}。`,
  columns: { state: '状態', when: '時点', safe: '復元の可否' },
  safe: '安全',
  unknownTime: '不明',
  when: (time, source) => phrase`${text(time)}、${text(source)}`,
  noServers: phrase`これらのイメージにサーバーは見つかりませんでした。`,
};
