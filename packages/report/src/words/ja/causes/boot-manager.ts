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
  'bcd-default-setup': {
    title: () =>
      phrase`ブートストアの既定のエントリが、インストール済みの Windows ではなく、Windows セットアップまたは回復システムを起動します。`,
    screen: '起動のたびに Windows セットアップ、Windows PE、またはロールバックになります。',
    proof:
      '既定のエントリが Windows PE とされているか、RAM ディスク、\\$WINDOWS.~BT、\\Recovery から起動します。アップグレードの途中でも、終わるまでは同じ状態です。',
    remedy: 'インストール済みの Windows のエントリを既定にしてください（bcdedit /store <BCD> /default {id}）。',
  },
  'bcd-imc': {
    title: () => phrase`ブートストアの既定のエントリに、カーネルが停止する設定（imcdevice、imchivename）があります。`,
    screen: '停止コード 0x67、CONFIG_INITIALIZATION_FAILED。',
    proof: 'エントリに要素 21000138 または 22000137 があります。普通のブートストアにはありません。',
    remedy:
      '両方の要素を削除してください（bcdedit /store <BCD> /deletevalue {default} imcdevice、imchivename も同様）。',
  },
  'bcd-bootsequence': {
    title: (facts) =>
      facts.list('stale').length > 0
        ? phrase`ブートマネージャーは次回だけ ${facts.show('entries')} を起動するよう指定されていますが、そのエントリはありません。`
        : phrase`ブートマネージャーは次回だけ ${facts.show('entries')} を起動するよう指定されています。`,
    screen: '一度だけ、いつもと違うシステムが起動するか、ブートマネージャーのエラーになります。',
    proof: '{bootmgr} の要素 bootsequence（24000002）に指定があります。1 回の起動で消えます。',
    remedy: '対処は不要です。消すには bcdedit /store <BCD> /deletevalue {bootmgr} bootsequence。',
  },
  'bcd-resume-stale': {
    title: () => phrase`ブートマネージャーは休止状態からの再開を指定されていますが、再開できるものがありません。`,
    screen: 'winresume のエラー（0xC000000F、0xC0000411）、または「再開しています」のまま終わりません。',
    proof:
      '{bootmgr} の要素 attemptresume（26000005）が有効で、hiberfil.sys がないか、空か、使用済みです。再開に失敗してから普通に起動するだけなら正常です。',
    remedy: '無効にしてください（1 バイト、bcdedit /store <BCD> /set {bootmgr} attemptresume off）。',
  },
  'bcd-custom-kernel': {
    title: (facts) =>
      phrase`既定のエントリが指定するファイル（${facts.show('element')}）がありません: ${facts.show('path')}`,
    screen: 'ファイル名とともに 0xC0000221 または 0xC000000F。',
    proof: '要素 kernel、hal、dbgtransport（22000011～22000013）が指定するファイルが System32 にありません。',
    remedy:
      '要素を削除して通常のファイルを使うようにしてください（bcdedit /store <BCD> /deletevalue {default} kernel、hal や dbgtransport も同様）。',
  },
  'bcd-debug-wait': {
    title: (facts) =>
      phrase`ブートストアでデバッグが有効になっています（${facts.show('elements')}）。デバッガーがないと、起動が待ち続けることがあります。`,
    screen: 'エラーもダンプもなく、ロゴの画面で停止します。',
    proof:
      '要素 debug（260000A0）または bootdebug（16000010）が有効です。{dbgsettings} や {hypervisorsettings} のデバッガー設定はどのストアにもあり、関係ありません。',
    remedy: '無効にしてください（1 バイト、bcdedit /store <BCD> /debug {default} off、/bootdebug {default} off）。',
  },
  'bcd-memory-limit': {
    title: () => phrase`既定のエントリで、テスト用のようにメモリまたはプロセッサが制限されています。`,
    screen: '0xC0000017、停止、または非常に遅い起動。',
    proof: 'エントリに truncatememory（1 GiB 未満）、removememory、numproc、onecpu のいずれかがあります。',
    remedy:
      '削除してください（bcdedit /store <BCD> /deletevalue {default} truncatememory、removememory、numproc、onecpu も同様）。',
  },
  'recovery-loop': {
    title: () =>
      phrase`直近の起動が失敗したため、回復環境が自動的に立ち上がります。これは結果であり、原因ではありません。`,
    screen: '起動のたびに「自動修復を準備しています」と表示され、回復環境になります。',
    proof:
      'ブートマネージャーの記録では直近 2 回の起動が失敗または回復環境で終わっていて、エントリがそれを許可しています。',
    remedy:
      '原因を探してください。本来のメッセージを見るには bcdedit /store <BCD> /set {default} recoveryenabled no としますが、これで直るわけではありません。',
  },
  'winre-broken': {
    title: (facts) => phrase`回復環境を起動できません。${facts.show('missing')} がありません。`,
    screen: '起動に失敗した後、Winre.wim または boot.sdi の名前とともに 0xC000000F。',
    proof: '回復環境のエントリは RAM ディスクから起動しますが、そのイメージまたは先頭に使うファイルがありません。',
    remedy: '代わりにインストールメディアから起動してください。直った後に reagentc /enable を実行します。',
  },
  'boot-log-failure': {
    title: (facts) =>
      facts.has('path')
        ? phrase`記録された最後の起動は ${facts.show('path')} で ${facts.show('status')} により失敗しましたが、ディスク上に説明のつく原因がありません。`
        : phrase`記録された最後の起動は ${facts.show('status')} により失敗しましたが、ディスク上に説明のつく原因がありません。`,
    screen: 'ブートマネージャーがこの状態コードを表示します。',
    proof:
      'ブートマネージャーが自分のログ（BOOTSTAT.DAT）に失敗を記録し、その後に起動の記録がありません。その後に修復された原因も、同じ記録を残します。',
    remedy: '起動を試してください。また失敗する場合は、deadbox why <状態コード> で意味を調べます。',
  },
};
