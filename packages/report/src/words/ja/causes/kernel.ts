import type { KernelCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';
import { copyPlace, fileState } from './file-state.js';

const STOP_7B = '停止コード 0x7B（INACCESSIBLE_BOOT_DEVICE）、またはロゴ表示と再起動の繰り返し。';

export const kernel: CauseTexts<KernelCauseId> = {
  'boot-driver-not-boot': {
    title: (facts) =>
      facts.is('overridden', true)
        ? phrase`どの起動にも必要なドライバー ${facts.show('name')} が、このマシン用の設定で開始種別 ${facts.show('found')} に上書きされており、ローダーが読み込みません。`
        : phrase`どの起動にも必要なドライバー ${facts.show('name')} の開始種別が 0 ではなく ${facts.show('found')} のため、ローダーが読み込みません。`,
    screen: STOP_7B,
    proof:
      'ローダーが使うコントロールセットで、Services\\<ドライバー>\\Start が 0 でないか、最後のハードウェア（HardwareConfig\\LastId）の StartOverride が 0 ではありません。正常なマシンでは、これらのドライバーはどちらも 0 です。',
    remedy: '値を 0 にしてください。DWORD なので 4 バイトの上書きで済み、このドライバーが読み込まれるだけです。',
  },
  'boot-driver-key-missing': {
    title: (facts) => phrase`どの起動にも必要なドライバー ${facts.show('name')} がレジストリに登録されていません。`,
    screen: STOP_7B,
    proof:
      'コントロールセットに Services\\<ドライバー> のキーがなく、ほかの必須ドライバーの大半はあり、ハイブは壊れていません。',
    remedy:
      'キーを作り直す（Type 1、Start 0、ErrorControl 3、Group と ImagePath は同じバージョンのマシンに合わせる）か、バックアップから SYSTEM を戻してください。',
  },
  'boot-driver-file-bad': {
    title: (facts) =>
      phrase`カーネルとともに読み込まれるドライバー ${facts.show('name')} のファイル${fileState(facts)}: ${facts.show('path')}${copyPlace(facts)}`,
    screen: '.sys ファイルの名前とともに 0xC000000F、0xC0000098 または 0xC0000221、あるいは停止コード 0x7B。',
    proof:
      '開始種別が 0（上書きなし）のドライバーのファイルが、ない、空、未書き込み、ゼロだけ、イメージではない、途中で切れている、または別のプロセッサ向けです。ErrorControl が 3 のもの、およびどのマシンにも必要なものは起動を止めます。それ以外はなくても Windows が起動します。',
    remedy:
      '同じバージョンのファイルを戻してください。他社製ドライバーなら無効化（Start 4）でも構いませんが、フィルターの一覧に名前がない場合に限ります。',
  },
  'class-filter-dangling': {
    title: (facts) =>
      facts.is('reason', 'disabled')
        ? phrase`フィルター ${facts.show('name')} は無効ですが、クラス ${facts.show('class')} のフィルター一覧に残っているため、このクラスのデバイスが動きません。`
        : facts.is('reason', 'no-service')
          ? phrase`クラス ${facts.show('class')} のフィルター一覧にある ${facts.show('name')} というドライバーは存在しないため、このクラスのデバイスが動きません。`
          : phrase`クラス ${facts.show('class')} のフィルター一覧にある ${facts.show('name')} のファイル${fileState(facts)}。このクラスのデバイスが動きません。`,
    screen: '停止コード 0x7B、またはロゴ表示のまま停止。',
    proof:
      'プロセッサからボリュームまでの間にあるクラス（ディスク、コントローラー、システム、ボリューム）の UpperFilters または LowerFilters が、キーのない、開始種別 4 の、またはファイルが不良のサービスを指定しています。',
    remedy:
      '一覧から名前を取り除く（空になれば値ごと削除する）か、ドライバーを元に戻してください。ドライバーだけを無効にしてはいけません。',
  },
  'class-filter-default-missing': {
    title: (facts) =>
      phrase`クラス ${facts.show('class')} のフィルター一覧に、Windows 標準の ${facts.show('name')} がありません。`,
    screen: '停止コード 0x7B、またはディスクがオフラインのままになります。',
    proof:
      '正常なマシンでは、ディスククラスの UpperFilters に必ず partmgr があります。ボリュームクラスに volsnap や fvevol がないことは、手がかりにとどまります。',
    remedy: '名前を一覧の先頭に戻してください。',
  },
  'class-filter-third-party': {
    title: (facts) =>
      phrase`クラス ${facts.show('class')} に Windows 標準でないフィルターがあります: ${facts.show('name')}`,
    screen: 'それだけでは何も起きません。フィルターが失敗すると停止コード 0x7B または 0xD1。',
    proof:
      '一覧に Windows に含まれないドライバーがあり、そのファイルはあります。ウイルス対策、バックアップ、暗号化の製品は正常なマシンでもこうします。',
    remedy:
      'ダンプやログがこのドライバーを指す場合だけ、先に一覧から名前を取り除き、その後でドライバーを無効にしてください。',
  },
  'instance-filter': {
    title: (facts) =>
      facts.has('reason')
        ? phrase`デバイス ${facts.show('name')} に、読み込めないフィルター ${facts.show('filter')} が設定されています。`
        : phrase`ストレージがぶら下がるデバイス ${facts.show('name')} に、個別のフィルター ${facts.show('filter')} が設定されています。`,
    screen: 'ディスクが見える前に停止コード 0x7B。',
    proof:
      'PCI ルート、Hyper-V のバス、またはディスクが接続されていたコントローラーの Enum キーに UpperFilters か LowerFilters があります。確実に誤りといえるのは、そのフィルターを読み込めない場合だけです。',
    remedy: 'Enum キーからその値を削除してください。',
  },
  'storage-driver-absent': {
    title: (facts) =>
      facts.has('target')
        ? phrase`${facts.show('target')} では、この Windows はディスクを見つけられません。${facts.show('drivers')} がないか、起動時に読み込まれません。`
        : phrase`この Windows が起動時に読み込むストレージドライバーは、既知のどの環境のコントローラーにも合いません。`,
    screen: STOP_7B,
    proof:
      'その環境のコントローラー用のドライバーに、開始種別 0 でファイルが正常なものがありません。ドライバーストアにあるだけでは足りません。環境（--target）を指定しないときは、どこでも起動できない場合だけを報告します。',
    remedy:
      'ドライバーのあるコントローラー（IDE や SATA など）で一度起動し、目的のドライバーを入れてから移行するか、オフラインで組み込んでください（virt-v2v、DISM）。',
  },
  'start-override': {
    title: (facts) =>
      phrase`${facts.show('target')} に必要なドライバー ${facts.show('name')} を、Windows がこのハードウェアでは使わない設定にしています（StartOverride ${facts.show('found')}）。`,
    screen: STOP_7B,
    proof:
      'Services\\<ドライバー>\\Start は 0 ですが、HardwareConfig\\LastId の StartOverride が 0 ではありません。同じマシンでコントローラーだけを変えた場合は確実です。Windows にとって初めてのマシンには新しい番号が付き、上書きは効きません。',
    remedy:
      '上書きの値を 0 にしてください。DWORD なので 4 バイトの上書きで済み、ドライバーが一つ余分に読み込まれるだけです。',
  },
  'vpci-override': {
    title: (facts) =>
      phrase`${facts.show('target')} ではディスクが仮想 PCI バスの先にありますが、そのドライバー ${facts.show('name')} を Windows がこのハードウェアでは使わない設定にしています。`,
    screen: STOP_7B,
    proof:
      '第 2 世代の仮想マシンの NVMe ディスクは vmbus と vpci を経由します。vpci の StartOverride が 0 ではありません。',
    remedy: '上書きの値を 0 にしてください。DWORD なので 4 バイトの上書きで済みます。',
  },
  'device-unbound': {
    title: (facts) =>
      phrase`${facts.show('target')} 用のドライバーは読み込まれますが、コントローラー ${facts.show('name')} に対応するものとして登録されていません。`,
    screen: STOP_7B,
    proof:
      'Enum\\PCI にこのデバイスのインスタンスがなく、CriticalDeviceDatabase（Windows 7 以前）にも DriverDatabase\\DeviceIds（8 以降）にも項目がありません。',
    remedy:
      'このコントローラーを 2 台目として追加して一度起動し、ドライバーを登録させるか、ドライバーを組み込んでください（virt-v2v、DISM）。',
  },
  'boot-device-disabled': {
    title: (facts) => phrase`ディスクまでの経路にあるデバイスが無効になっています: ${facts.show('name')}`,
    screen: STOP_7B,
    proof:
      'ディスク、ボリューム、ディスクが接続されていたコントローラー、または Hyper-V のバスの Enum キーで、ConfigFlags のビット 0 が立っています。',
    remedy: 'そのビットを下ろしてください。DWORD なので 4 バイトの上書きで済みます。',
  },
  'acpi-enum-mapping': {
    title: () =>
      phrase`Windows は Hyper-V のバスを古い名前（ACPI\\VMBus）でしか知りません。新しいホストでは MSFT1000 です。`,
    screen: 'Hyper-V へのインポート後に停止コード 0x7B。',
    proof: 'Enum\\ACPI に VMBus があり、MSFT1000 がありません。古いホストのままなら起動します。',
    remedy: 'VMBus のキーを MSFT1000 として、Hyper_V_Gen_Counter_V1 を MSFT1002 として複製してください。',
  },
  'xen-residue': {
    title: () => phrase`Xen ツールのドライバーが、Xen 以外で動くマシンのバスに残っています。`,
    screen: '停止コード 0x7B、またはディスクがまったく見えません。',
    proof:
      'xenbus、xenfilt または xenvbd がカーネルとともに開始し、XENFILT がクラスのフィルターになっているか、XenPCI がデバイスを隠しています。しかもマシンが最後に動いた（または動かす予定の）環境は Xen ではありません。Xen 上ではこれが正常です。',
    remedy: '先にフィルター一覧から XENFILT を取り除き、その後でドライバーの開始種別を 4 にしてください。',
  },
  'xen-device-id': {
    title: (facts) => phrase`Xen のドライバーはプラットフォームデバイス ${facts.show('ids')} に結び付いています。`,
    screen: 'XenServer または XCP-ng で、複製、インポート、ツールの入れ替えの後に停止コード 0x7B。',
    proof:
      'Enum\\PCI に VEN_5853 のインスタンスがあり、ドライバーが割り当てられています。ホストがどのデバイスを見せるかはディスクからは分かりません。',
    remedy: 'ホスト側で platform:device_id をその番号に戻してください。',
  },
  'parallels-residue': {
    title: () => phrase`Parallels ツールのドライバーが、Parallels 以外で動くマシンに残っています。`,
    screen: '停止コード 0x7B。',
    proof:
      'prl_strg がディスクまたは CD-ROM クラスのフィルター一覧にあるか、prl_ で始まるドライバーがカーネルとともに開始します。',
    remedy: '先に一覧から prl_strg を取り除き、その後で prl_ のドライバーの開始種別を 4 にしてください。',
  },
  'elam-good-only': {
    title: (facts) =>
      facts.list('drivers').length > 0
        ? phrase`ウイルス対策が「良好」と判定したドライバーしか起動時に読み込まない設定ですが、ほかのドライバーがあります: ${facts.show('drivers')}`
        : phrase`ウイルス対策が「良好」と判定したドライバーしか起動時に読み込まない設定です。`,
    screen: 'ドライバーが読み込まれないまま起動するか、停止コード 0x7B。',
    proof:
      'Policies\\EarlyLaunch\\DriverLoadPolicy が 8 で、起動時に読み込まれるドライバーに Windows 標準でないものがあります。',
    remedy: '値を 3（良好、不明、不良だが必要なもの）にしてください。DWORD なので 4 バイトの上書きで済みます。',
  },
  'unsigned-driver': {
    title: (facts) => phrase`ドライバー ${facts.show('name')} が署名されていません: ${facts.show('path')}`,
    screen: 'ファイル名とともに 0xC0000428。',
    proof:
      '64 ビット Windows の起動時に読み込まれるドライバーに埋め込み署名がなく、すべて読み取ったカタログのどれにも載っていません（ほかのドライバーは載っています）。前回の起動はテストモードではありません。',
    remedy: '署名済みのファイルを戻すか、フィルター一覧に名前がなければドライバーを無効化（Start 4）してください。',
  },
  'san-policy': {
    title: (facts) => phrase`新しいディスクがオフラインのままになる設定です（SAN ポリシー ${facts.show('found')}）。`,
    screen: 'Windows は起動しますが、データディスクやその上のデータベースが見えません。',
    proof: 'Services\\partmgr\\Parameters\\SanPolicy が 3（すべてオフライン）または 4（内蔵のみオフライン）です。',
    remedy: '値を 1（すべてオンライン）にしてください。DWORD なので 4 バイトの上書きで済みます。',
  },
  'secure-launch': {
    title: () => phrase`Secure Launch が有効ですが、このバージョンの Windows Server では起動が止まります。`,
    screen: 'ロゴ表示のまま停止。',
    proof: 'Windows Server 2019 以前で DeviceGuard\\Scenarios\\SystemGuard\\Enabled が 1 です。',
    remedy: '値を 0 にしてください。DWORD なので 4 バイトの上書きで済みます。',
  },
  'minint-key': {
    title: (facts) => phrase`Windows が自分を Windows PE とみなします。キー ${facts.show('key')} があるためです。`,
    screen: '起動時にセットアップのような動作をし、プログラムが Windows PE では動かないと表示します。',
    proof:
      'コントロールセットに Control\\MiniNT があります。ReFS を使うための裏技で、正常に起動するマシンにも残っていることがあります。',
    remedy: 'キーを削除してください。',
  },
};
