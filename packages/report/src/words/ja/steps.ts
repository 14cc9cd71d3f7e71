import { code, phrase, text } from '../../document/phrase.js';
import { imageWord } from '../facts.js';
import { linuxCommands, type StepWords } from '../step-words.js';

export const steps: StepWords = {
  'copy-first': () => phrase`何かを変更する前に、ディスクのスナップショットまたはコピーを取ってください。`,
  'repair-in-place': (facts) =>
    phrase`どの OS からでもイメージを直接修復できます: ${code(`deadbox fix ${imageWord(facts)}`)}（計画を表示するだけで、何も変更しません${facts.value('withKeys') === true ? text('。同じ鍵を指定してください') : text('')}）`,
  hibernated: () =>
    phrase`このボリュームの Windows は休止状態です。何も書き込まないでください。一度起動して ${code('shutdown /s /f /t 0')} で終了させてください。起動できない場合は先にそのセッションを破棄することになり、開いていた内容は失われます。`,
  'remove-on-linux': (facts) => phrase`または Linux で実行します: ${linuxCommands(facts)}`,
  'keep-disk-identity': () =>
    phrase`同じイメージから作られた Windows 上で、このディスクを絶対にオンラインにしないでください。ディスクに新しい ID が割り当てられ、サーバーが起動しなくなります（0xC000000E）。`,
  'tpm-bound': () =>
    phrase`BitLocker が TPM に紐付いているため、ブートファイルを変更すると回復パスワードを求められます。手元に用意してください。`,
  'mend-hive': (facts) =>
    phrase`レジストリハイブ ${facts.show('path')} を修復または復元してください（状態: ${facts.show('verdict')}）。確認せずに RegBack の内容で上書きしないでください。`,
  'boot-restore-disk-identity': (facts) =>
    phrase`ディスク ID を元の ${facts.has('former') ? facts.show('former') : text('ブートストアに記録された ID')} に書き戻してください（現在は ${facts.has('current') ? facts.show('current') : text('別の ID')}）。`,
  'boot-remove-safe-boot': () =>
    phrase`セーフブートの指定を削除してください: ${code('bcdedit /store <path to BCD> /deletevalue {default} safeboot')}`,
  'boot-correct-boot-store': () =>
    phrase`ブートストアのパスを修正してください: ${code('bcdedit /store <path to BCD> /set {default} path')}（または ${code('systemroot')}）。`,
  'boot-rebuild-boot-store': () => phrase`回復環境でブートストアを再作成してください: ${code('bcdboot C:\\Windows')}`,
  'boot-patch-boot-store': () =>
    phrase`または、現在のディスク ID に合わせてブートストアを書き直してください: ${code('bcdboot C:\\Windows')}`,
  'boot-restore-partition': () =>
    phrase`ブートストアが指しているパーティションを、パーティションテーブルのバックアップから復元してください。`,
  'boot-restore-loader-file': () =>
    phrase`欠けているローダーを戻してください: ${code('bcdboot C:\\Windows')} または ${code('DISM /Image:C:\\ /RestoreHealth')}`,
  'boot-mark-system-partition': () =>
    phrase`システムパーティションをアクティブにしてください: ${code('diskpart')} で ${code('select partition')}、${code('active')}`,
};
