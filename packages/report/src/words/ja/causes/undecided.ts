/** What was looked at and is no cause of its own, and why; shown in docs/causes.ja.md. */
export const undecided: Readonly<Record<string, string>> = {
  'policy-hang':
    'ポリシーの適用が止まっているのか、時間がかかっているだけなのかは、ディスクからは区別できません。イベントログにサービス名が残る程度です。',
  'secure-boot-state':
    'ファームウェアがどの証明書を信頼するかはファームウェアの変数にあり、ディスクにはありません。レジストリに残る予定の値は Windows の意図を示すだけで、移行先のマシンの状態は示しません。',
  'volume-formats-of-the-host':
    '仮想マシンのコントローラー、ファームウェアの種類、変数はハイパーバイザー側にあります。代わりに、どのプラットフォームで起動できるかを報告します。',
};
