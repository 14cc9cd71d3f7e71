/** What was looked at and is no cause of its own, and why; shown in docs/causes.ja.md. */
export const undecided: Readonly<Record<string, string>> = {
  'policy-hang':
    'ポリシーの適用が止まっているのか、時間がかかっているだけなのかは、ディスクからは区別できません。イベントログにサービス名が残る程度です。',
  'secure-boot-state':
    'ファームウェアがどの証明書を信頼するかはファームウェアの変数にあり、ディスクにはありません。レジストリに残る予定の値は Windows の意図を示すだけで、移行先のマシンの状態は示しません。',
  'volume-formats-of-the-host':
    '仮想マシンのコントローラー、ファームウェアの種類、変数はハイパーバイザー側にあります。代わりに、どのプラットフォームで起動できるかを報告します。',
  'dc-update-loop':
    'ドメインコントローラーの再起動を引き起こす更新プログラムは、ビルドとパッケージで特定できます。更新プログラムごとにルールファイルで判定します。',
  'bcd-resume-stale (volume changed since)':
    '休止状態のイメージがない、または無効な場合は検出します。イメージの作成後にボリュームが変更されたかどうかは比較しません。',
  'hibernated-mismatch (another machine)':
    '別のハードウェアで作成されたことは、公開されていない形式でイメージに記録されています。ボリュームとの比較は時刻だけで行います。',
  'catalog-store-damaged (large stores)':
    'カタログが 64 個または 2 MiB を超える場合は、空のものと新しいものを調べますが、すべては読みません。ドライバーがカタログに登録されているかどうかは、それより小さい場合にだけ判定します。',
  'core-file-bad (content of large files)':
    'コアファイルは先頭から 4 MiB 分、ドライバーも同じ分までダイジェストを照合します。カーネルのような大きなファイルは 16 MiB までチェックサムを照合します。それを超える分はヘッダーと長さだけを調べます。',
  'lsa-package-missing (RunAsPPL)': 'LSASS のプラグインに、保護プロセスに必要な署名があるかどうかは調べません。',
  'ci-blocked-driver (writable and executable sections)':
    'ブロックされたドライバーはイベントログから分かります。一度も読み込まれていないドライバーのセクションは調べません。',
  'ntfs-log-unreplayable (sequence numbers behind)':
    '再開ページの破損は検出します。ログより先の番号を持つレコードがあるかどうかは比較しません。',
};
