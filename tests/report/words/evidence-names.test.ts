import type { EvidenceName } from '@deadbox/core';
import { expect, test } from 'vitest';
import { structurePhrase } from '../../../packages/report/src/words/ja/structures.js';

// That every fixed name has a word is the compiler's work; names with something in them are told by patterns.
test.each<[EvidenceName, string]>([
  ['partition entry', 'パーティションエントリ'],
  ['partition entry 2', 'パーティションエントリ 2'],
  ['blank partition entry 1', '空のパーティションエントリ 1'],
  ['file record 42', 'ファイルレコード 42'],
  ['index entry of a.sys in $INDEX_ROOT', '$INDEX_ROOT 内の a.sys のインデックスエントリ'],
  ['$DATA attribute, resident', '$DATA 属性（常駐）'],
  ['start of /EFI/Boot/bootx64.efi', '/EFI/Boot/bootx64.efi の先頭'],
  ['contradiction of /Windows/System32', '/Windows/System32 の矛盾する箇所'],
  ['checksum of /bootmgr', '/bootmgr のチェックサム'],
  ['record of \\DosDevices\\C:', '\\DosDevices\\C: のレコード'],
  ['partition in /EFI/Microsoft/Boot/BCD', '/EFI/Microsoft/Boot/BCD 内のパーティション'],
  ['device in /Boot/BCD', '/Boot/BCD 内の device'],
  ['code of the master boot record', 'マスターブートレコードのコード'],
  ['BitLocker GUID (conversion)', 'BitLocker の GUID（暗号化の途中）'],
])('The evidence "%s" is called %s', (name, word) => {
  expect(
    structurePhrase(name)
      .map(({ text }) => text)
      .join(''),
  ).toBe(word);
});
