import { code, concat, data, join, type Phrase, phrase, text } from '../../document/phrase.js';
import type { ErrorCode, ErrorWords, ShownError } from '../error-words.js';
import { Facts } from '../facts.js';
import { errorSentences } from './error-sentences.js';
import { placePhrase } from './structures.js';

const NO_FACTS = new Facts({}, '不明');

/** Whether the sentence says all that the message does: so of a path that could not be opened on this system. */
function saysAll({ code: id, message, data: facts = NO_FACTS }: ShownError): boolean {
  if (id === 'SOURCE_NOT_FOUND') return message === `${String(facts.value('path'))} does not exist`;
  return id === 'SOURCE_DENIED' && facts.has('path') && facts.has('system');
}

/**
 * The code's sentence, where it happened, and the English message with the particulars. A code of a later version has
 * only that.
 */
function errorPhrase(error: ShownError): Phrase {
  const { code: id, message, at, data: facts = NO_FACTS } = error;
  const detail = phrase`［詳細］${data(message)}`;
  if (!Object.hasOwn(errorSentences, id)) return concat(data(id), text(': '), detail);
  const sentence = errorSentences[id as ErrorCode];
  return concat(
    typeof sentence === 'string' ? text(sentence) : sentence(facts),
    at === undefined ? undefined : phrase`位置: ${placePhrase(at.layer, at.offset)}。`,
    saysAll(error) ? undefined : detail,
  );
}

const meantPhrase = (name: string): Phrase => phrase`（もしかして: ${code(name)}）`;
const meantOrNot = (name: string | null): Phrase => (name === null ? [] : meantPhrase(name));

