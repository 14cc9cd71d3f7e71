import type { FirmwareCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

const NO_SYSTEM =
  '「No operating system was found」のようなメッセージ、UEFI シェル、または次の起動デバイスに進みます。';

export const firmware: CauseTexts<FirmwareCauseId> = {
  'mbr-no-signature': {
    title: () => phrase`ディスクの先頭セクターにシグネチャがないため、ファームウェアはブートレコードとみなしません。`,
    screen: '「No bootable device」と表示されるか、次のデバイスやネットワークからの起動に進みます。',
    proof:
      'ディスクの 510・511 バイト目が 55 AA ではありませんが、パーティションテーブルは実在するボリュームを指しています。パーティションテーブルのないディスクなら、こうしたエントリはありません。',
    remedy: '55 AA を書き戻してください（2 バイト）。その後、何がこのセクターを上書きしたのかを調べます。',
  },
  'mbr-no-active': {
    title: () => phrase`アクティブなパーティションがないため、BIOS は起動するものを見つけられません。`,
    screen: '「Missing operating system」「A disk read error occurred」、または点滅するカーソル。',
    proof:
      'MBR のパーティションテーブルにアクティブ（80h）のエントリがなく、UEFI が起動できる EFI システムパーティションもありません。',
    remedy: '\\bootmgr と \\Boot\\BCD のあるパーティションをアクティブにしてください（1 バイト）。',
  },
  'mbr-two-active': {
    title: () =>
      phrase`パーティションテーブルで複数のパーティションがアクティブになっているか、アクティブの印の値が正しくありません。`,
    screen: '「Invalid partition table」。',
    proof:
      '1BEh からの 4 つのブートインジケーターのうち、80h は 1 つだけで、残りは 00h でなければなりません。ブートコードは未使用のエントリも調べます。',
    remedy:
      '\\bootmgr と \\Boot\\BCD のあるパーティションだけをアクティブにしてください（ほかのエントリごとに 1 バイト）。',
  },
  'mbr-code': {
    title: (facts) =>
      facts.is('code', 'empty')
        ? phrase`ディスクの先頭セクターにブートコードがありません（すべてゼロです）。`
        : phrase`ディスクの先頭セクターのブートコードは Windows のものではありません（${facts.show('code')}）。`,
    screen:
      '黒い画面に点滅するカーソル、「Missing operating system」、または別のブートローダーのメニューが表示されます。',
    proof:
      'ディスクシグネチャより前の 440 バイトがすべてゼロか、別のブートローダーの名前を含んでいます。Windows 2000 以降のコードであれば、それより新しい Windows も起動できます。別のブートローダーを意図して入れている場合もあります。',
    remedy:
      '回復環境から bootrec /fixmbr を実行して Windows のブートコードを書き込んでください。ディスクシグネチャとパーティションテーブルは変わりません。',
  },
  'vbr-no-code': {
    title: (facts) =>
      facts.is('why', 'old-code')
        ? phrase`アクティブパーティションのブートコードは古い Windows のローダー（NTLDR）を起動するもので、そこにあるブートマネージャーを起動しません。`
        : phrase`アクティブパーティションのブートセクターでは何も起動できません。`,
    screen: '「BOOTMGR is missing」「NTLDR is missing」、またはファームウェアの直後に停止します。',
    proof:
      'ブートセクターに 55 AA がない、パラメーターの後にコードがない、または \\bootmgr があるのに NTLDR を探すコードになっています。パーティション末尾のコピーから、以前は正常だったかどうかが分かります。',
    remedy:
      'パーティションの最後のセクターにある予備のブートセクターを書き戻してください。ただし予備があるのは NTFS の場合だけで、ブートコード 16 セクターのうち先頭の 1 セクターのみです。残りがブートマネージャーのコードでないときや、予備が別のボリュームを示しているときは、回復環境から bootsect /nt60 <ドライブ>: でコードを書き直してください。',
  },
  'vbr-hidden-sectors': {
    title: (facts) =>
      phrase`ブートセクターはパーティションの開始を ${facts.show('stated')} セクターとしていますが、実際は ${facts.show('wanted')} です。ブートコードが誤った場所を読み取ります。`,
    screen: '「A disk read error occurred」。chkdsk や sfc では何も見つかりません。',
    proof:
      'ブートセクターの 1Ch にある「ボリュームより前のセクター数」が、パーティションの開始位置と一致しません。使うのは BIOS での起動時のアクティブパーティションだけで、ほかのボリュームでは害はありません。復元、移動、ほかのツールでのフォーマットで起こります。',
    remedy: 'ブートセクターとそのコピーに正しい値を書き込んでください（4 バイトずつ）。',
  },
  'vbr-geometry-xp': {
    title: (facts) =>
      phrase`ブートセクターのヘッド数は ${facts.show('heads')} ですが、この大きさのボリュームでは Windows 2000～2003 のブートコードに ${facts.show('wanted')} が必要です。`,
    screen: '「A disk read error occurred」。',
    proof:
      'アクティブパーティションのコードが NTLDR を読み込むもので、1Ah のヘッド数がボリュームの大きさに合っていません。新しいブートコードはこの値を使いません。',
    remedy: '正しいヘッド数を書き込んでください（2 バイト）。',
  },
  'vbr-total-sectors': {
    title: (facts) =>
      phrase`ファイルシステムの大きさは ${facts.show('claimed')} バイトのはずですが、パーティションは ${facts.show('partition')} バイトしかありません。`,
    screen: '停止コード 0x7B または 0xED。ほかのシステムでは読み取り専用になるか、マウントできません。',
    proof:
      'NTFS ブートセクターの総セクター数がパーティションより大きくなっています。正常なボリュームではパーティションより 1 セクター小さい値です。パーティションテーブルかディスクが切り詰められています。',
    remedy:
      'パーティションを元の大きさに戻してください。ブートセクターの値を小さくしてはいけません。後ろにあるデータが失われます。',
  },
  'bootmgr-missing': {
    title: (facts) =>
      facts.is('state', 'absent')
        ? phrase`アクティブパーティションにブートマネージャー（bootmgr）がありません。`
        : phrase`アクティブパーティションのブートマネージャー（bootmgr）に中身がありません（${facts.show('state')}）。`,
    screen: '「BOOTMGR is missing. Press Ctrl+Alt+Del to restart」。',
    proof:
      'アクティブパーティションは読み取れましたが、ルートの \\bootmgr がないか、空か、すべてゼロです。ほかのボリュームにあるコピーは起動に使われません。',
    remedy:
      '\\Windows\\Boot\\PCAT\\bootmgr をアクティブパーティションのルートにコピーするか、回復環境から bcdboot C:\\Windows を実行してください。',
  },
  'bootmgr-compressed': {
    title: () => phrase`ブートマネージャー（bootmgr）が圧縮されていて、ブートセクターのコードでは読み取れません。`,
    screen: '「BOOTMGR is compressed. Press Ctrl+Alt+Del to restart」。',
    proof: '\\bootmgr の内容が NTFS で圧縮されているか、オーバーレイ（WOF）に置かれています。',
    remedy: '別のシステムから compact /u <ドライブ>:\\bootmgr で圧縮を解除してください。',
  },
  'esp-missing': {
    title: () => phrase`ディスクに EFI システムパーティションがないため、UEFI は起動するものを見つけられません。`,
    screen: NO_SYSTEM,
    proof:
      'GPT に EFI システムパーティションの種類を持つパーティションがなく、\\EFI\\Microsoft\\Boot のある FAT ボリュームもありません。Windows はディスクにあります。',
    remedy:
      '空き領域に 50 MB 以上の FAT32 パーティションをその種類で作り、回復環境から bcdboot C:\\Windows /s <ドライブ>: /f UEFI を実行してください。',
  },
  'esp-type-wrong': {
    title: (facts) =>
      phrase`Windows のブートマネージャーがあるパーティションの種類が EFI システムパーティションではありません（${facts.show('type')}）。`,
    screen: NO_SYSTEM,
    proof:
      'FAT ボリュームに \\EFI\\Microsoft\\Boot\\bootmgfw.efi がありますが、正しい種類のパーティションがありません。ファームウェアによっては（OVMF、Hyper-V）、フォールバック用のファイルがあればどの FAT ボリュームからでも起動します。',
    remedy:
      'パーティションの種類を C12A7328-F81F-11D2-BA4B-00A0C93EC93B にしてください（16 バイトとテーブルのチェックサム）。',
  },
  'esp-unreadable': {
    title: (facts) =>
      facts.has('path')
        ? phrase`EFI システムパーティションのブートマネージャーは、クラスターチェーンが途中で切れていて最後まで読み取れません。`
        : phrase`EFI システムパーティションに、ファームウェアが読み取れるファイルシステムがありません（${facts.show('fileSystem')}）。`,
    screen: NO_SYSTEM,
    proof:
      'パーティションの種類は EFI システムパーティションですが、FAT ファイルシステムがないか、bootmgfw.efi のクラスターチェーンがファイルの大きさより手前で終わっています。',
    remedy:
      '読み取れるものを保存してから FAT32 でフォーマットし、回復環境から bcdboot C:\\Windows /s <ドライブ>: /f UEFI を実行してください。',
  },
  'bootmgfw-missing': {
    title: (facts) =>
      facts.has('fallback')
        ? phrase`EFI システムパーティションの Windows ブートマネージャー（bootmgfw.efi）が使えません（${facts.show('state')}）。起動できるのは、フォールバックの ${facts.show('fallback')} を試すファームウェアだけです。`
        : phrase`EFI システムパーティションの Windows ブートマネージャー（bootmgfw.efi）が使えません（${facts.show('state')}）。`,
    screen: '「Boot failed」、UEFI シェル、または次の起動デバイス。',
    proof:
      'EFI システムパーティションは読み取れましたが、\\EFI\\Microsoft\\Boot\\bootmgfw.efi がない、空、すべてゼロ、途中で切れている、または実行可能ファイルではありません。',
    remedy:
      '\\Windows\\Boot\\EFI\\bootmgfw.efi をコピーするか、回復環境から bcdboot C:\\Windows を実行してください。正常で新しいファイルを古いもので上書きしてはいけません。',
  },
  'bootmgfw-differs': {
    title: () =>
      phrase`EFI システムパーティションのブートマネージャーは Windows フォルダーのものと異なります。これは正常です。`,
    screen: '何も起こりません。',
    proof:
      '2 つのファイルのリンク時刻、チェックサム、または大きさが異なります。セキュアブートの更新では、EFI システムパーティション側が先に新しくなります。',
    remedy: '対処は不要です。古いファイルは失効している可能性があるため、新しいファイルに上書きしてはいけません。',
  },
  'efi-fallback-missing': {
    title: (facts) =>
      phrase`フォールバック用の起動ファイル ${facts.show('path')} がありません。ブートエントリを失ったファームウェアは起動するものを見つけられません。`,
    screen:
      'インポートや復元の後、または新しい仮想マシンで、UEFI シェル、ネットワーク起動、「No operating system was found」になります。',
    proof:
      'EFI システムパーティションの bootmgfw.efi は正常ですが、ファームウェアが自分で試す名前のコピーがありません。ファームウェアにブートエントリが残っていれば起動します。',
    remedy:
      '\\EFI\\Microsoft\\Boot\\bootmgfw.efi をその名前でコピーするか、ファームウェアにブートエントリを追加してください。',
  },
  'efi-fallback-foreign': {
    title: (facts) =>
      phrase`フォールバック用の起動ファイル ${facts.show('path')} は別のシステムのものです（${facts.show('owner')}）。`,
    screen: 'ファームウェアが Windows のエントリを失うと、別のブートメニューやシステムが起動します。',
    proof:
      'ファイルの署名が Windows 用の認証局のものではないか、別のブートローダーの名前を含んでいます。意図したものかもしれません。',
    remedy:
      'ファームウェアで「Windows Boot Manager」を選ぶか、bootmgfw.efi のコピーをフォールバック用のファイルに戻してください。',
  },
  'efi-entry-mismatch': {
    title: (facts) =>
      phrase`ファームウェアのブートエントリはパーティション ${facts.show('entryPartition')}（番号 ${facts.show('entrySlot')}）を指していますが、現在の EFI システムパーティションは ${facts.show('partition')}（番号 ${facts.show('slot')}）です。`,
    screen: '「Boot loader did not load an operating system」「Unknown device」。',
    proof:
      '最後に計測された起動のログに、ブートエントリが指すパーティションの識別子と番号が残っています。問題になるのは、そのエントリがまだあるマシンだけです。新しいマシンにはありません。',
    remedy:
      'EFI システムパーティションの識別子とテーブル内の位置を元に戻すか、ファームウェアに新しいブートエントリを作ってください。',
  },
  'gpt-blank-entry': {
    title: (facts) =>
      phrase`パーティションテーブルのエントリ ${facts.show('slot')} が空で、Windows のエントリ（${facts.show('windows')}）より前にあります。`,
    screen: '停止コード 0x7B。',
    proof:
      'Windows 以外のツールがこうした隙間を残します。この Windows に影響するかどうかはディスクからは分かりません。0x7B で停止し、ほかに説明がつかない場合に疑ってください。',
    remedy: 'エントリを詰め、両方のテーブルのチェックサムを直してください。パーティションの番号が変わります。',
  },
  'gpt-protective': {
    title: (facts) =>
      facts.is('why', 'hybrid')
        ? phrase`GPT ディスクの保護 MBR に、ほかのパーティションも登録されています（ハイブリッド MBR）。`
        : phrase`GPT ディスクに保護 MBR がありません。`,
    screen: 'UEFI や Windows が、空のディスクまたは MBR ディスクとみなします。',
    proof: '先頭セクターに種類 EEh のエントリがない、シグネチャがない、またはほかのエントリが並んでいます。',
    remedy: 'ディスク全体を覆う種類 EEh のエントリを 1 つ書き込んでください（16 バイト）。',
  },
  'layout-vs-firmware': {
    title: (facts) => {
      const own = facts.is('firmware', 'bios') ? phrase`BIOS` : phrase`UEFI`;
      return facts.has('wanted') && !facts.is('wanted', facts.value('firmware') ?? null)
        ? phrase`このディスクは ${own} でしか起動できませんが、${facts.show('target')} のファームウェアはそうではありません。`
        : phrase`このディスクは ${own} でしか起動できません。`;
    },
    screen:
      'ファームウェアが合わないと、「Boot failure. Insert boot media」（第 1 世代）、「The boot loader failed」「No operating system was found」（第 2 世代）。',
    proof:
      'BIOS にはアクティブパーティションと \\bootmgr のある MBR ディスクが、UEFI にはブートマネージャーのある EFI システムパーティションが必要です。ここには一方しかありません。マシンのファームウェアがどちらかは、ディスクからは分かりません。',
    remedy:
      '仮想マシンのファームウェアを合わせてください。Hyper-V なら第 1 世代か第 2 世代、KVM なら SeaBIOS か OVMF、.vmx ファイルなら firmware = "bios" または "efi" です。',
  },
  'secure-boot-ca': {
    title: (facts) =>
      phrase`ブートマネージャーは ${facts.show('issuers')} の下で署名されています。セキュアブートが有効なら、ファームウェアがこの認証局を信頼している必要があります。`,
    screen: '信頼していないファームウェアでは「Security Violation」になるか、起動メニューが繰り返し表示されます。',
    proof:
      'bootmgfw.efi の署名に認証局の名前があります。ファームウェアが何を信頼し、何を失効させたかはディスクにはありません。',
    remedy:
      'ファームウェアに拒否される場合は、セキュアブートを無効にするか、新しいセキュアブート変数を使ってください。新しい認証局で署名されたコピーは \\Windows\\Boot\\EFI_EX にあります。',
  },
  'secure-boot-state': {
    title: (facts) => phrase`セキュアブートの更新が途中です（${facts.show('steps')}）。`,
    screen: '何も起こりません。別のファームウェアに移した後は「Security Violation」になることがあります。',
    proof:
      'SYSTEM ハイブの Control\\SecureBoot\\AvailableUpdates にビットが立っています。更新中のマシンでは普通のことです。',
    remedy:
      'マシンを移さないなら対処は不要です。移す前に更新を終わらせるか、セキュアブート変数も一緒に移してください。',
  },
  'boot-manager-damaged': {
    title: (facts) =>
      phrase`ブートマネージャー ${facts.show('path')} が壊れています。内容が署名されたものと異なります。`,
    screen: '「Security Violation」、0xC0430001、またはファームウェアの直後に停止します。',
    proof:
      'ファイルのダイジェストが署名の中のものと一致しません。署名がない場合は、ヘッダーのチェックサムが合いません。',
    remedy:
      '\\Windows\\Boot\\EFI\\bootmgfw.efi が正常ならそれで置き換えるか、回復環境から bcdboot C:\\Windows を実行してください。',
  },
  'bitlocker-will-ask': {
    title: () =>
      phrase`別のマシンで起動したり、TPM やセキュアブートが変わったりすると、BitLocker が回復キーの入力を求めます。`,
    screen:
      '「このドライブの回復キーを入力してください」、または BitLocker キーのある USB ドライブの接続を求める画面。',
    proof:
      'ボリュームのキーが TPM で保護されているか別のボリュームにあり、クリアキーがありません。キーを封印したマシンがそのままなら、自動的に解除されます。',
    remedy: 'マシンを移したり作り直したりする前に、保護機能の ID に対応する回復パスワードを用意してください。',
  },
};
