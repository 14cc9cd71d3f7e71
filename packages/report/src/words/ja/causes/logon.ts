import type { LogonCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const logon: CauseTexts<LogonCauseId> = {
  'winlogon-values': {
    title: (facts) =>
      facts.is('fault', 'other-drive')
        ? phrase`Winlogon が起動する ${facts.show('path')} は、Windows のあるドライブと異なるドライブを指しています。`
        : facts.is('fault', 'empty')
          ? phrase`Winlogon の値 ${facts.show('name')} が空で、起動するプログラムがありません。`
          : phrase`Winlogon が起動する ${facts.show('path')} がありません。`,
    screen: 'ポインターだけの黒い画面、すぐに終わるサインイン、または停止コード 0xC000021A。',
    proof:
      'Winlogon の Userinit または Shell が空、Windows と異なるドライブを指している、またはその先頭のプログラムが存在しません。存在する別のシェル（Server Core、キオスク）は正常です。',
    remedy: '値を元に戻してください（Userinit は C:\\Windows\\system32\\userinit.exe、Shell は explorer.exe）。',
  },
  'ifeo-hijack': {
    title: (facts) =>
      facts.has('debugger')
        ? phrase`${facts.show('program')} が ${facts.show('debugger')} を通して起動する設定ですが、そのプログラムがありません。`
        : phrase`${facts.show('program')} が、確保できない大きさのスタックで起動する設定になっています。`,
    screen: '停止コード 0xC000021A、またはすぐに終わるサインイン。',
    proof:
      'サインインに必要なプログラムの Image File Execution Options に、存在しないファイルを指す Debugger か、32 MiB 以上の MinimumStackCommitInBytes があります。存在するデバッガーや、ほかのプログラムの設定は対象外です。',
    remedy: '値を削除してください。マルウェアの手口でもあるので、誰が設定したかを調べてください。',
  },
  'lsa-package-missing': {
    title: (facts) =>
      phrase`サインインのサービスが読み込むライブラリ ${facts.show('path')} がないか、壊れています（${facts.show('list')}）。`,
    screen: '停止コード 0xC000021A、または lsass.exe が終了して 1 分後に再起動。',
    proof:
      'Control\\Lsa の Authentication Packages、Security Packages、Notification Packages のいずれかに、System32 にないライブラリがあり、ほかのものはあります。',
    remedy: '一覧からその名前を取り除くか、その製品を入れ直してください。',
  },
  'service-critical': {
    title: (facts) =>
      phrase`失敗するとマシンを再起動させるサービス ${facts.show('service')} のプログラム ${facts.show('path')} がないか、壊れています。`,
    screen: 'ロゴの後またはサインイン画面で、再起動を繰り返します。',
    proof: '自動起動のサービスの ErrorControl が 2 または 3 で、ImagePath のファイルがありません。',
    remedy: 'ErrorControl を 1 にするか（4 バイト）、Start を 4 にしてください。その後、製品を入れ直すか削除します。',
  },
  'rpc-host-split': {
    title: (facts) =>
      facts.has('service')
        ? phrase`サインイン画面に必要なサービス ${facts.show('service')} が、自動起動になっていません。`
        : phrase`RPC の 2 つのサービスが、同じプロセスで動く設定ではなくなっています。`,
    screen: 'サインイン画面が出ないか、パスワードの入力欄が出ません。',
    proof:
      'RpcEptMapper と RpcSs の ImagePath が異なる（大文字と小文字の違いは問いません）か、RpcSs、DcomLaunch、Power、BrokerInfrastructure、SystemEventsBroker、LSM のいずれかの Start が 2 ではありません。PlugPlay の手動起動は正常です。',
    remedy: 'Start を 2 にするか（4 バイト）、RpcEptMapper の ImagePath を RpcSs と同じにしてください。',
  },
  'ntds-unavailable': {
    title: (facts) =>
      facts.is('fault', 'missing')
        ? phrase`このドメインコントローラーのディレクトリ ${facts.show('database')} がありません。`
        : facts.is('fault', 'no-database')
          ? phrase`このドメインコントローラーのディレクトリ ${facts.show('database')} は、データベースではなくなっています。`
          : facts.is('fault', 'full')
            ? phrase`このドメインコントローラーのディレクトリがあるボリュームがいっぱいです（${facts.show('database')}）。`
            : facts.is('fault', 'disk-offline')
              ? phrase`このドメインコントローラーのディレクトリは別のディスクにあり（${facts.show('database')}）、ほかのディスクをオフラインにする設定です。`
              : facts.is('fault', 'dirty')
                ? phrase`このドメインコントローラーのディレクトリは正しく閉じられていません。起動時に Windows が回復します。`
                : phrase`このドメインコントローラーのディレクトリは別のディスクにあります（${facts.show('database')}）。起動にはそのディスクが必要です。`,
    screen: '停止コード 0xC00002E2（Windows Server 2012 以降）または 0xC00002E1（2008 R2）と再起動。',
    proof:
      'ProductType が LanmanNT で、NTDS\\Parameters のファイルがない、ESE のシグネチャがない、そのボリュームがいっぱい、または SanPolicy 3 か 4 でそのディスクがオフラインになります。「dirty shutdown」の状態はクラッシュの後なら正常です。',
    remedy:
      'ディスクをオンラインにする（SanPolicy を 1 にする）、空きを作る、またはデータベースを復元してください。ブートストアの safeboot dsrepair（ディレクトリサービス復元モード）なら、なくても起動します。',
  },
  'profile-broken': {
    title: (facts) =>
      phrase`読み込めなかったユーザープロファイル ${facts.show('folder')} が、Windows によって退避されています。`,
    screen:
      '「User Profile Service サービスによるサインインの処理に失敗しました」、または一時プロファイル。Windows は起動します。',
    proof: 'ProfileList に、名前が .bak で終わる項目があります。',
    remedy:
      'Windows が起動してから、.bak のない方の項目を削除し、もう一方から .bak を外して、フォルダーを確認してください。',
  },
  'drive-letter-moved': {
    title: (facts) =>
      phrase`Windows は ${facts.show('letter')}: にインストールされましたが、この文字は現在、同じディスクの別のパーティションに割り当てられています。`,
    screen:
      'サインインしてもすぐにサインアウトする、「デスクトップの準備をしています」のまま進まない、または停止コード 0xC000021A。',
    proof:
      'MountedDevices にあるこの文字の記録が、Windows のあるパーティションではなく、同じディスクの別のパーティションを指しています。記録がない場合や別のディスクの記録は、Windows が自分で直します。',
    remedy: '記録に Windows のパーティションの識別子を書き込む（12 または 24 バイト）か、記録を削除してください。',
  },
};