export const errors: ErrorWords = {
  error: errorPhrase,
  usage: {
    'target-unknown': ({ word, known, meant }) =>
      phrase`--target に「${word}」という環境は指定できません${meantOrNot(meant)}。指定できるのは ${known} です`,
    'newest-clean-and-quick': () =>
      phrase`--newest-clean は起動できるかどうかを確認するため、--quick とは併用できません。どちらか一方を指定してください`,
    'target-and-quick': () =>
      phrase`--target は --quick と同時に指定できません（簡易スキャンでは読まない情報が必要です）`,
    'include-unknown': ({ word, meant }) =>
      phrase`--include に指定できるのは old と vss です（「${word}」は使えません）${meantOrNot(meant)}`,
    'no-readable-volume': ({ image, volumes }) =>
      phrase`${image} の ${volumes} 個のボリュームに、deadbox が読み取れるファイルシステムがありません（deadbox info で確認できます）`,
    'no-such-volume': ({ image, number, numbers }) =>
      phrase`${image} にボリューム ${number} はありません（あるもの: ${text(numbers.length === 0 ? 'なし' : numbers.join('、'))}）`,
    'no-such-disk': ({ image, number, disks }) =>
      disks.length === 0
        ? phrase`${image} は 1 台のディスクです。${number} 台目のディスクはありません`
        : phrase`${image} に ${number} 台目のディスクはありません（${disks.length} 台: ${disks.join('、')}）`,
    'machine-without-disks': ({ path }) => phrase`${path} に記述された仮想マシンにはディスクがありません`,
    'machine-too-many-disks': ({ path, disks, most }) =>
      phrase`${path} に記述された仮想マシンにはディスクが ${disks} 台あります。読み取れるのは ${most} 台までです`,
    'records-need-ntfs': () => phrase`レコード番号があるのは NTFS のボリュームだけです`,
    'timeline-needs-ntfs': () => phrase`timeline が読み取るのは NTFS のボリュームです`,
    'not-on-volume': ({ path, meant }) => phrase`${path} はこのボリュームにありません${meantOrNot(meant)}`,
    'is-directory': ({ path }) => phrase`${path} はフォルダーです。deadbox ls で一覧できます`,
    'not-a-hive': ({ name, hives }) =>
      phrase`${name} はハイブファイルではありません。ディスクの場合はハイブを指定してください: ${join(
        hives.map((hive) => code(`${hive}\\…`)),
        '、',
      )}`,
    'page-not-built': () => phrase`このビルドにはページが含まれていません。npm run build で作成できます`,
    'no-walk-target': ({ target }) =>
      phrase`${target} はパスでもハイブのキーでもなく、このディスクで見つかった原因の ID でもありません （原因は deadbox scan で確認できます）`,
    'no-key': ({ path, meant }) => phrase`ハイブにキー ${path} はありません${meantOrNot(meant)}`,
    'no-boot-store': ({ image }) => phrase`${image} には、ブートストアも起動する Windows もありません`,
    'header-malformed': ({ position }) => phrase`--header の ${position} 番目は "Name: value" の形にしてください`,
    'no-variable': ({ label, name }) => phrase`${label}: 環境変数 ${name} がありません`,
    'key-file-too-large': ({ label, path, mebibytes }) => phrase`${label}: ${path} は ${mebibytes} MiB を超えています`,
    'key-file-unreadable': ({ label, path, reason }) => phrase`${label}: ${path} を読み取れません［詳細］${reason}`,
    'nothing-on-stdin': ({ label }) => phrase`${label}: 標準入力から何も読み取れませんでした`,
    'folder-without-images': ({ path }) => phrase`フォルダー ${path} にディスクイメージがありません`,
    'folder-is-volume': ({ path }) =>
      phrase`${path} は Windows のファイルがあるフォルダーで、その背後に読み取れるディスクがありません。scan はファイルだけで判定できますが、この操作にはデバイスまたはイメージを指定してください`,
    'drive-elsewhere': ({ name }) =>
      phrase`${name} は Windows のドライブ文字です。このシステムでは、デバイスまたはイメージファイルを指定してください`,
    'no-match': ({ pattern }) => phrase`${pattern} に一致するファイルがありません`,
    'rules-unreadable': ({ folder, reason }) => phrase`--rules ${folder} を読み取れません［詳細］${reason}`,
    'rules-empty': ({ folder }) => phrase`--rules ${folder} に .yaml ファイルがありません`,
    'rules-twice': ({ folder, name }) => phrase`--rules ${folder} に ${name} という名前のルールが 2 つあります`,
    'rule-unreadable': ({ path, reason }) => phrase`${path} を読み取れません［詳細］${reason}`,
    'no-rule': ({ name, meant }) =>
      phrase`ルール ${name} はありません${meantOrNot(meant)}。deadbox rules list で一覧できます`,
    'zone-unknown': ({ zone }) =>
      phrase`${zone} はタイムゾーンではありません。Asia/Tokyo のような IANA の名前を指定してください`,
    'write-needs-undo': () => phrase`--write には --undo FILE が必要です。変更前のバイトをすべてここに保存します`,
    'undo-needs-folder': ({ path }) =>
      phrase`複数のイメージを扱うときは、取り消しファイル用のフォルダーを指定してください。${path} はフォルダーではありません`,
    'write-or-overlay': () =>
      phrase`--write はイメージを変更し、--overlay は変更しません。どちらか一方を指定してください`,
    'time-limit-malformed': ({ text: given }) =>
      phrase`--time-limit の値 ${given} が正しくありません。90（秒）、10m、2h のように指定してください`,
    'fix-needs-no-export': ({ image }) =>
      phrase`${image} は NBD サーバーのエクスポートで、読み取り専用です。エクスポートを止めてから、サーバー側のファイルまたはデバイスを修復してください`,
    'fix-needs-file': ({ image }) => phrase`${image} は Web アドレスです。修復できるのはファイルとデバイスだけです`,
    'language-unknown': ({ language, meant }) =>
      phrase`言語 ${language} には対応していません${meantOrNot(meant)}。--lang には en か ja を指定してください`,
    'export-needs-output': () => phrase`export には -o FILE が必要です（-o - で標準出力に書き込みます）`,
    'two-forms': () => phrase`--json と --ndjson は同時に指定できません。どちらか一方を指定してください`,
    'output-name': ({ path, fault }) =>
      ({
        device: phrase`${path} は Windows ではデバイスの名前です。別のファイル名を指定してください`,
        stream: phrase`${path} にコロンがあります。Windows では別のファイルの名前付きストリームに書き込まれて見えなくなるため、別のファイル名を指定してください`,
        end: phrase`${path} の末尾がピリオドまたは空白です。Windows では末尾が取り除かれるため、別のファイル名を指定してください`,
      })[fault],
    'output-twice': ({ path }) =>
      phrase`${path} が 2 つの出力先に指定されています。一方が上書きされて失われるため、別々のファイルを指定してください`,
    'no-targets': () => phrase`イメージ、フォルダー、または一覧（--targets FILE）を指定してください`,
    'targets-unreadable': ({ path, reason }) => phrase`--targets ${path} を読み取れません［詳細］${reason}`,
    'targets-empty': ({ path }) => phrase`--targets ${path} にイメージが書かれていません`,
    'no-queue': () => phrase`キューを --queue redis://host:6379 または環境変数 DEADBOX_QUEUE で指定してください`,
    'one-site': () => phrase`submit で指定できる --site は 1 つだけです`,
    'fleet-missing': ({ executable }) =>
      executable
        ? phrase`単体の実行ファイルではキューを使えません。Node のあるホストで ${code('npm install deadbox @deadbox/fleet')} を実行してください`
        : phrase`キューを使うには別のパッケージが必要です: ${code('npm install @deadbox/fleet')}`,
    'fleet-secret': ({ path }) =>
      phrase`${path} には、秘密情報の可能性があるクエリまたはパスワードが含まれています。キューには保存できないため、それらを除いたアドレスを登録し、ワーカー側で --header を指定してください`,
    'shard-malformed': ({ text: given }) =>
      phrase`--shard には 2/4 のように「何番目/分割数」を指定してください（「${given}」は使えません）`,
    'report-form': ({ path, known, meant }) =>
      phrase`--report ${path}: 形式は拡張子で指定してください（使えるもの: ${known}）${meantOrNot(meant)}`,
    'journal-unreadable': ({ path, reason }) => phrase`ジャーナル ${path} を読み取れません［詳細］${reason}`,
    'journal-changed': ({ path }) =>
      phrase`読み取り中にジャーナル ${path} が変更されました。先にコピーするか、書き込みが終わってから再実行してください`,
    'journal-foreign': ({ path }) => phrase`${path} は deadbox のジャーナルではありません。何も書き込んでいません`,
    'journal-version': ({ path, found, known }) =>
      phrase`ジャーナル ${path} は別のバージョン（${known} ではなく ${found}）で書かれています。判定が異なる可能性があるため、新しいファイルを指定してください`,
    'journal-other-run': ({ path, other }) =>
      other === null
        ? phrase`ジャーナル ${path} は、オプション、ルール、またはイメージが異なる別の実行のものです。新しいファイルを指定するか、前回と同じ指定で実行してください`
        : phrase`${path} と ${other} は別々の実行のジャーナルです（オプション、ルール、またはバージョンが異なります）。判定を比較できません`,
    'shell-unknown': ({ shell, known, meant }) =>
      phrase`${shell} 用の補完はありません${meantOrNot(meant)}。指定できるのは ${known.join('、')} です`,
    'verb-missing': ({ name }) =>
      phrase`${name} というコマンドはありません。もしかして: ${code('deadbox scan')} ${name}`,
  },
  call: {
    unknownOption: ([option = '']) => phrase`オプション ${option} はありません`,
    unknownCommand: ([command = '']) => phrase`コマンド ${command} はありません`,
    missingArgument: ([argument = '']) => phrase`引数 ${argument} がありません`,
    optionMissingArgument: ([option = '']) => phrase`オプション ${option} には値が必要です`,
    invalidArgument: ([option = '', value = '']) => phrase`オプション ${option} に「${value}」は指定できません`,
    excessArguments: ([command = '']) =>
      command === '' ? phrase`引数が多すぎます` : phrase`${command} の引数が多すぎます`,
  },
  meant: meantPhrase,
  settingFrom: (key, place) => phrase`（${key} は ${place} で設定されています）`,
  callHelp: phrase`（deadbox --help ですべて表示）`,
  unexpected: (message) =>
    phrase`予期しないエラーです: ${data(message)}。不具合としてご報告ください。DEADBOX_DEBUG=1 を設定すると、発生箇所が表示されます。`,
  parentOption: phrase`（--parent FILE で指定できます）`,
};
