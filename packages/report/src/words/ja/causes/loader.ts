import type { LoaderCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

const HIVE_REMEDY =
  'このマシンのバックアップまたはシャドウコピーから、障害にできるだけ近い時点のハイブを、同じ時点の SOFTWARE とともに取り出してください。RegBack は Windows 10 1803 以降では空です。';

export const loader: CauseTexts<LoaderCauseId> = {
  'loader-file-bad': {
    title: (facts) => phrase`Windows ローダー ${facts.show('path')} がないか、壊れています。`,
    screen: 'winload.efi または winload.exe の名前とともに 0xC000000F または 0xC0000428。',
    proof:
      '既定のエントリが指定するパーティションに、指定されたファイルがない、空である、一度も書き込まれていない、または実行可能イメージとして不完全です。',
    remedy:
      '同じバージョンのファイルを戻してください。このディスクの WinSxS に別のファイルとしてあればそこから、なければ同じビルドのマシンから取ります。',
  },
  'system-hive-missing': {
    title: () => phrase`ローダーが最初に読むレジストリハイブ SYSTEM がありません。`,
    screen: '\\Windows\\System32\\config\\system の名前とともに 0xC000000F または 0xC0000225。',
    proof: 'System32\\config はエラーなく一覧でき、そこに SYSTEM がありません。',
    remedy: HIVE_REMEDY,
  },
  'system-hive-damaged': {
    title: (facts) =>
      phrase`レジストリハイブ SYSTEM（${facts.show('path')}）が壊れていて、ログを適用しても直りません。`,
    screen: '0xC000014C または 0xC0000218、あるいは停止コード 0x74。',
    proof:
      'メモリー上でログを適用した後も、ベースブロック、ルートキーまたはビンが正しくありません。正常に閉じられなかっただけのハイブは該当しません。ローダーがログを適用するためです。',
    remedy: HIVE_REMEDY,
  },
  'system-hive-incomplete': {
    title: (facts) =>
      phrase`レジストリハイブ SYSTEM（${facts.show('path')}）は正常に閉じられておらず、補うためのログがないか、途中が欠けています。`,
    screen: '0xC000014C または停止コード 0x74。古い値のまま起動することもあります。',
    proof: 'ハイブのシーケンス番号が一致せず、続きとなるログエントリがありません。',
    remedy: HIVE_REMEDY,
  },
};
