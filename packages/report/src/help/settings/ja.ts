import { code, type Phrase, phrase, text } from '../../document/phrase.js';
import type { HelpWords } from '../help-words.js';
import type { SettingWords } from './setting-words.js';

const EXPECTED: Readonly<Record<string, Phrase>> = {
  value: phrase`ここには、二重引用符で囲んだ文字列、数値、true、false、または文字列のリストが必要です`,
  end: phrase`最後の } の後には何も書けません`,
};
const NO_DEFAULT = {
  secret: 'キーやパスワードは実行のたびに指定してください（@FILE による指定を推奨します）',
  writes: '書き込みを伴う動作は、実行時に明示された場合だけ行います',
  weakens: '判定の確実さを下げる動作は、実行時に明示された場合だけ行います',
  'each-call': 'イメージごとに異なるため、実行のたびに指定してください',
} as const;
const TAKES = { none: ' true または false ', text: '文字列', number: ' 1 以上の整数', list: '文字列のリスト' };

const meantOrNot = (name: string | null): Phrase => (name === null ? [] : phrase`（もしかして: ${code(name)}）`);

export const settings: SettingWords = {
  unreadable: ({ path, reason }) => phrase`設定ファイル ${path} を読み取れません［詳細］${reason}`,
  malformed: ({ path, line, expected }) =>
    phrase`${path}:${line}: ${EXPECTED[expected] ?? phrase`ここには ${code(expected)} が必要です`}。設定ファイルは {"キー": 値, …} という 1 つの JSON オブジェクトです`,
  unknown: ({ place, key, meant }) =>
    phrase`${place}: ${key} という設定項目はありません${meantOrNot(meant)}。deadbox config で一覧できます`,
  refused: ({ place, key, why }) => phrase`${place}: ${key} は設定できません。${text(NO_DEFAULT[why])}`,
  value: ({ place, key, value, takes, meant }) =>
    phrase`${place}: ${key} に指定できるのは${text(typeof takes === 'string' ? TAKES[takes] : ` ${takes.join('、')} `)}です（「${value}」は使えません）${meantOrNot(meant)}`,
};

/** What `deadbox config` shows. */
export const config: Pick<HelpWords, 'configLabels' | 'configLine'> = {
  configLabels: {
    file: 'ファイル',
    absent: 'ありません',
    key: 'キー',
    value: '値',
    from: '由来',
    builtIn: '組み込み',
    none: 'なし',
  },
  configLine: (line) => `${line} 行目`,
};
