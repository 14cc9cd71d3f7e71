import type { BootManagerCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const bootManager: CauseTexts<BootManagerCauseId> = {
  'bcd-identity': {
    title: (facts) =>
      phrase`ディスクの識別子が書き換えられたため、ブートマネージャーが Windows を見つけられません。現在の識別子は ${facts.show('current')} ですが、ブートストアには ${facts.show('former')} が残っています。`,
    screen:
      'ブートマネージャーの青い画面に「必要なデバイスが接続されていないか、アクセスできません」、0xC000000E と表示されます。',
    proof:
      'ブートストアにあるディスク識別子が現在のものと異なり、ディスク上のほかの記録（MountedDevices、予備の GPT）によれば以前の識別子です。同じ識別子のディスクを知っている Windows に接続すると起こります。',
    remedy:
      '元の識別子をパーティションテーブルに書き戻す（数バイト）か、現在の識別子をブートストアに書き込んでください。同じイメージから作った Windows に接続してはいけません。識別子がまた書き換えられます。',
  },
  'bcd-device': {
    title: () => phrase`ブートストアが、このディスクにないパーティションから Windows を起動しようとしています。`,
    screen:
      'ブートマネージャーの青い画面に「必要なデバイスが接続されていないか、アクセスできません」、0xC000000E と表示されます。',
    proof:
      '既定のエントリのデバイスが、GUID またはシグネチャとオフセットでパーティションを指定していて、それに当てはまるパーティションがディスクにありません。「boot」や「locate」のエントリはパーティションを指定しないため、古くなることはありません。',
    remedy:
      'そのパーティションがどうなったかを調べてください。復元で識別子が変わったのならブートストアを直し、パーティション自体がなくなったのなら先に復元します。',
  },
  'bcd-missing': {
    title: () => phrase`ブートマネージャーが探す場所にブートストア（BCD）がありません。`,
    screen:
      '「お使いの PC のブート構成データが見つからないか、エラーが含まれています」、0xC000000F または 0xC0000034。',
    proof:
      'EFI システムパーティションの \\EFI\\Microsoft\\Boot\\BCD も、アクティブパーティションの \\Boot\\BCD もなく、パーティションはエラーなく読み取れました。',
    remedy: '回復環境からブートストアを作り直してください（bcdboot C:\\Windows）。',
  },
  'bcd-damaged': {
    title: (facts) => phrase`ブートストア ${facts.show('store')} が壊れています。`,
    screen: '「ブート構成データファイルに必要な情報が不足しています」、または 0xC0000034、0xC000014C。',
    proof: 'ファイルはありますが、ログを適用してもレジストリハイブとして読み取れません。',
    remedy: 'ファイルを退避し、回復環境から作り直してください（bcdboot C:\\Windows）。',
  },
  'bcd-default-missing': {
    title: () => phrase`ブートストアに、既定で起動できるエントリがありません。`,
    screen: 'ブートマネージャーが情報の不足（0xC0000098）を表示するか、Windows のないメニューを表示します。',
    proof:
      'ブートマネージャーのオブジェクトがないか、その既定のエントリが存在しない、または Windows を起動しないものです。',
    remedy: '既定のエントリを設定する（bcdedit /default）か、ブートストアを作り直してください（bcdboot C:\\Windows）。',
  },
  'bcd-wrong-loader-name': {
    title: (facts) =>
      phrase`ブートストアが起動する ${facts.show('path')} は、このファームウェア用のローダーではないか、その場所にありません。正しいローダーはディスク上にあります。`,
    screen: 'winload の名前とともに 0xC000000F、0xC0000359 または 0xC000007B。',
    proof:
      '既定のエントリが、UEFI 用のストアで .exe、BIOS 用のストアで .efi を指定しているか、同じパーティションの別のパスにあるファイルを指定しています。',
    remedy: 'ブートストアのパスを直してください（bcdedit /store <BCD> /set {default} path …）。',
  },
  'bcd-systemroot-wrong': {
    title: (facts) =>
      phrase`ブートストアは ${facts.show('path')} の Windows を起動しようとしますが、そこに Windows はありません。`,
    screen: 'System32 のファイル名とともに 0xC000000F、または停止コード 0x7B。',
    proof: '既定のエントリが Windows フォルダーとして指定するフォルダーが、そのパーティションにありません。',
    remedy: 'ブートストアのフォルダーを直してください（bcdedit /store <BCD> /set {default} systemroot \\Windows）。',
  },
};
