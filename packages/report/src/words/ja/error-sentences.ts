import { concat, type Phrase, phrase, text } from '../../document/phrase.js';
import type { ErrorCode } from '../error-words.js';
import type { Facts } from '../facts.js';

/**
 * What an error's code says, with the fact that matters where it is known; the particulars follow in the English
 * message.
 */
type ErrorSentence = string | ((facts: Facts) => Phrase);

/** Stands for the image whose name is beside the sentence, which then needs no subject. */
export const THIS_IMAGE = 'このイメージ';

/** A path and what is said of it, which begins with a particle; about `otherwise` where the path is not known. */
function sayOf(facts: Facts, otherwise: string, after: string): Phrase {
  if (facts.value('path') === THIS_IMAGE) return [text(after.slice(1))];
  return facts.has('path') ? phrase`${facts.show('path')} ${text(after)}` : [text(`${otherwise}${after}`)];
}

/** A sentence about a path; about "the image" and its like where the path is not known. */
const about =
  (otherwise: string, after: string): ErrorSentence =>
  (facts) =>
    sayOf(facts, otherwise, after);

function deniedPhrase(facts: Facts): Phrase {
  if (facts.value('expired') === true)
    return phrase`署名付きリンクの有効期限が切れています。新しいリンクを発行してください。`;
  const file = '指定されたファイル';
  if (facts.value('system') === 'EBUSY')
    return sayOf(
      facts,
      file,
      'は別のプログラムが使用中です。仮想マシンを停止するか、先にディスクのコピーまたはスナップショットを作成してください。',
    );
  const denied = facts.value('access') === 'write' ? 'に書き込む権限がありません。' : 'を読み取る権限がありません。';
  return sayOf(facts, file, `${denied}${permissionAdvice(facts)}`);
}

/** What to do so that a path of this system may be read. */
function permissionAdvice(facts: Facts): string {
  const path = String(facts.value('path'));
  if (path.startsWith('\\\\.\\')) return '管理者として起動したターミナルで実行してください。';
  if (!facts.has('system')) return '';
  if (path.startsWith('/dev/'))
    return '生のディスクには root 権限が必要です。sudo を付けて実行するか、デバイスを所有するグループ（多くは disk）に加わってください。';
  return 'ファイルのアクセス権を確認するか、所有者として実行してください。';
}

/** That not every key was tried, or not everywhere. */
function untriedKeys(facts: Facts): Phrase {
  return concat(
    facts.has('untried') ? phrase`鍵の数が多すぎるため、${facts.show('untried')} 以降は試していません。` : [],
    facts.has('partlyTried')
      ? phrase`${facts.show('partlyTried')} は、同じ種類の保護機能のうち先頭の一部でのみ試しました。`
      : [],
  );
}

