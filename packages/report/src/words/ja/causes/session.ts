import type { SessionCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';
import { copyPlace } from './file-state.js';

export const session: CauseTexts<SessionCauseId> = {
  'software-hive-bad': {
    title: (facts) => phrase`レジストリハイブ ${facts.show('path')} がないか、壊れています。`,
    screen: 'ハイブの名前とともに停止コード 0xC0000218、またはサインインしてもすぐに戻されます。',
    proof: 'ハイブがないか、メモリー上でログを適用した後も正しくありません。',
    remedy:
      'このマシンのバックアップまたはシャドウコピーからハイブを取り出してください。SAM と SECURITY は必ず組で戻します。',
  },
  'session-manager-key': {
    title: (facts) =>
      facts.is('fault', 'no-program')
        ? phrase`セッションマネージャーが起動する ${facts.show('value')} がありません。`
        : phrase`セッションマネージャーの値 ${facts.show('name')} がないか誤っていて、Windows サブシステムを起動できません。`,
    screen: 'ロゴの直後に停止コード 0xC000021A または 0x71。',
    proof:
      'Session Manager\\SubSystems に Required、Windows、Kmode のいずれかがないか、そこに書かれたプログラムが存在しません。別のコントロールセットには値が残っていることがあります。',
    remedy:
      '値を元に戻してください（Required は Debug と Windows、Windows は %SystemRoot%\\system32\\csrss.exe ObjectDirectory=…、Kmode は \\SystemRoot\\System32\\win32k.sys）。全文は別のコントロールセットか、同じバージョンのマシンから写します。',
  },
  'core-process-bad': {
    title: (facts) =>
      facts.is('state', 'absent')
        ? phrase`Windows のセッションに必ず必要なファイル ${facts.show('path')} がありません${copyPlace(facts)}。`
        : phrase`Windows のセッションに必ず必要なファイル ${facts.show('path')} が壊れています${copyPlace(facts)}。`,
    screen: '停止コード 0xC000021A、0xEF、0x6B、または 0xC0000135、0xC0000142 のメッセージ。',
    proof:
      'ファイルがない、空、一度も書き込まれていない、すべてゼロ、実行可能イメージではない、またはヘッダーの示す長さより短い状態で、周囲のファイルの大半は正常です。',
    remedy:
      '同じバージョンのファイルを、コンポーネントストア（壊れたファイルへのハードリンクではなく別のファイルレコードのもの）、バックアップ、または同じビルドのマシンからコピーし、その後 sfc /scannow を実行してください。',
  },
  'boot-execute-dangling': {
    title: (facts) => phrase`起動の最初に実行するよう指定されたプログラムがありません（${facts.show('entry')}）。`,
    screen: 'サインイン画面の前に、メッセージのない黒い画面で止まります。',
    proof:
      'Session Manager\\BootExecute の項目が、System32 にないプログラムを指定しています。既定の項目は「autocheck autochk *」です。ほかの製品の項目でも、プログラムがあれば正常です。',
    remedy: 'その項目を BootExecute から取り除き、「autocheck autochk *」だけを残してください。',
  },
  'known-dlls': {
    title: (facts) => phrase`すべてのプログラムが共有するライブラリ ${facts.show('path')} がないか、壊れています。`,
    screen: '0xC0000135 または 0xC0000142 のメッセージ、あるいは停止コード 0xC000021A。',
    proof:
      'Session Manager\\KnownDLLs にあるライブラリが System32 にありません。ほかのプロセッサー用のもの（wow64…、wowarm…、xtajit…）はどのマシンにも書かれていて、実物がなくても正常です。',
    remedy:
      'コンポーネントストアまたは同じビルドのマシンからライブラリをコピーするか、他社製品の名前であれば KnownDLLs から取り除いてください。',
  },
  'pending-renames': {
    title: (facts) =>
      facts.is('deletes', true)
        ? phrase`次の起動で、Windows に必要なファイル ${facts.show('path')} が削除されます。`
        : phrase`次の起動で、Windows に必要なファイル ${facts.show('path')} が置き換えられます。`,
    screen: '実行された起動から、停止コード 0xC000021A またはライブラリが見つからないというメッセージ。',
    proof:
      'PendingFileRenameOperations に、元または先が中核ファイルである項目があります。それ以外の項目は、更新の後なら数千あっても正常です。',
    remedy:
      'PendingFileRenameOperations からその組を取り除いてください。すでに実行されていれば、ファイルを元に戻します。',
  },
  'servicing-stuck': {
    title: (facts) =>
      facts.has('path')
        ? phrase`始まった更新が終わっておらず、起動のたびに続きを実行しようとしています（${facts.show('path')}）。`
        : phrase`始まった更新が終わっていません（サービススタックの記録 ${facts.show('key')}）。`,
    screen:
      '「Windows の準備をしています」「更新プログラムを構成しています」「変更を元に戻しています」が終わりません。更新の後に停止コード 0xC000021A または 0x7B が出ることもあります。',
    proof:
      'WinSxS\\pending.xml があり SetupExecute が poqexec.exe を実行する、コンポーネントストアに作業中の印がある、または完了していないサービスセッションがあります。その後に Windows が起動しているか、起動に 2 回失敗していれば、止まっていると言えます。再起動待ち（RebootPending）だけなら異常ではありません。',
    remedy:
      '回復環境で dism /image:C:\\ /cleanup-image /revertpendingactions を実行してください。それが失敗したときに限り、pending.xml の名前を変え、SetupExecute を空にし、コンポーネントストアの印を消します（ストアを先に）。',
  },
  'servicing-log-full': {
    title: (facts) =>
      phrase`レジストリのトランザクションログがいっぱいで、更新が失敗しています（${facts.show('path')} の記録）。`,
    screen: '更新が 0x800719E4 で失敗し、起動のたびに元に戻されます。',
    proof:
      'サービスのログの末尾に ERROR_LOG_FULL（0x800719E4）があります。config\\TxR のファイルはどのマシンにもあり、何の証拠にもなりません。',
    remedy:
      'バックアップの後、Windows が止まっている間に System32\\config\\TxR の *.blf と *.regtrans-ms を取り除いてください。ハイブの .LOG1 と .LOG2 には決して触れないでください。',
  },
  'update-mixed': {
    title: (facts) =>
      phrase`更新が元に戻された後、別のビルドのファイルが残っています。${facts.show('path')} はビルド ${facts.show('found')}、Windows は ${facts.show('build')} です。`,
    screen: '更新が取り消された後、停止コード 0x7B、0xC000021A または 0xED。',
    proof:
      'サービスのログに取り消された失敗の記録があり、中核ファイルのビルドがレジストリと異なります。ファイルを共有するビルド（19041 から 19045 など）は数えません。',
    remedy:
      'dism /image:C:\\ /cleanup-image /revertpendingactions を実行し、だめなら同じビルドのインストールメディアで修復してください。',
  },
  'setup-mode-command': {
    title: (facts) =>
      facts.is('waiting', true)
        ? phrase`一般化されたテンプレートです。最初の起動でセットアップが実行されます。`
        : facts.is('missing', true)
          ? phrase`サインイン画面の代わりに起動する ${facts.show('command')} がありません。`
          : facts.has('command')
            ? phrase`サインイン画面の代わりに ${facts.show('command')} が起動します。セットアップが終わっていないか、誰かが侵入に使った設定です。`
            : phrase`Windows はセットアップの途中だと判断しています。`,
    screen: '「お待ちください」、または「コンピューターが予期せず再起動されたか、予期しないエラーが発生しました」。',
    proof:
      'SYSTEM\\Setup の SetupType または SystemSetupInProgress が 0 ではありません。プログラムがなければ確実です。一般化した直後のテンプレート（oobe\\windeploy.exe）は、最初の起動を待っているだけです。',
    remedy:
      'SetupType を 0 にしてください（4 バイト）。CmdLine が oobe\\windeploy.exe でなければ SystemSetupInProgress も 0 にします。パスワードの再設定にも使われる方法なので、誰が設定したかを調べてください。',
  },
  'sysprep-interrupted': {
    title: (facts) =>
      facts.has('completion')
        ? phrase`セットアップの特殊化（specialize）が中断され、先へ進めません。`
        : phrase`このイメージの Sysprep は失敗していて、展開不可と記録されています。`,
    screen:
      '「Windows はシステムの構成を完了できませんでした」、または「コンピューターが予期せず再起動され…Windows のインストールを続行できません」。',
    proof:
      'SYSTEM\\Setup\\Status\\ChildCompletion の setup.exe が 1 または 2 で SetupType が 0 でないか、ImageState が IMAGE_STATE_UNDEPLOYABLE です。RESEAL_TO_OOBE で終わる状態は正常です。',
    remedy:
      'Windows\\Panther\\UnattendGC\\setuperr.log を読んで応答ファイルを直し、イメージを展開し直してください。setup.exe を 3 にすると先へ進めますが、構成が半端になるおそれがあります。',
  },
  'upgrade-interrupted': {
    title: () => phrase`Windows のアップグレード、またはその取り消しが終わっていません。`,
    screen: '起動のたびに Windows セットアップ、または「以前のバージョンの Windows を復元しています」。',
    proof:
      'SYSTEM\\Setup の Upgrade または RollbackActive が 0 ではありません。フォルダー $WINDOWS.~BT だけなら、アップグレードしたどのマシンにも何日か残ります。',
    remedy: '取り消しを終わらせるか、ブートストアの既定のエントリをインストール済みの Windows に戻してください。',
  },
  'chkdsk-each-boot': {
    title: (facts) =>
      facts.has('entry')
        ? phrase`起動のたびに、Windows より先にディスクの検査が実行されます（${facts.show('entry')}）。`
        : facts.is('underWay', true)
          ? phrase`ディスクの検査中にマシンが止まったため、起動のたびに検査が最初から始まります。`
          : facts.is('damaged', true)
            ? phrase`ファイルシステムに要検査の印と破損があり、起動のたびにディスクが検査されます。`
            : phrase`ファイルシステムに要検査の印があり、次の起動でディスクが検査されます。`,
    screen: '「ドライブ (C:) をスキャンして修復しています」などが何時間も続くか、起動のたびに出ます。',
    proof:
      '$Volume のダーティフラグに加え、検査の途中である、起動時に読まれるフォルダーに破損がある、または BootExecute で検査が強制されています。フラグだけなら検査は一度きりです。',
    remedy:
      '終わるまで待つか、高速なストレージに置いて回復環境から chkdsk /f を実行してください。フラグを消すのは破損の内容が分かってからです。',
  },
  'disk-full': {
    title: (facts) =>
      phrase`Windows のボリュームがいっぱいです。空きは ${facts.show('total')} バイト中 ${facts.show('free')} バイトです。`,
    screen: '「お待ちください」が終わらない、0xC0000017 または 0xC000007F、更新の繰り返し、起動しないサービス。',
    proof: '$Bitmap の空きクラスターが 300 MB 未満か、1 % 未満です。',
    remedy:
      'ディスクとボリュームを大きくするか、不要と分かっているもの（MEMORY.DMP、$Recycle.Bin、SoftwareDistribution\\Download）を消してください。',
  },
  'pagefile-other-disk': {
    title: (facts) =>
      phrase`ページファイルがすべて別のボリュームにあります（${facts.show('files')}）。それがないとクラッシュダンプは残りません。`,
    screen: 'サインインの後に一時的なページファイルについてのメッセージ。Windows は起動します。',
    proof: 'PagingFiles に Windows 以外のドライブ文字しかありません。これだけで起動が止まることはありません。',
    remedy: 'そのディスクも一緒に接続するか、Windows のボリュームで自動管理にしてください。',
  },
  'safe-boot-left': {
    title: (facts) =>
      phrase`ブートストアの指定により、Windows が毎回セーフモードで起動します（${facts.show('mode')}）。`,
    screen:
      '画面の四隅に「セーフモード」。リモートデスクトップやエージェントは動きません。ドメインコントローラーではディレクトリサービスの復元モードになります。',
    proof: '既定のエントリに要素 safeboot（25000080）があります。',
    remedy: '削除してください（bcdedit /store <BCD> /deletevalue {default} safeboot）。',
  },
};
