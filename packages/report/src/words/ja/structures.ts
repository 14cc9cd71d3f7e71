import type { FixedEvidenceName } from '@deadbox/core';
import { data, type Phrase, phrase, text } from '../../document/phrase.js';

/**
 * Names that evidence has in reports, which are English data, and what they are in Japanese; names of products and of
 * unknown things stay.
 */
const STRUCTURES: Readonly<Record<FixedEvidenceName, string>> = {
  'partition entry': 'パーティションエントリ',
  'damaged partition table': '破損したパーティションテーブル',
  'GPT header in 4096-byte sectors': '4096 バイトセクターの GPT ヘッダー',
  'disk identity': 'ディスクの識別子',
  'volume manager': 'ボリュームマネージャー',
  'start of the volume': 'ボリュームの先頭',
  'start of hiberfil.sys': 'hiberfil.sys の先頭',
  'restart page of $LogFile': '$LogFile の再開ページ',
  'boot loader': 'ブートローダー',
  'BitLocker volume header': 'BitLocker のボリュームヘッダー',
  'BitLocker metadata block': 'BitLocker のメタデータブロック',
  'BitLocker clear key entry': 'BitLocker のクリアキーのエントリ',
  'LUKS1 header': 'LUKS1 ヘッダー',
  'LUKS2 header': 'LUKS2 ヘッダー',
  'LUKS2 secondary header': '2 つ目の LUKS2 ヘッダー',
  'APFS container superblock': 'APFS コンテナーのスーパーブロック',
  'APFS volume flags': 'APFS ボリュームのフラグ',
  'CoreStorage physical volume header': 'CoreStorage の物理ボリュームヘッダー',
  'VeraCrypt boot loader': 'VeraCrypt のブートローダー',
  'TrueCrypt boot loader': 'TrueCrypt のブートローダー',
  'DiskCryptor boot loader': 'DiskCryptor のブートローダー',
  'DiskCryptor loader configuration': 'DiskCryptor のローダー設定',
  'BestCrypt volume header': 'BestCrypt のボリュームヘッダー',
  'BestCrypt container header': 'BestCrypt のコンテナーヘッダー',
  'Check Point Full Disk Encryption text': 'Check Point Full Disk Encryption の文字列',
  'first sector, looks random': '乱数のように見える先頭セクター',
  'first sector of a partition, looks random': '乱数のように見えるパーティションの先頭セクター',
  'sector of the system encryption header, looks random': '乱数のように見えるシステム暗号化ヘッダーのセクター',
  'partition table of a disk much smaller than the drive': 'ドライブよりはるかに小さいディスクのパーティションテーブル',
  'BitLocker GUID': 'BitLocker の GUID',
  'BitLocker GUID (conversion)': 'BitLocker の GUID（暗号化の途中）',
  'BitLocker OEM name': 'BitLocker の OEM 名',
  'name offset of an attribute list entry': '属性リストのエントリにある名前のオフセット',
  'table of the protective MBR': '保護 MBR のパーティションテーブル',
  'end of the master boot record': 'マスターブートレコードの末尾',
  'code of the master boot record': 'マスターブートレコードのコード',
  'sectors of the file system': 'ファイルシステムのセクター数',
  'sectors before the volume': 'ボリュームより前のセクター数',
  'boot sector': 'ブートセクター',
  'heads of the disk': 'ディスクのヘッド数',
};

/** Names with a number or another name in them. */
const PATTERNS: readonly (readonly [RegExp, (...found: string[]) => Phrase])[] = [
  [
    /^file record (\d+)(?:: (.*))?$/s,
    (record, name = '') => phrase`ファイルレコード ${text(record)}${name === '' ? '' : phrase`: ${name}`}`,
  ],
  [/^index entry of (.*) in \$INDEX_ROOT$/s, (name) => phrase`$INDEX_ROOT 内の ${name} のインデックスエントリ`],
  [
    /^index entry of (.*) in \$INDEX_ALLOCATION block (\d+)$/s,
    (name, block) => phrase`$INDEX_ALLOCATION ブロック ${text(block)} 内の ${name} のインデックスエントリ`,
  ],
  [/^(\$[A-Z_]+) attribute, resident$/, (name) => phrase`${name} 属性（常駐）`],
  [/^(\$[A-Z_]+) attribute, non-resident$/, (name) => phrase`${name} 属性（非常駐）`],
  [/^partition entry (\d+)$/, (number) => phrase`パーティションエントリ ${text(number)}`],
  [/^blank partition entry (\d+)$/, (number) => phrase`空のパーティションエントリ ${text(number)}`],
  [/^contradiction of (.*)$/s, (name) => phrase`${name} の矛盾する箇所`],
  [/^start of (.*)$/s, (name) => phrase`${name} の先頭`],
  [/^(.*) boot code$/s, (name) => phrase`${name} のブートコード`],
  [/^registry value (.*)$/s, (name) => phrase`レジストリ値 ${name}`],
  [/^checksum of (.*)$/s, (name) => phrase`${name} のチェックサム`],
  [/^record of (.*)$/s, (name) => phrase`${name} のレコード`],
  [/^partition in (.*)$/s, (path) => phrase`${path} 内のパーティション`],
  [/^(\S+) in (.*)$/s, (name, path) => phrase`${path} 内の ${name}`],
];

/** Names that layers have in errors and issues; the name of a file is another. */
const LAYERS: Readonly<Record<string, string>> = {
  disk: 'ディスク',
  volume: 'ボリューム',
  hive: 'ハイブ',
  dump: 'ダンプ',
  superblock: 'スーパーブロック',
  catalog: 'カタログ',
  'boot sector': 'ブートセクター',
  'BitLocker volume': 'BitLocker のボリューム',
  'BitLocker volume header': 'BitLocker のボリュームヘッダー',
  'BitLocker metadata': 'BitLocker のメタデータ',
  'LUKS header': 'LUKS ヘッダー',
  'QCOW2 header': 'QCOW2 ヘッダー',
  'hive base block': 'ハイブのベースブロック',
  'registry value': 'レジストリの値',
  'registry log': 'レジストリのログ',
  'registry log entry': 'レジストリのログのエントリ',
  'event chunk': 'イベントログのチャンク',
  'event value': 'イベントの値',
  'boot log': 'ブートログ',
  'boot element': 'ブートストアの要素',
  'boot device': 'ブートストアのデバイス',
  'small dump': 'ミニダンプ',
  'dump header': 'ダンプのヘッダー',
  'WOF reparse data': 'WOF のリパースデータ',
  'LZNT1 stream': 'LZNT1 のストリーム',
  'XPRESS chunk': 'XPRESS のチャンク',
  'LZX chunk': 'LZX のチャンク',
  'zstd frame': 'zstd のフレーム',
};

/** A byte offset in a layer. */
export function placePhrase(layer: string, offset: number): Phrase {
  return Object.hasOwn(LAYERS, layer)
    ? phrase`${text(LAYERS[layer])}のバイト ${offset}`
    : phrase`${layer} のバイト ${offset}`;
}

function isFixedName(what: string): what is FixedEvidenceName {
  return Object.hasOwn(STRUCTURES, what);
}

/** The name of a structure in Japanese. */
export function structurePhrase(what: string): Phrase {
  if (isFixedName(what)) return [text(STRUCTURES[what])];
  for (const [pattern, say] of PATTERNS) {
    const found = pattern.exec(what);
    if (found !== null) return say(...found.slice(1));
  }
  return [data(what)];
}