export const errorSentences: Readonly<Record<ErrorCode, ErrorSentence>> = {
  SOURCE_CLOSED: '閉じた後のファイルを読み取ろうとしました。',
  SOURCE_NOT_FOUND: about('指定されたファイル', 'が見つかりません。'),
  SOURCE_DENIED: deniedPhrase,
  SOURCE_NOT_READABLE: about('指定されたもの', 'はディスクイメージとして読み取れません。'),
  SOURCE_CHANGED: '読み取り中にファイルが変更されました。',
  READ_OUT_OF_RANGE: '範囲外の読み取りです。',
  READ_FAILED: '読み取りに失敗しました。',
  CURSOR_OUT_OF_RANGE: '構造が途中で切れています。',
  SIBLING_REFUSED: 'イメージのフォルダーの外にあるファイルは開きません。',
  HTTP_RANGES_UNSUPPORTED: 'サーバーが部分的な読み取り（range request）に対応していません。',
  HTTP_REDIRECT_REFUSED: 'サーバーからのこのリダイレクトには従いません。',
  FILE_REFUSED: about('ファイル', 'を読み取れません。'),
  NUMBER_TOO_LARGE: '数値が大きすぎて扱えません。',
  INVALID_ARGUMENT: '引数が正しくありません。',
  INTERNAL: 'deadbox 内部のエラーです。',
  IMAGE_EMPTY: 'イメージが空です。',
  IMAGE_UNKNOWN_FORMAT: 'イメージの形式を認識できません。',
  IMAGE_DAMAGED: 'イメージが破損しています。',
  IMAGE_TRUNCATED: 'イメージが途中で切れています。',
  IMAGE_UNSUPPORTED: 'このイメージの機能またはバージョンには対応していません。',
  IMAGE_LIMIT: 'イメージの大きさまたは数が上限を超えています。',
  IMAGE_ENCRYPTED: 'イメージ自体が暗号化されています。',
  IMAGE_FILE_MISSING: 'イメージの一部になるファイルがありません。',
  IMAGE_PATH_REFUSED: 'イメージが、フォルダーの外にあるファイルを参照しています。',
  IMAGE_PARENT_MISSING: '親イメージが見つかりません。',
  IMAGE_PARENT_CHANGED: '親イメージが、差分の作成時から変わっています。',
  IMAGE_CHAIN_CYCLE: 'イメージのチェーンが循環しています。',
  IMAGE_CHAIN_TOO_DEEP: 'イメージのチェーンが深すぎます。',
  IMAGE_SNAPSHOT_NOT_FOUND: '指定されたスナップショットがイメージにありません。',
  NOT_BITLOCKER: 'BitLocker のボリュームではありません。',
  BITLOCKER_METADATA_DAMAGED: 'BitLocker のメタデータが、控えも含めてすべて破損しています。',
  BITLOCKER_UNKNOWN_METHOD: 'BitLocker の暗号化方式を認識できません。',
  BITLOCKER_LOCKED: (facts) => concat(phrase`BitLocker でロックされています。鍵が必要です。`, untriedKeys(facts)),
  BITLOCKER_WRONG_KEY: (facts) =>
    concat(phrase`指定された鍵では BitLocker のロックを解除できません。`, untriedKeys(facts)),
  RECOVERY_PASSWORD_MALFORMED: (facts) =>
    facts.has('group')
      ? phrase`回復パスワードの ${facts.show('group')} 組目に誤りがあります。`
      : phrase`回復パスワードの形式が正しくありません。`,
  STARTUP_KEY_MALFORMED: 'スタートアップキーのファイルではないか、途中で切れています。',
  KEY_FILE_MALFORMED: (facts) =>
    facts.has('line')
      ? phrase`鍵ファイルの ${facts.show('line')} 行目を解釈できません。`
      : phrase`鍵ファイルを解釈できません。`,
  RAW_KEY_MALFORMED: '鍵の長さが正しくないか、16 進数ではありません。',
  SEAL_NOT_POSSIBLE: 'このセクターは暗号化して書き戻せません。',
  NTFS_NOT_NTFS: 'NTFS のボリュームではありません。',
  NTFS_BOOT_SECTOR_INVALID: 'NTFS のブートセクターが正しくありません。',
  NTFS_MFT_UNREADABLE: '$MFT も $MFTMirr も読み取れません。',
  NTFS_CLUSTER_OUT_OF_RANGE: 'クラスター番号がボリュームの範囲外です。',
  NTFS_RECORD_OUT_OF_RANGE: 'レコード番号が $MFT の範囲外です。',
  NTFS_RECORD_INVALID: 'ファイルレコードが正しくありません。',
  NTFS_RECORD_TORN: 'レコードが一部しか書き込まれていません。',
  NTFS_ATTRIBUTE_INVALID: '属性が正しくありません。',
  NTFS_RUNS_INVALID: 'ランリストが正しくありません。',
  NTFS_NO_SUCH_STREAM: 'その名前のストリームはありません。',
  NTFS_STREAM_ENCRYPTED: 'ストリームが EFS で暗号化されています。ユーザーの鍵が必要です。',
  NTFS_STREAM_UNSUPPORTED: 'ストリームの格納方式に対応していません。',
  NTFS_STREAM_ELSEWHERE: 'ストリームの内容がこのボリュームにありません。',
  NTFS_COMPRESSION_INVALID: '圧縮データを展開できません。',
  NTFS_REPARSE_POINT_INVALID: 'リパースポイントが正しくありません。',
  NTFS_LOG_INVALID: '$LogFile の内容が正しくありません。',
  NTFS_SECURITY_INVALID: 'セキュリティ記述子が正しくありません。',
  NTFS_VALUE_INVALID: '属性の値が正しくありません。',
  NTFS_SHADOW_COPY_INVALID: 'シャドウコピーの構造が正しくありません。',
  NTFS_DEDUP_INVALID: 'データ重複除去の構造が正しくありません。',
  NTFS_INDEX_INVALID: 'インデックスを読み取れません。',
  NTFS_NOT_A_DIRECTORY: 'フォルダーではありません。',
  NTFS_ENTRY_STALE: 'インデックスのエントリが指すレコードは、すでに別のファイルのものか空きです。',
  NTFS_LINK_LOOP: 'リンクが循環しているか、深すぎます。',
  NTFS_LINK_OUTSIDE: 'リンク先がこのボリュームの外にあります。',
  FAT_NOT_FAT: 'FAT のボリュームではありません。',
  FAT_CHAIN_BROKEN: 'クラスターのチェーンが途切れています。',
  FAT_NO_SUCH_STREAM: 'FAT のファイルに、その名前のストリームはありません。',
  VOLUME_LOCKED: 'ボリュームがロックされています。',
  VOLUME_UNRECOGNISED: 'ボリュームのファイルシステムを認識できません。',
  VOLUME_INCOMPLETE: 'ボリュームの一部が足りません。',
  FILE_SYSTEM_UNSUPPORTED: 'このファイルシステムには対応していません。',
  HIVE_NOT_REGF: 'レジストリハイブではありません。',
  HIVE_TOO_SHORT: 'レジストリハイブが短すぎます。',
  HIVE_ROOT_UNREADABLE: 'レジストリハイブのルートキーを読み取れません。',
  HIVE_CELL_DAMAGED: 'レジストリハイブのセルが破損しています。',
  BCD_NOT_A_STORE: 'ブートストア（BCD）ではありません。',
  PE_INVALID: '実行ファイル（PE）ではないか、ヘッダーが正しくありません。',
  SIGNATURE_INVALID: '署名またはカタログファイル（.cat）の構造が正しくありません。',
  DUMP_NOT_FOUND: 'クラッシュダンプではありません。',
  EVENT_DAMAGED: 'イベントログが破損しています。',
  RULE_INVALID: 'ルールファイルが正しくありません。',
  CONDITION_INVALID: 'ルールの条件式が正しくありません。',
  OUTPUT_FAILED: about('出力先', 'に書き込めません。'),
  OUTPUT_IS_INPUT: about(
    '出力先',
    'は読み取り中のファイルです。上書きすると失われるため、-o で別のファイルを指定してください。',
  ),
  QUEUE_UNREACHABLE: 'キューに接続できません。',
  QUEUE_DENIED: 'キューの認証に失敗しました。ユーザー名とパスワードを確認してください。',
  QUEUE_OTHER_RUN:
    'キューには、オプション、ルール、またはバージョンが異なる別の実行が登録されています。fleet cancel で取り消すか、同じ指定で実行してください。',
  QUEUE_EMPTY: 'キューには何も登録されていません。先に fleet submit を実行してください。',
  WORKER_LOST: 'このイメージの判定中に、担当したワーカーがいずれも異常終了しました。イメージが原因と考えられます。',
  TARGET_REFUSED: '指定した条件では、このイメージを判定できません。',
  DIAGNOSTICS_REFUSED: 'この指定では診断ファイルを使用できません。',
  DIAGNOSTICS_DAMAGED: '診断ファイルが破損しています。',
  NOT_RECORDED: '診断ファイルに記録されていない範囲です。',
  OUT_OF_MEMORY: 'このイメージの判定に必要なメモリーが、1 件あたりの上限を超えました。',
  TIME_LIMIT: '時間内に判定できませんでした（応答がないか、--time-limit より長くかかります）。',
  HASH_LIMIT: about(
    'ファイル',
    'のハッシュは計算していません。イメージの実データに対して内容が大きすぎます（ほとんどが穴）。内容は cat で取り出せます。',
  ),
  REPAIR_REFUSED: 'この修復は実行できません。',
  REPAIR_NOT_STORED: '変更すべきセクターは、書き込めるファイルにそのままの形では存在しません。',
  REPAIR_UNEXPECTED_BYTES: 'イメージの内容が、計画時とも書き込み後とも一致しません。',
  REPAIR_JOURNAL_EXISTS: '取り消し用のファイルがすでに存在します。',
  REPAIR_JOURNAL_INVALID: '取り消し用のファイルではないか、変更されています。',
  REPAIR_WRITE_FAILED: '書き込みに失敗しました。',
};
