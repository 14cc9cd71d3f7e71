import { code, phrase } from '../document/phrase.js';
import type { HelpWords } from './help-words.js';
import { fleetVerbs } from './ja-fleet.js';
import { config, settings } from './settings/ja.js';
import { verbose } from './verbose/ja.js';

const SECRET = '値、@ファイル、env:変数名、または -（入力を求める）';

/** The Japanese words of help. */
export const help: HelpWords = {
  summary:
    'ディスクイメージ上の Windows が起動しない原因を調べます。マウントせずに読み取り、変更を加えるのは fix --write と undo だけです。',
  headings: {
    usage: '使い方',
    commands: 'コマンド',
    arguments: '引数',
    options: 'オプション',
    examples: '例',
    exitCodes: '終了コード',
    environment: '環境変数',
  },
  verbGroups: {
    judge: '起動しない原因を調べる',
    fleet: '多数のホストで調べる',
    look: '中を見る',
    take: '取り出す・検証する',
    repair: '修復する',
    about: 'deadbox について',
  },
  optionGroups: {
    verb: 'オプション',
    image: 'イメージの構成',
    keys: 'BitLocker のロック解除',
    output: '出力',
  },
  verbs: {
    scan: {
      summary: 'すべての Windows を判定する（起動しない原因、障害ファイルの有無、読み取りを妨げているもの）',
      examples: [
        { command: 'deadbox scan server.vhdx', does: '1 台のディスクをすべて調べる' },
        { command: 'deadbox scan --quick /images/*.vmdk', does: '多数のディスクで障害ファイルだけを調べる' },
        { command: 'deadbox scan --target azure-nvme server.vmdk', does: '移行先で起動できるかを調べる' },
        { command: 'deadbox scan server.vhdx --recovery-key @key.txt', does: 'BitLocker でロックされたディスク' },
      ],
    },
    report: {
      summary: '実行の記録（ジャーナル）をまとめ、レポートを表示または書き出す',
      examples: [
        { command: 'deadbox report a.ndjson b.ndjson', does: '2 台で調べた結果を 1 つのレポートにする' },
        { command: 'deadbox report run.ndjson --report run.md', does: 'ファイルに書き出す' },
      ],
    },
    info: {
      summary: 'コンテナー形式、パーティションテーブル、ボリューム、暗号化、ファイルシステムを表示する',
      examples: [
        { command: 'deadbox info server.qcow2', does: 'ディスクの中身とボリューム番号' },
        { command: 'deadbox info --check /dev/sdb', does: 'NTFS ボリュームの健全性も調べる' },
      ],
    },
    page: {
      summary: '同じことをブラウザーで行うページを書き出す。1 つのファイルで、サーバーは不要',
      examples: [
        { command: 'deadbox page -o deadbox.html', does: 'どこからでも開けるページ (USB メモリーからも)' },
        { command: 'deadbox page -o -', does: '標準出力に書き出す' },
      ],
    },
    verify: {
      summary: 'コンテナーに保存されたハッシュやチェックサムを実際の内容と比べる',
      examples: [
        { command: 'deadbox verify evidence.E01', does: 'すべてのチャンクと保存されたハッシュを比べる' },
        { command: 'deadbox verify --incomplete evidence.E01', does: 'セグメントが欠けていても比べる' },
      ],
    },
    export: {
      summary: '仮想ディスク全体を raw 形式で書き出す（--volume ではそのボリュームだけ。解除済みなら復号する）',
      examples: [
        { command: 'deadbox export server.vhdx -o server.raw', does: 'raw に変換する（スパースのまま）' },
        {
          command: 'deadbox export server.vhdx --volume 3 --recovery-key @key.txt -o c.raw',
          does: 'BitLocker のボリュームを復号して書き出す',
        },
      ],
    },
    ls: {
      summary: 'ファイルを一覧する',
      examples: [
        { command: 'deadbox ls server.vhdx Windows/System32/drivers', does: 'Windows ボリュームのフォルダー' },
        { command: 'deadbox ls -r --deleted --ndjson server.vhdx', does: '削除済みも含む全ファイルをデータで' },
      ],
    },
    stat: {
      summary: '1 つのファイルの属性、ランリスト、時刻をすべて表示する',
      examples: [
        { command: 'deadbox stat server.vhdx Windows/System32/ntoskrnl.exe', does: 'パスで指定する' },
        { command: "deadbox stat server.vhdx '#5'", does: 'レコード番号で指定する' },
      ],
    },
    walk: {
      summary:
        '先頭セクターからファイル、レジストリの値、検出結果までの経路を、バイナリエディターで確かめられる手順として表示する',
      examples: [
        {
          command: 'deadbox walk server.vhdx Windows/System32/config/SYSTEM',
          does: '先頭セクターからファイルの内容まで',
        },
        { command: "deadbox walk server.vhdx 'SYSTEM\\Select\\Current'", does: '先頭セクターからレジストリの値まで' },
      ],
    },
    cat: {
      summary: '1 つのファイルの内容を出力する',
      examples: [
        { command: 'deadbox cat server.vhdx Windows/ntbtlog.txt', does: '画面に表示する' },
        { command: 'deadbox cat server.vhdx Windows/System32/config/SYSTEM -o SYSTEM', does: 'ファイルに取り出す' },
      ],
    },
    timeline: {
      summary: 'MFT の全レコードと 2 組の時刻を出力する（削除済みも含む）',
      examples: [
        { command: 'deadbox timeline server.vhdx -o body.txt', does: 'mactime 用のボディファイル' },
        { command: 'deadbox timeline --format csv dumped.mft', does: '取り出した $MFT から CSV を作る' },
      ],
    },
    reg: {
      summary: 'オフラインのレジストリを読む（トランザクションログはメモリ上で適用する）',
      examples: [
        { command: "deadbox reg server.vhdx 'SYSTEM\\Select'", does: 'ディスク上の 1 つのキー' },
        { command: 'deadbox reg -r --ndjson NTUSER.DAT', does: 'ハイブファイル全体をデータで' },
      ],
    },
    boot: {
      summary: 'ブートストアの内容と、それが今のディスクと合っているかを表示する',
      examples: [
        { command: 'deadbox boot server.vhdx', does: 'ファームウェアが何を起動するか' },
        { command: 'deadbox boot BCD', does: '取り出したブートストア' },
      ],
    },
    why: {
      summary: '停止コード、ステータス、画面の文言の意味と、ディスクが当てはまる原因を示す',
      examples: [
        { command: 'deadbox why 0xC000000E', does: 'コードの意味と考えられる原因' },
        { command: 'deadbox why 7B server.vhdx', does: 'そのうちどれがこのディスクの原因か' },
      ],
    },
    fix: {
      summary: 'ディスクをその場で修復する計画を示す（--write で実行する）',
      examples: [
        { command: 'deadbox fix server.vhdx', does: '計画だけを示す（何も書き込まない）' },
        { command: 'deadbox fix server.vhdx --write --undo server.undo', does: '元のバイトを残して修復する' },
        { command: 'deadbox fix server.vhdx --overlay repaired.qcow2', does: 'イメージを変えず、差分に修復を書く' },
      ],
    },
    undo: {
      summary: '修復で変更したバイトをすべて元に戻す',
      examples: [
        { command: 'deadbox undo server.undo', does: '修復前の状態に戻す' },
        { command: 'deadbox undo --check server.undo', does: '修復がどこまで進んだかだけを調べる' },
      ],
    },
    rules: {
      summary: 'scan が判定に使うルール',
      examples: [
        { command: 'deadbox rules list', does: 'すべてのルール' },
        { command: 'deadbox rules check mine/*.yaml', does: '自作のルールファイルを検査する' },
      ],
    },
    ...fleetVerbs,
    'rules list': {
      summary: 'すべてのルールを一覧する',
      examples: [
        { command: 'deadbox rules list', does: '1 行に 1 つ' },
        { command: 'deadbox rules list --json', does: 'データで' },
      ],
    },
    'rules show': {
      summary: '1 つのルールをデータで表示する',
      examples: [
        { command: 'deadbox rules show 2017-10-delta', does: '名前で指定する' },
        { command: 'deadbox rules show 2017-10-delta -o rule.json', does: 'ファイルに書き出す' },
      ],
    },
    'rules check': {
      summary: 'ルールファイルを検査する',
      examples: [
        { command: 'deadbox rules check vendor.yaml', does: '1 つのファイル' },
        { command: 'deadbox rules check mine/*.yaml', does: '複数のファイル' },
      ],
    },
    completion: {
      summary: 'シェルの補完スクリプトを出力する（コマンド、オプション、ボリューム番号、イメージ内のパス）',
      examples: [
        { command: 'deadbox completion bash -o deadbox.bash', does: 'bash に読み込む' },
        { command: 'deadbox completion zsh -o _deadbox', does: 'zsh で常に使う' },
      ],
    },
    config: {
      summary: '有効な既定値と、その由来（環境変数、設定ファイル、deadbox 自身）を示す',
      examples: [
        { command: 'deadbox config', does: 'すべての既定値と、設定ファイルの場所' },
        { command: 'deadbox config --json', does: 'データとして' },
      ],
    },
    version: {
      summary: 'この deadbox について（バージョン、形式、ファイルシステム、ルール）',
      examples: [
        { command: 'deadbox version', does: '数行で' },
        { command: 'deadbox version --json', does: 'データで（不具合の報告に添える）' },
      ],
    },
  },
  options: {
    quick: 'ファイルの判定だけで終える（読み取り量が最も少ない。起動経路は調べない）',
    deep: 'MFT 全体も調べる',
    include: '追加で調べるもの: old（Windows.old）、vss（シャドウコピー）',
    target: 'その環境で起動できるかも調べる: hyper-v-gen2、azure-nvme、virtio-blk など',
    rules: 'このフォルダーのルールファイル（*.yaml）でも判定する',
    explain: 'それぞれの事実をどう確かめたかを示す',
    report: 'レポートをファイルにも書く（形式は拡張子で決まる: .html、.md、.sarif、.csv、.json、.ndjson）',
    targets: 'イメージの一覧（1 行に 1 件、- は標準入力）',
    'newest-clean': 'サーバーごとに復元すべき状態を示す（イメージ、チェーン、スナップショット、シャドウコピー）',
    'time-limit': 'イメージ 1 つにかける時間の上限: 90（秒）、10m、2h。超えても他のイメージは続行します（既定: なし）',
    jobs: '同時に調べるイメージの数（既定: コア数）',
    journal: '結果を 1 件ごとに保存するファイル。同じコマンドで中断したところから再開できる',
    shard: 'イメージを共有する n 台のうち i 台目の分だけを調べる（例: 2/4）',
    diagnostics:
      'イメージから読み取った内容を診断ファイル（.diag）にも書き込む。不具合の報告に添付でき、scan で再現できる',
    'diagnostics-contents': '--diagnostics にファイルの内容も含める（秘密情報が含まれることがある）',
    queue: 'キューのアドレス（redis:// または rediss://、既定: DEADBOX_QUEUE）',
    'submit-site': 'これらのイメージを読み取れるホストのサイト（既定: default）',
    'work-sites': 'このホストが読み取れるイメージのサイト（既定: default）',
    drain: '残りがなくなったら終了する',
    lease: '応答のないワーカーのイメージを、ほかのワーカーに渡すまでの秒数（既定: 30）',
    watch: '終わるまで 1 秒ごとに表示する',
    'write-journal': 'それまでの結果を書き出すファイル（deadbox report で使う）',
    'check-ntfs': 'すべての NTFS ボリュームの健全性を調べる（メタデータをすべて読む）',
    'volume-only': 'このボリュームだけ（番号は info が表示するもの）',
    volume: 'ボリューム番号（info が表示するもの。既定は Windows のボリューム）',
    recursive: '下の階層もすべて',
    'recursive-keys': '下のキーもすべて',
    long: '種類、サイズ、時刻も表示する',
    follow: 'ボリューム内のリンクをたどる',
    streams: '名前付きストリームも表示する',
    'all-fields': '各手順のすべてのフィールドとバイトを表示する',
    all: 'NTFS 自身のファイル（$MFT、$Extend など）も表示する',
    deleted: '削除済みのファイルも表示する',
    hash: '内容のハッシュも表示する',
    'no-hash': 'JSON に各値の SHA-256 を含めない',
    format: '行の形式',
    write: '計画をイメージに書き込む（--undo が必要）',
    'undo-file': '元のバイトをすべて保存する新しいファイル（複数のイメージではフォルダー）',
    overlay: 'イメージは変えず、差分の QCOW2 に書く（複数のイメージではフォルダー）',
    'disable-driver': 'このドライバーまたはサービスの Start を 4 にする',
    blank: '障害ファイルの名前を変える代わりに、内容を上書きする',
    force: 'ディスクが必要としていると思われるドライバーも無効にする',
    'check-undo': '修復がどこまで進んだかだけを調べる',
    finish: '中断した修復を最後まで行う',
    parent: '同じフォルダーにない、差分イメージの親',
    member: '同じダイナミックディスクグループの別のディスク',
    disk: 'アーカイブや仮想マシン（.vmx、.vbox、.pvs、libvirt XML）の何台目のディスクか',
    snapshot: 'イメージ内のスナップショット（名前または ID）',
    'force-chain': '識別子の合わない親でも使う（2 つの時点が混ざることがある）',
    incomplete: '部品が揃っていないイメージも開く（欠けた部分は読めない）',
    header: 'Web アドレスに送る HTTP ヘッダー（"Name: value"）',
    'recovery-key': `回復パスワード: ${SECRET}`,
    password: `パスワード: ${SECRET}`,
    'startup-key': 'スタートアップキー（.BEK ファイル）',
    keys: '多数の回復キー（AD、Entra ID、MBAM が書き出した CSV または JSON）',
    output: '標準出力の代わりに書き込むファイル（- は標準出力）',
    quiet: '進行状況と警告を表示しない',
    verbose: '開いたファイルと、それぞれをどこまで読めたかを標準エラー出力に示す',
    'no-progress': '進行状況を表示しない',
    json: '1 つの JSON 文書',
    ndjson: '1 項目 1 行の JSON',
    markdown: 'Markdown で出力する',
    color: '色を付けるか',
    'time-zone': 'この IANA タイムゾーンの時刻も示す（既定は使用中の環境のもの）',
    lang: '表示とメッセージの言語: en または ja（既定は DEADBOX_LANG、なければロケール）',
    help: 'この説明を表示する',
    version: 'バージョンを表示する',
  },
  arguments: {
    targets: 'イメージ、デバイス、フォルダー、Web アドレス、または仮想マシン',
    journals: 'scan --journal が書いたジャーナル',
    image: 'ディスクイメージ、デバイス、または Web アドレス',
    'image-or-mft': 'ディスクイメージ、または取り出した $MFT',
    'image-or-hive': 'ディスクイメージ、またはハイブファイル',
    'image-or-store': 'ディスクイメージ、またはブートストア（BCD）',
    'image-asked': '調べるディスクイメージ',
    'images-to-fix': 'イメージまたはデバイス',
    'folder-or-file': 'ボリューム上のフォルダーまたはファイル',
    'walk-target': 'パス、HIVE\\キー、BCD\\{ID}\\要素、boot-log、または scan が示す原因の ID',
    'path-or-record': 'ボリューム上のパス、または #レコード番号',
    'path-stream-or-record': 'ボリューム上のパス[:ストリーム]、または #レコード番号',
    'registry-key': 'ハイブ\\キー（例: SYSTEM\\Select）',
    screen: '画面の表示: 0xC000000E、7B、"Getting Windows ready" など',
    'undo-file': 'fix --undo が書いたファイル',
    'rule-name': '名前または ID',
    shell: 'bash、zsh、fish、powershell のいずれか',
    'rule-files': 'ルールファイル',
  },
  exitCodes: {
    scan: {
      0: '対処は不要',
      1: '対処が必要',
      2: '何も開けなかった',
      3: '人による確認が必要',
    },
    verify: { 0: 'すべて一致', 1: '一致しないものがある', 2: 'エラー', 3: '比べるものが保存されていない' },
    why: {
      0: '原因を示した（イメージを指定した場合は、その原因が見つかった）',
      1: '該当なし',
      2: 'エラー',
      3: 'ボリュームがロックされている',
    },
    fix: { 0: '修復は不要、または完了', 1: '計画を示した', 2: 'エラー', 3: '拒否した' },
    others: { 0: '完了', 1: '指定されたものがない', 2: 'エラー', 3: 'ボリュームがロックされている' },
  },
  interrupted: '中断',
  environment: {
    'DEADBOX_…': 'オプションの既定値（--lang なら DEADBOX_LANG）。deadbox config で一覧できる',
    DEADBOX_CONFIG: '設定ファイルのパス（標準の場所にない場合）',
    DEADBOX_DEBUG: '1 にすると、予期しないエラーの発生場所を表示する',
    COLUMNS: '文章の折り返し幅。端末以外への出力にも使う（なければ 100）',
    NO_COLOR: '色を付けない',
    FORCE_COLOR: '端末以外でも色を付ける（0 は付けない）',
  },
  gap: '',
  repeatable: '（繰り返し可）',
  choices: (values) => `（${values.join('、')}）`,
  preset: (value) => `（既定: ${value}）`,
  versionLabels: {
    runtime: '実行環境',
    formats: '形式',
    fileSystems: 'ファイルシステム',
    rules: 'ルール',
    causes: '原因の種類',
  },
  ...config,
  attach: phrase`ご報告の際は、${code('deadbox version --json')} の出力と、イメージに関する場合は ${code('deadbox scan IMAGE --diagnostics FILE.diag')} が書き込むファイル（読み取った構造のみ。ファイルの内容は含まれません）を添付してください。`,
  settings,
  verbose,
  more: '各コマンドのオプションと例は deadbox コマンド --help で確認できます。',
};
