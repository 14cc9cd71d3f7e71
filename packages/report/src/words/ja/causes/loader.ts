import type { LoaderCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';
import { copyPlace, fileState } from './file-state.js';

const HIVE_REMEDY =
  'このマシンのバックアップまたはシャドウコピーから、障害にできるだけ近い時点のハイブを、同じ時点の SOFTWARE とともに取り出してください。RegBack は Windows 10 1803 以降では空です。';

export const loader: CauseTexts<LoaderCauseId> = {
  'loader-file-bad': {
    title: (facts) => phrase`Windows ローダー ${facts.show('path')} がないか、壊れています${copyPlace(facts)}。`,
    screen: 'winload.efi または winload.exe の名前とともに 0xC000000F または 0xC0000428。',
    proof:
      '既定のエントリが指定するパーティションに、指定されたファイルがない、空である、一度も書き込まれていない、または実行可能イメージとして不完全です。',
    remedy:
      '同じバージョンのファイルを戻してください。このディスクの WinSxS に別のファイルとしてあればそこから、なければ同じビルドのマシンから取ります。',
  },
  'select-broken': {
    title: (facts) =>
      phrase`SYSTEM ハイブは ${facts.show('set')} を使うよう指示していますが、そのコントロールセットがありません。`,
    screen: '0xC0000225、または停止コード 0x74（BAD_SYSTEM_CONFIG_INFO）。',
    proof:
      'Select\\Default または Select\\Current の番号に対応する ControlSet キーがハイブになく、別の番号のものはあります。コントロールセットが一つもないハイブは破損であり、これには当たりません。',
    remedy: '実在するコントロールセットの番号に直してください。値は DWORD なので、4 バイトの上書きで済みます。',
  },
  'lkg-available': {
    title: (facts) => phrase`「前回正常起動時」として別のコントロールセット ${facts.show('set')} が残っています。`,
    screen: '何も表示されません。Windows 7 では F8 メニューに「前回正常起動時の構成」が出ます。',
    proof:
      'Select\\LastKnownGood が Select\\Default と異なり、ハイブ内に存在するコントロールセットを指しています。Windows 7 では普通の状態です。',
    remedy: 'ドライバーの変更後に起動しなくなった場合だけ試す価値があります。Windows 8 以降はこの構成を保存しません。',
  },
  'core-file-bad': {
    title: (facts) =>
      facts.has('missing')
        ? phrase`Windows の起動に必要なファイルのほとんどが ${facts.show('path')} にありません（${facts.show('wanted')} 個中 ${facts.show('missing')} 個）。`
        : phrase`Windows の起動に欠かせないファイル${fileState(facts)}: ${facts.show('path')}${copyPlace(facts)}`,
    screen: 'ファイル名とともに 0xC0000221、0xC000000F、0xC0000098、0xC0000102 または 0xC00000BA。',
    proof:
      'カーネルのファイル、または起動時に読み込まれるドライバーが参照するファイルが、エラーなく一覧できたフォルダーにない、空である、一度も書き込まれていない、ゼロだけである、実行可能イメージではない、最後のセクションの前で終わっている、あるいはチェックサムか署名のダイジェストと一致しません。',
    remedy:
      '同じバージョンのファイルを戻してください。WinSxS に別のファイルレコードとしてあればそこから（System32 のファイルは通常、同じファイルへのハードリンクです）、なければ同じビルド、同じ更新レベルのマシンから取ります。',
  },
  'core-file-version': {
    title: (facts) =>
      phrase`異なるビルドの Windows のファイルが混ざっています。${facts.show('path')} はバージョン ${facts.show('version')} ですが、ほかは ${facts.show('usual')} の系列です。`,
    screen: '0xC0000011 または 0xC0000098、あるいは起動直後の停止。',
    proof:
      '中核ファイルの一つのバージョンリソースが、大多数と異なるビルドを示しています。ファイルを共有するビルド（19041～19045 など）は同じものとみなし、同じビルドでリビジョンが古いだけなら正常です。',
    remedy: '同じビルドのファイルを戻すか、中断した更新プログラムを完了または取り消してください。',
  },
  'core-file-machine': {
    title: (facts) => phrase`中核ファイルの一つが、ほかと異なるプロセッサ向けです: ${facts.show('path')}`,
    screen: 'ファイル名とともに 0xC0000359。',
    proof: 'ヘッダーのマシン種別が、大多数の中核ファイルと異なります。',
    remedy: '正しいエディション（32 ビットまたは 64 ビット）のファイルを戻してください。',
  },
  'nls-file-bad': {
    title: (facts) => phrase`ローダーに必要な言語テーブル${fileState(facts)}: ${facts.show('path')}`,
    screen: '.nls ファイルの名前とともに 0xC000000F、または起動直後に停止したままになります。',
    proof:
      'Control\\Nls\\CodePage が指定する ANSI と OEM のコードページの表、または Nls\\Language の大文字小文字の表が、System32 にない、空である、またはゼロだけです。フォントの有無は関係ありません。',
    remedy: '同じバージョンの Windows からファイルをコピーしてください。',
  },
  'catalog-store-damaged': {
    title: (facts) =>
      facts.has('count')
        ? phrase`カタログストアからほとんどのカタログが失われ（${facts.show('count')} 個、サービス用の控えは ${facts.show('packages')} 個）、ローダーがドライバーを検証できません。`
        : phrase`カタログストアが壊れていて、署名が埋め込まれていないドライバーをローダーが検証できません: ${facts.show('path')}`,
    screen: 'Windows 自身の複数のドライバーについて 0xC0000428、または停止コード 0x5A。',
    proof:
      'System32\\CatRoot のカタログが空である、一度も書き込まれていない、またはカタログの形式ではありません。あるいはカタログの数が servicing\\Packages の半分に満たないか、署名が埋め込まれていない Windows のドライバーがどのカタログにも載っていません（ほかのドライバーは載っています）。CatRoot2 は起動に関係しません。',
    remedy: 'Windows\\servicing\\Packages にある同じ名前のカタログをストアにコピーしてください。',
  },
  'sha2-unsupported': {
    title: (facts) =>
      phrase`ドライバー ${facts.show('name')} は SHA-256 だけで署名されており、この Windows 7 では検証できません。`,
    screen: '「このファイルのデジタル署名を検証できませんでした」、0xC0000428。',
    proof:
      'カーネルが 6.1.7601.18741 より古く、起動時に読み込まれるドライバーの最初の署名が SHA-256 ダイジェストに対するものです。',
    remedy:
      'SHA-1 でも署名されたバージョンのドライバーを使うか、移行前に SHA-2 コード署名の更新プログラムを適用してください。',
  },
  'os-expired': {
    title: (facts) => phrase`この Windows は評価版またはプレビュー版で、期限は ${facts.show('expires')} です。`,
    screen:
      '0xC0000605（オペレーティングシステムのコンポーネントの有効期限が切れています）、または 1 時間ごとの再起動。',
    proof:
      'ProductOptions\\ProductPolicy に Kernel-ExpirationDate があり、その日付を過ぎています。すべてゼロなら無期限です。',
    remedy: 'データを退避し、可能なら製品版に変換してください。ホストの時計を戻すのは救出作業のためだけにとどめます。',
  },
  'ci-policy-bad': {
    title: (facts) =>
      facts.has('status')
        ? phrase`前回の起動でコード整合性ポリシーを使用できませんでした（${facts.show('status')}）: ${facts.show('path')}`
        : phrase`コード整合性ポリシー${fileState(facts)}: ${facts.show('path')}`,
    screen: 'ローダーで 0xC0E90002 または 0xC0000428、あるいは早い段階で停止コード 0x5C または 0xEF。',
    proof:
      'System32\\CodeIntegrity または \\EFI\\Microsoft\\Boot の CiPolicies\\Active にある .cip ファイル、もしくは SiPolicy.p7b が空である、一度も書き込まれていない、またはゼロだけです。あるいは起動ログにそのポリシーの記録があり、最後の起動がこのコードで終わっています。ログにポリシーの記録があるだけでは証明になりません。それでも起動するマシンがあります。',
    remedy:
      '署名のないポリシーなら名前を変えて外してください。署名付きのポリシーはファームウェアに結び付いているため、同じ署名者のものに置き換える必要があります。',
  },
  'system-hive-missing': {
    title: () => phrase`ローダーが最初に読むレジストリハイブ SYSTEM がありません。`,
    screen: '\\Windows\\System32\\config\\system の名前とともに 0xC000000F または 0xC0000225。',
    proof: 'System32\\config はエラーなく一覧でき、そこに SYSTEM がありません。',
    remedy: HIVE_REMEDY,
  },
  'system-hive-damaged': {
    title: (facts) =>
      phrase`レジストリハイブ SYSTEM（${facts.show('path')}）が壊れていて、ログを適用しても直りません。`,
    screen: '0xC000014C または 0xC0000218、あるいは停止コード 0x74。',
    proof:
      'メモリー上でログを適用した後も、ベースブロック、ルートキーまたはビンが正しくありません。正常に閉じられなかっただけのハイブは該当しません。ローダーがログを適用するためです。',
    remedy: HIVE_REMEDY,
  },
  'system-hive-incomplete': {
    title: (facts) =>
      phrase`レジストリハイブ SYSTEM（${facts.show('path')}）は正常に閉じられておらず、補うためのログがないか、途中が欠けています。`,
    screen: '0xC000014C または停止コード 0x74。古い値のまま起動することもあります。',
    proof: 'ハイブのシーケンス番号が一致せず、続きとなるログエントリがありません。',
    remedy: HIVE_REMEDY,
  },
};
