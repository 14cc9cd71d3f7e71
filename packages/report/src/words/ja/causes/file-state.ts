import { type Phrase, phrase, text } from '../../../document/phrase.js';
import type { Facts } from '../../facts.js';

const STATES: Readonly<Record<string, string>> = {
  absent: 'がありません',
  'not-a-file': 'がファイルではありません',
  empty: 'が空です',
  unwritten: 'に一度も書き込まれていません',
  zeros: 'の中身がすべてゼロです',
  'not-pe': 'が実行可能イメージではありません',
  truncated: 'が途中で切れています',
  'wrong-machine': 'が別のプロセッサ向けです',
  'bad-checksum': 'のチェックサムが一致しません',
  'bad-digest': 'が署名された内容と異なります',
};

/** ファイルのどこが悪いか。文の後半として使う: 「がありません」。 */
export function fileState(facts: Facts): Phrase {
  const state = facts.value('state');
  return phrase`${text(STATES[typeof state === 'string' ? state : ''] ?? 'が壊れています')}`;
}

/** コピーの場所。文の後ろに付ける。分からなければ何も出さない。 */
export function copyPlace(facts: Facts): Phrase {
  return facts.has('copy') ? phrase`（コピー: ${facts.show('copy')}）` : [];
}
