import { code, concat, data, phrase, text } from '../../document/phrase.js';
import type { StartWords } from '../cause-words.js';
import { formatCount } from '../units.js';

export const start: StartWords = {
  badges: {
    no: '起動しません',
    doubtful: '起動は不確実',
    'nothing-found': '異常は見つかりません',
    'not-checked': '起動は未確認',
    blocked: '暗号化により確認不可',
  },
  nothingFound: phrase`このディスクには、起動を妨げるものは見つかりませんでした。`,
  undecided: phrase`起動に必要なものの一部を確認できませんでした。詳しくは下に示します。`,
  notChecked: phrase`起動の流れは確認していません。確認するには --quick を付けずに実行してください。`,
  blocked: (volume, product, key) =>
    phrase`ボリューム ${volume} は ${product} でロックされています${key === undefined ? '' : phrase`（${key} で解除できます）`}。`,
  giveKey: (command) => phrase`キーを指定する場合: ${code(command)}`,
  confidences: { proves: '確定', strong: '強い兆候', hint: '参考' },
  phases: {
    image: 'イメージ',
    disk: 'パーティションテーブル',
    firmware: 'ファームウェア',
    'boot-manager': 'ブートマネージャー',
    loader: 'ローダー',
    kernel: 'カーネルとドライバー',
    session: 'セッションマネージャー',
    logon: 'サインイン',
    data: 'ファイルシステム',
  },
  causes: '原因',
  moreAlike: (count) => phrase`同じ種類のものがほかに ${text(formatCount(count))} 件`,
  facts: (confidence, phase, codes) =>
    concat(
      text(`（${confidence}、${phase}`),
      codes === undefined ? undefined : concat(text('、画面の表示: '), codes),
      text('）'),
    ),
  labels: { screen: '画面の表示', proof: '根拠', remedy: '対処', evidence: '証拠', source: '出典' },
  evidence: (what, offset, bytes) => phrase`${what}、ディスクの ${offset} バイト目: ${bytes}`,
  more: (id) => phrase`詳細: docs/causes.ja.md の ${id}`,
  worthKnowing: '参考情報',
  notDecided: '確認できなかったもの',
  doubtReasons: {
    unreadable: '読み取れません',
    'folder-contradicted': 'フォルダーが壊れているため、ファイルがないかどうかを判断できません',
    'windows-incomplete': 'Windows のファイルの大半がありません。一部だけがコピーされた可能性があります',
    'drivers-incomplete': 'どの Windows にもあるドライバーの大半がないため、残りのドライバーも判定していません',
    'table-damaged': 'パーティションテーブルが壊れています',
    'path-unknown': '指定されているパスからはファイルを特定できません',
    'too-many': 'Windows が書くものとしては項目が多すぎるため、末尾までは確認していません',
    'hive.work-exhausted': 'ハイブ内の参照が多すぎるため、読み取りを打ち切りました',
  },
  doubt: (where, reason) => (where === undefined ? reason : phrase`${where}: ${reason}`),
  lastFailure: (status, path, at) =>
    phrase`ブートマネージャーの最後の起動記録${at === null ? '' : phrase`（${at}、ファームウェアの時計）`}: ${status}${path === null ? '' : phrase`、${path}`}`,
  unnamed: (id) => [data(id)],
};
