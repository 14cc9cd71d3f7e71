import type { HelpWords, VerbId } from './help-words.js';

/** What is said of the commands of a queue. */
export const fleetVerbs: Pick<HelpWords['verbs'], Extract<VerbId, `fleet${string}`>> = {
  fleet: {
    summary: 'Redis のキューを使い、多数のホストでイメージを調べる（@deadbox/fleet パッケージが必要）',
    examples: [
      { command: 'deadbox fleet submit /images', does: 'イメージをキューに登録する' },
      { command: 'deadbox fleet status --watch', does: '進み具合を表示する' },
    ],
  },
  'fleet submit': {
    summary: 'イメージをキューに登録する（キーや HTTP ヘッダーは登録せず、ワーカー側で指定する）',
    examples: [
      { command: 'deadbox fleet submit /images --queue redis://queue:6379', does: 'フォルダー内のすべて' },
      { command: 'deadbox fleet submit --targets list.txt --site tokyo', does: '一覧を、特定のサイトのホスト向けに' },
    ],
  },
  'fleet work': {
    summary: 'キューのイメージをこのホストで調べる',
    examples: [
      { command: 'deadbox fleet work --site tokyo', does: 'Ctrl-C で終えるまで' },
      { command: 'deadbox fleet work --drain --keys keys.csv', does: 'このホストのキーを使い、残りがなくなるまで' },
    ],
  },
  'fleet status': {
    summary: '進み具合を表示する（--journal を付けると、それまでの結果も書き出す）',
    examples: [
      { command: 'deadbox fleet status --watch', does: '終わるまで表示する' },
      { command: 'deadbox fleet status --journal run.ndjson', does: 'deadbox report でレポートにする' },
    ],
  },
  'fleet cancel': {
    summary: '実行とその結果をキューから削除する',
    examples: [
      { command: 'deadbox fleet cancel', does: 'DEADBOX_QUEUE のキュー' },
      { command: 'deadbox fleet cancel --queue redis://queue:6379', does: '別のキュー' },
    ],
  },
};
