import { data, type Phrase, phrase, text } from '../../document/phrase.js';

/** Names that evidence has in reports, which are English data, and what they are in Japanese; what is not listed stays as it is. */
const STRUCTURES: readonly (readonly [RegExp, (...found: string[]) => Phrase])[] = [
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
  [/^partition entry$/, () => phrase`パーティションエントリ`],
  [/^start of the volume$/, () => phrase`ボリュームの先頭`],
  [/^damaged partition table$/, () => phrase`破損したパーティションテーブル`],
];

/** The name of a structure in Japanese. */
export function structurePhrase(what: string): Phrase {
  for (const [pattern, say] of STRUCTURES) {
    const found = pattern.exec(what);
    if (found !== null) return say(...found.slice(1));
  }
  return [data(what)];
}
