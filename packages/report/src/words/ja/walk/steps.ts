import type { WalkStepId } from '@deadbox/triage/walk';
import { phrase, text } from '../../../document/phrase.js';
import type { WalkStepWords } from '../../walk/walk-words.js';

/** The questions of the steps, and how each is answered. */
export const steps: Readonly<Record<WalkStepId, WalkStepWords>> = {
  'container-header': {
    question: (facts) => phrase`このイメージの形式は何か。対応表はどこにあるか (${facts.show('structure')})`,
    lesson: (facts) =>
      phrase`形式は ${facts.show('format')} (${facts.show('variant')})。ブロックの並び順は自由なので、その位置を示す表の場所がヘッダーに書かれている。`,
  },
  'container-entry': {
    question: (facts) =>
      phrase`ディスクの先頭ブロックはファイルのどこにあるか (${text(facts.is('kind', 'directory') ? 'ディレクトリ' : '表')})`,
    lesson: (facts) =>
      phrase`このエントリ 1 つがディスクの ${facts.show('span')} バイト分を表す。以降の手順には、その場所を示すエントリを併記する。`,
  },
  mbr: {
    question: () => phrase`ディスクはパーティションに分かれているか`,
    lesson: (facts) =>
      facts.is('kind', 'gpt')
        ? phrase`セクター 0 は 55 AA で終わる。唯一のエントリの種類は EE なので、次のセクターに GPT があり、このセクターはそれを保護しているだけである。`
        : phrase`セクター 0 は 55 AA で終わる。446 バイト目から 16 バイトのエントリが 4 つ並び、目的のエントリは ${facts.show('slot')} 番目である。`,
  },
  'gpt-header': {
    question: () => phrase`パーティションエントリはどこにあるか`,
    lesson: (facts) =>
      phrase`${text(facts.is('copy', 'backup') ? '1 つ目のコピーは破損しているため、これはディスク末尾のバックアップである。' : '')}エントリが並ぶセクターと 1 エントリの大きさが書かれている。目的のエントリは ${facts.show('slot')} 番目である。`,
  },
  'partition-entry': {
    question: (facts) => phrase`ボリューム ${facts.show('volume')} はどこから始まるか`,
    lesson: () => phrase`先頭セクターの番号にセクターの大きさを掛けると、ボリュームが始まるバイト位置になる。`,
  },
  'bitlocker-header': {
    question: () => phrase`ボリュームを暗号化しているものは何か`,
    lesson: () =>
      phrase`NTFS の代わりに -FVE-FS- とあるので BitLocker である。メタデータのコピー 3 つの位置が書かれており、最初の正常なものを使う。`,
  },
  'bitlocker-metadata': {
    question: () => phrase`暗号化の方式は何か。元の先頭セクターはどこへ移ったか`,
    lesson: (facts) =>
      facts.is('locked', true)
        ? phrase`方式は ${facts.show('method')}。キーがないため、経路はここで終わる。`
        : phrase`方式は ${facts.show('method')}。キーは種類 ${facts.show('protector')} の保護機能から得た。ボリュームの先頭セクターは別の場所に移されている。以降は復号した内容である。`,
  },
  'boot-sector': {
    question: () => phrase`クラスターの大きさと $MFT の位置は`,
    lesson: (facts) =>
      phrase`${text(facts.is('copy', 'backup') ? '先頭セクターは破損しているため、これはファイルシステムの直後にあるバックアップである。' : '')}1 クラスターは ${facts.show('clusterSize')} バイト、1 ファイルレコードは ${facts.show('recordSize')} バイト。全ファイルの一覧である $MFT は、ここに書かれたクラスターから始まる。`,
  },
  mft: {
    question: () => phrase`$MFT の残りはどこにあるか`,
    lesson: () =>
      phrase`レコード 0 は $MFT 自身を表すので、それを知っているのはこのレコードだけである。属性が順に並び、ここで必要なのは $DATA である。`,
  },
  'folder-record': {
    question: (facts) => phrase`フォルダー ${facts.show('folder')} は何でできているか`,
    lesson: (facts) =>
      facts.is('found', true)
        ? phrase`レコード ${facts.show('record')} がこのフォルダーである。名前は $INDEX_ROOT から始まるインデックスに整列して入っている。`
        : phrase`レコード ${facts.show('record')} がこのフォルダーである。インデックスに ${facts.show('name')} という名前はない。`,
  },
  'index-root': {
    question: (facts) => phrase`${facts.show('name')} はどこにあるはずか`,
    lesson: (facts) =>
      facts.is('found', false)
        ? phrase`フォルダー内の名前はここから始まる。${facts.show('name')} は含まれていない。`
        : facts.is('inRoot', true)
          ? phrase`小さなフォルダーなので、名前はレコード自身の中にある。`
          : phrase`インデックスはレコードに収まらなくなっている。目的の名前までの名前は、インデックスのクラスター番号 ${facts.show('vcn')} のブロックにある。`,
  },
  'index-allocation': {
    question: (facts) => phrase`インデックスのブロック ${facts.show('vcn')} はどこにあるか`,
    lesson: () => phrase`ランは、見出しの 1 バイト、クラスター数、直前のランの先頭クラスターからの距離でできている。`,
  },
  'index-block': {
    question: (facts) => phrase`${facts.show('name')} はブロックのどこにあるか`,
    lesson: () =>
      phrase`ブロックは INDX で始まる。エントリは名前順に並び、それぞれの長さから次のエントリの位置が分かる。`,
  },
  'index-entry': {
    question: (facts) => phrase`${facts.show('name')} のレコード番号は`,
    lesson: (facts) =>
      phrase`エントリはレコード ${facts.show('record')} を指す。番号にレコードの大きさを掛けると $MFT 内の位置になり、$MFT のランはすでに分かっている。`,
  },
  'file-record': {
    question: (facts) =>
      facts.has('extensionOf')
        ? phrase`レコード ${facts.show('record')} はこのファイルの何を持っているか`
        : phrase`ファイルについて何が分かるか`,
    lesson: (facts) =>
      phrase`レコード ${facts.show('record')}、シーケンス ${facts.show('sequence')} は${text(facts.is('inUse', true) ? '使用中である' : '空きであり、ファイルは削除されている')}。ここに書かれたオフセットから属性が順に並ぶ。`,
  },
  'attribute-list': {
    question: () => phrase`内容の属性はどのレコードにあるか`,
    lesson: (facts) =>
      phrase`属性が 1 つのレコードに収まっていない。一覧によると、目的の属性はレコード ${facts.show('holder')} にある。`,
  },
  'data-attribute': {
    question: (facts) => (facts.has('file') ? phrase`$MFT はどのクラスターにあるか` : phrase`内容はどこにあるか`),
    lesson: (facts) =>
      facts.is('resident', true)
        ? phrase`内容は小さく、レコード自身の中にある (${facts.show('size')} バイト)。`
        : phrase`${facts.show('size')} バイトのうち ${facts.show('valid')} バイトが有効であり、それより後ろはクラスターの中身にかかわらずゼロとして読まれる。クラスターはランが示す。`,
  },
  content: {
    question: () => phrase`ファイルには何が書かれているか`,
    lesson: (facts) =>
      facts.is('compressed', true)
        ? phrase`保存されたままの先頭のバイト列。NTFS が圧縮している。`
        : phrase`全 ${facts.show('size')} バイトの先頭部分。`,
  },
  'fat-boot-sector': {
    question: () => phrase`FAT ボリュームの配置は`,
    lesson: (facts) =>
      phrase`${facts.show('type')}、1 クラスターは ${facts.show('clusterSize')} バイト。先にアロケーションテーブルがあり、クラスター番号は 2 から始まる。`,
  },
  'fat-entry': {
    question: (facts) => phrase`${facts.show('name')} はどのクラスターから始まるか`,
    lesson: (facts) => phrase`クラスター ${facts.show('cluster')}。長い名前はこの手前のエントリにある。`,
  },
  'hive-base-block': {
    question: () => phrase`ハイブは正常か。ルートキーはどこにあるか`,
    lesson: (facts) =>
      facts.is('dirty', true)
        ? phrase`2 つのシーケンス番号またはチェックサムから、書き込みが完了していないことが分かる (ログ: ${facts.show('recovery')})。ハイブ内のオフセットはファイルの 4096 バイト目から数える。`
        : phrase`2 つのシーケンス番号が等しいので、ハイブは正常に閉じられている。ハイブ内のオフセットはファイルの 4096 バイト目から数える。`,
  },
  'hive-log': {
    question: (facts) => phrase`ログ ${facts.show('name')} は何を加えるか`,
    lesson: (facts) =>
      phrase`エントリにはハイブのページがそのまま入っている。${facts.show('entries')} 個をメモリ上でファイルに重ねた。書き込みは行っていない。`,
  },
  'key-node': {
    question: (facts) =>
      facts.is('what', 'value')
        ? phrase`${facts.show('name')} の値はどこにあるか`
        : facts.is('what', 'subkey')
          ? phrase`${facts.show('name')} のサブキーはどこにあるか`
          : phrase`キー ${facts.show('name')} には何が書かれているか`,
    lesson: (facts) =>
      facts.has('sought')
        ? phrase`セルの先頭は大きさで、使用中は負の数になる。${facts.show('sought')} を探す一覧のセルがキーノードに書かれている。`
        : phrase`セルの先頭は大きさで、使用中は負の数になる。これが目的のキーである。`,
  },
  'subkey-list': {
    question: (facts) => phrase`キー ${facts.show('sought')} はどのセルか`,
    lesson: (facts) =>
      facts.is('found', true)
        ? phrase`一覧には ${facts.show('count')} 個の要素 (${facts.show('kind')}) が名前順に並ぶ。`
        : phrase`一覧には ${facts.show('count')} 個の要素 (${facts.show('kind')}) があるが、${facts.show('sought')} という名前はない。`,
  },
  'value-list': {
    question: (facts) => phrase`値 ${facts.show('sought')} はどのセルか`,
    lesson: (facts) =>
      facts.is('found', true)
        ? phrase`一覧には値のセルが ${facts.show('count')} 個並ぶ。`
        : phrase`一覧には ${facts.show('count')} 個の要素があるが、${facts.show('sought')} という名前はない。`,
  },
  'key-value': {
    question: (facts) => phrase`${facts.show('name')} はどのような値か`,
    lesson: (facts) =>
      facts.is('inline', true)
        ? phrase`${facts.show('type')}、${facts.show('size')} バイト。短いのでレコード自身に入っている: ${facts.show('text')}`
        : phrase`${facts.show('type')}、${facts.show('size')} バイト。データは別のセルにある。`,
  },
  'value-data': {
    question: (facts) => phrase`${facts.show('name')} の値は`,
    lesson: (facts) => phrase`${facts.show('text')}`,
  },
  'boot-log-header': {
    question: () => phrase`最新の記録はログのどこにあるか`,
    lesson: (facts) =>
      phrase`ログは循環しており、${facts.show('starts')} 回の起動の記録が ${facts.show('entries')} 個ある。古いものは上書きされる。`,
  },
  'boot-log-entry': {
    question: () => phrase`ブートマネージャーは何を記録したか`,
    lesson: (facts) =>
      facts.has('status')
        ? phrase`${facts.show('number')} 番目の記録が最後の失敗である: ${facts.show('status')}${facts.has('file') ? phrase`、${facts.show('file')}` : text('')}。`
        : phrase`${facts.show('number')} 番目、最新の記録。ログに失敗はない。`,
  },
  evidence: {
    question: (facts) => phrase`そこには何が書かれているか (${facts.show('what')})`,
    lesson: () => phrase`診断の根拠となったバイト列である。`,
  },
};
