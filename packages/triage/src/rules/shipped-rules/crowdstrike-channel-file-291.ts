// Generated from rules/crowdstrike-channel-file-291.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const CROWDSTRIKE_CHANNEL_FILE_291: Rule = {
  title: 'CrowdStrike channel file 291 from the faulty window',
  id: '5b0a4c1e-7d5c-4f0e-9b1a-2f0f5b1d2910',
  status: 'stable',
  description:
    'Content file 291 of the CrowdStrike Falcon sensor, delivered from 2024-07-19 04:09 UTC and reverted at 05:27 UTC, crashed Windows hosts at every start. The newest file in the folder is the active content.',
  references: [
    'https://www.crowdstrike.com/falcon-content-update-remediation-and-guidance-hub/',
    'https://www.crowdstrike.com/blog/falcon-update-for-windows-hosts-technical-details/',
  ],
  author: 'deadbox',
  date: '2024-07-19',
  tags: ['vendor.crowdstrike', 'product.falcon', 'effect.bootloop'],
  level: 'critical',
  falsepositives: ['A copy of the file that was restored on purpose for analysis.'],
  verdicts: [
    {
      when: 'faulty and not newer-ok and (service-disabled or service is absent or old-build or old-sensor)',
      verdict: 'present-not-susceptible',
      severity: 'review',
    },
    {
      when: 'faulty-readable and not newer',
      verdict: 'faulty',
      severity: 'act',
    },
    {
      when: 'faulty and newer and not newer-ok',
      verdict: 'superseded-doubtful',
      severity: 'act',
      confidence: 'lower',
    },
    {
      when: 'faulty-unreadable and not newer',
      verdict: 'faulty-damaged',
      severity: 'act',
      confidence: 'lower',
      text: 'faulty-unreadable',
    },
    {
      when: 'faulty and not newer',
      verdict: 'faulty-damaged',
      severity: 'act',
      confidence: 'lower',
    },
    {
      when: 'faulty and newer-ok',
      verdict: 'superseded',
      severity: 'none',
    },
    {
      when: 'newer-ok',
      verdict: 'reverted',
      severity: 'none',
    },
    {
      when: 'conflict',
      verdict: 'review',
      severity: 'review',
    },
    {
      when: 'channel-file and not readable',
      verdict: 'damaged',
      severity: 'review',
    },
    {
      when: 'newer',
      verdict: 'damaged',
      severity: 'review',
    },
    {
      when: 'near-window and earlier-ok',
      verdict: 'not-updated',
      severity: 'review',
    },
    {
      when: 'earlier-ok',
      verdict: 'not-updated',
      severity: 'none',
    },
    {
      when: 'folder or service',
      verdict: 'cleared',
      severity: 'none',
    },
    {
      when: 'not folder',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: ['faulty', 'faulty-damaged', 'superseded-doubtful', 'review', 'damaged', 'present-not-susceptible'],
  confidence: [
    {
      when: 'crash',
      value: 'confirmed',
      text: {
        en: 'Confirmed: crash evidence on this disk names the sensor ({driver}, {time}).',
        ja: '確認済み：このディスクのクラッシュ記録にセンサーのドライバー（{driver}、{time}）が記録されています。',
      },
    },
    {
      value: 'likely',
      text: {
        en: 'The disk shows failed starts, and no dump that names another driver.',
        ja: '起動に失敗した形跡があり、別のドライバーを示すダンプはありません。',
      },
    },
    {
      value: 'contradicted',
      text: {
        en: 'The newest crash evidence names another driver ({driver}, {time}): the server may now be failing for another reason, such as its registry, its boot store or its storage.',
        ja: '最新のクラッシュ記録は別のドライバー（{driver}、{time}）を示しています。現在の起動障害は、レジストリ、ブート構成、ストレージなど別の原因かもしれません。',
      },
    },
  ],
  texts: {
    faulty: {
      title: {
        en: 'faulty channel file present',
        ja: '問題のチャネルファイルあり',
      },
      sentence: {
        en: "This server has the faulty CrowdStrike channel file ({file}[[, modified {modified}]]): it meets CrowdStrike's published criterion of name, folder and time. Hosts with this file crashed at every start until it was removed; the sensor then downloads a new one.",
        ja: 'このサーバーには、問題の CrowdStrike チャネルファイル（{file}[[、更新日時 {modified}]]）が残っています。ファイル名、フォルダー、更新日時のいずれも CrowdStrike が公表した判定条件に一致します。このファイルがあるホストは、削除するまで起動のたびにクラッシュしました。削除すれば、センサーが新しいファイルを取得します。',
      },
    },
    'faulty-damaged': {
      title: {
        en: 'faulty channel file present, damaged',
        ja: '問題のチャネルファイルあり（破損）',
      },
      sentence: {
        en: 'The channel file from the faulty period ({file}[[, modified {modified}]]) is {content}: the crash hit while it was being written. Treat it as faulty.',
        ja: '問題の時間帯のチャネルファイル（{file}[[、更新日時 {modified}]]）がありますが、内容は「{content}」です。書き込み中にクラッシュしたためです。問題のファイルとして扱ってください。',
      },
    },
    'faulty-unreadable': {
      title: {
        en: 'faulty channel file present, unreadable',
        ja: '問題のチャネルファイルあり（読み取り不可）',
      },
      sentence: {
        en: 'The channel file from the faulty period ({file}[[, modified {modified}]]) is there, but its content cannot be read from this image. Treat it as faulty.',
        ja: '問題の時間帯のチャネルファイル（{file}[[、更新日時 {modified}]]）がありますが、このイメージからは内容を読み取れません。問題のファイルとして扱ってください。',
      },
    },
    'superseded-doubtful': {
      title: {
        en: 'faulty channel file present, its replacement is not intact',
        ja: '問題のチャネルファイルあり（修正版が不完全）',
      },
      sentence: {
        en: 'A faulty channel file ({file}[[, modified {modified}]]) is in the folder. There is a newer one too, but its content is not intact, so the faulty one may still be active. Treat it as faulty.',
        ja: '問題のチャネルファイル（{file}[[、更新日時 {modified}]]）が残っています。新しいファイルもありますが内容が不完全なため、問題のファイルが今も使われている可能性があります。問題ありとして扱ってください。',
      },
    },
    'present-not-susceptible': {
      title: {
        en: 'faulty file present, sensor not susceptible',
        ja: '問題のファイルはあるが、センサーは影響を受けない',
      },
      sentence: {
        en: 'The channel file from the faulty period ({file}[[, modified {modified}]]) is in the folder, but this sensor cannot have crashed on it: its service is missing or disabled, it is older than 7.11, or this Windows was not affected. Look for another cause.',
        ja: '問題の時間帯のチャネルファイル（{file}[[、更新日時 {modified}]]）はありますが、このセンサーがそれでクラッシュしたとは考えられません。サービスがないか無効になっている、センサーが 7.11 より前のバージョンである、または対象外の Windows であるためです。別の原因を調べてください。',
      },
    },
    superseded: {
      title: {
        en: 'faulty file superseded by a newer one',
        ja: '問題のファイルは新しいファイルで置き換え済み',
      },
      sentence: {
        en: 'A faulty channel file ({file}[[, modified {modified}]]) is still in the folder, but a newer one, from 05:27 UTC or later, is active. This is not why the server fails to start.',
        ja: '問題のチャネルファイル（{file}[[、更新日時 {modified}]]）が残っていますが、05:27 UTC 以降の新しいファイルが使われています。起動できない原因はこれではありません。',
      },
    },
    reverted: {
      title: {
        en: 'fixed channel file in place',
        ja: '修正済みのチャネルファイルを適用済み',
      },
      sentence: {
        en: 'The fixed channel file ({file}[[, modified {modified}]]) is in place. This is not why the server fails to start.',
        ja: '修正済みのチャネルファイル（{file}[[、更新日時 {modified}]]）が入っています。起動できない原因はこれではありません。',
      },
    },
    review: {
      title: {
        en: 'needs a look',
        ja: '要確認',
      },
      sentence: {
        en: 'The channel file ({file}[[, modified {modified}]]) was created in the faulty period but modified later, or has no readable time: somebody touched or rewrote it, and its content cannot be told. Compare the times below.',
        ja: 'チャネルファイル（{file}[[、更新日時 {modified}]]）は、問題の時間帯に作成された後で更新されているか、日時を読み取れません。誰かが変更または上書きしたと考えられ、中身が問題のものかどうか判断できません。以下の日時を見比べてください。',
      },
    },
    damaged: {
      title: {
        en: 'channel file damaged',
        ja: 'チャネルファイルが破損',
      },
      sentence: {
        en: 'The active channel file ({file}[[, modified {modified}]]) is {content}. It is not from the faulty period, but the sensor cannot use it as it is.',
        ja: '使用中のチャネルファイル（{file}[[、更新日時 {modified}]]）の内容は「{content}」です。問題の時間帯のものではありませんが、このままではセンサーが読み込めません。',
      },
    },
    'not-updated': {
      title: {
        en: 'never received the faulty file',
        ja: '問題のファイルは届いていない',
      },
      sentence: {
        en: 'The newest 291 file is from before the incident. The server never received the faulty file.',
        ja: '最新の 291 ファイルは障害発生前のものです。このサーバーに問題のファイルは届いていません。',
      },
    },
    cleared: {
      title: {
        en: 'no channel file 291 in the folder',
        ja: 'チャネルファイル 291 なし',
      },
      sentence: {
        en: 'CrowdStrike is installed, but there is no channel file 291: somebody removed it, or none has come yet.',
        ja: 'CrowdStrike はインストールされていますが、チャネルファイル 291 はありません。削除されたか、まだ届いていません。',
      },
    },
    'not-applicable': {
      title: {
        en: 'no CrowdStrike sensor',
        ja: 'CrowdStrike センサーなし',
      },
      sentence: {
        en: 'This Windows has neither a CrowdStrike folder nor a CSAgent service. The incident of 19 July 2024 is not why it fails to start.',
        ja: 'この Windows には CrowdStrike フォルダーも CSAgent サービスもありません。起動できない原因は 2024 年 7 月 19 日の障害ではありません。',
      },
    },
  },
  history: [
    {
      shows: 'period',
      verdicts: ['reverted'],
      text: {
        en: 'Had the faulty file from {from} until {until}. It recovered through an update.',
        ja: '問題のファイルは {from} から {until} まで存在していました。更新により復旧しています。',
      },
    },
    {
      shows: 'period',
      verdicts: ['cleared'],
      text: {
        en: 'Had the faulty file from {from} until {until}. Somebody removed it.',
        ja: '問題のファイルは {from} から {until} まで存在していました。その後、何者かが削除しています。',
      },
    },
    {
      shows: 'period',
      verdicts: [],
      text: {
        en: 'Had the faulty file from {from} until {until}.',
        ja: '問題のファイルは {from} から {until} まで存在していました。',
      },
    },
    {
      shows: 'since',
      verdicts: ['reverted'],
      text: {
        en: 'Had the faulty file from {from}; it was gone some time later. It recovered through an update.',
        ja: '問題のファイルは {from} から存在し、その後なくなりました（時刻は不明）。更新により復旧しています。',
      },
    },
    {
      shows: 'since',
      verdicts: ['cleared'],
      text: {
        en: 'Had the faulty file from {from}; somebody removed it some time later.',
        ja: '問題のファイルは {from} から存在し、その後、何者かが削除しました（時刻は不明）。',
      },
    },
    {
      shows: 'since',
      verdicts: ['faulty', 'faulty-damaged', 'superseded-doubtful', 'superseded', 'present-not-susceptible'],
      text: {
        en: 'Has had the faulty file since {from}.',
        ja: '問題のファイルは {from} から存在しています。',
      },
    },
    {
      shows: 'since',
      verdicts: [],
      text: {
        en: 'Had the faulty file from {from}; it was gone some time later.',
        ja: '問題のファイルは {from} から存在し、その後なくなりました（時刻は不明）。',
      },
    },
    {
      shows: 'none',
      verdicts: ['reverted', 'cleared', 'not-updated'],
      text: {
        en: 'No trace that the faulty file ever arrived (the change journal goes back to {journal}).',
        ja: '問題のファイルが届いた形跡はありません（変更ジャーナルは {journal} まで遡れます）。',
      },
    },
  ],
  steps: [
    {
      id: 'wait-for-self-healing',
      verdicts: ['faulty', 'faulty-damaged', 'superseded-doubtful'],
      drive: 'C',
      text: {
        en: 'If the server can reach the network: restart it several times (Microsoft spoke of up to 15); the sensor may fetch the fixed file by itself.',
        ja: 'ネットワークに接続できる場合：再起動を数回繰り返してください（Microsoft は最大 15 回としています）。センサーが修正済みファイルを自動で取得することがあります。',
      },
    },
    {
      id: 'safe-mode',
      verdicts: ['faulty', 'faulty-damaged', 'superseded-doubtful'],
      files: ['faulty'],
      drive: 'C',
      text: {
        en: 'With a console: start in safe mode or the recovery environment, run {del}, and restart.',
        ja: 'コンソールを使える場合：セーフモードまたは回復環境で起動し、{del} を実行してから再起動してください。',
      },
    },
    {
      id: 'offline-helper',
      verdicts: ['faulty', 'faulty-damaged', 'superseded-doubtful'],
      files: ['faulty'],
      drive: 'X',
      text: {
        en: 'Without a console: attach the disk to another system as a second disk and run {del} there (X: stands for the letter it gets).',
        ja: 'コンソールを使えない場合：ディスクを別のシステムに 2 台目として接続し、{del} を実行してください（X: は割り当てられたドライブ文字に読み替え）。',
      },
    },
    {
      id: 'keep-disk-identity',
      verdicts: ['faulty', 'faulty-damaged', 'superseded-doubtful'],
      drive: 'C',
    },
    {
      id: 'domain-controller',
      verdicts: ['faulty', 'faulty-damaged', 'superseded-doubtful'],
      when: 'domain-controller',
      drive: 'C',
      text: {
        en: 'This is a domain controller: restoring an old backup can harm the directory. Prefer removing the file.',
        ja: 'このサーバーはドメインコントローラーです。古いバックアップから復元するとディレクトリが壊れるおそれがあります。ファイルの削除で対処してください。',
      },
    },
    {
      id: 'restore-backup',
      verdicts: ['faulty', 'faulty-damaged', 'superseded-doubtful'],
      when: 'not domain-controller',
      drive: 'C',
      text: {
        en: 'Last resort: restore a backup from before 2024-07-19 04:09 UTC; whatever was written since is lost.',
        ja: '最後の手段：2024-07-19 04:09 UTC より前のバックアップから復元します。それ以降に書き込まれたデータは失われます。',
      },
    },
    {
      id: 'tidy-up',
      verdicts: ['superseded'],
      files: ['faulty'],
      drive: 'C',
      text: {
        en: 'The old file does no harm; it can be removed: {del}',
        ja: '古いファイルに害はありません。削除してもかまいません：{del}',
      },
    },
    {
      id: 'enable-sensor',
      verdicts: [],
      when: 'service-disabled',
      drive: 'X',
      text: {
        en: 'The sensor was switched off. To undo it: reg load HKLM\\offline "{hive}" & reg add HKLM\\offline\\ControlSet001\\Services\\CSAgent /v Start /t REG_DWORD /d 1 /f & reg unload HKLM\\offline',
        ja: 'センサーが無効化されています。元に戻すには：reg load HKLM\\offline "{hive}" & reg add HKLM\\offline\\ControlSet001\\Services\\CSAgent /v Start /t REG_DWORD /d 1 /f & reg unload HKLM\\offline',
      },
    },
    {
      id: 'rename-sensor-back',
      verdicts: [],
      files: ['renamed-folder', 'renamed-driver'],
      drive: 'C',
      text: {
        en: "The sensor's files were renamed ({paths}). To undo it: rename them back.",
        ja: 'センサーのファイル名が変更されています（{paths}）。元の名前に戻してください。',
      },
    },
  ],
  remediation: {
    action: 'rename-file',
    target: 'faulty',
    vendor_advice: 'https://www.crowdstrike.com/falcon-content-update-remediation-and-guidance-hub/',
    warnings: ['disk-signature', 'bitlocker', 'registry-health'],
  },
  name: 'crowdstrike-channel-file-291',
  modified: '2026-11-27',
  selections: {
    'channel-file': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\C-00000291*.sys'],
      kind: 'file',
      lookalikes: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\C-*291*'],
      quarantine: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\Quarantine\\**\\C-*291*'],
      classes: [
        {
          class: 'pre-incident',
          text: {
            en: 'from before the incident',
            ja: '障害発生前のファイル',
          },
          'modified|lt': '2024-07-19T04:09:00Z',
          notes: [
            {
              note: 'near-window',
              text: {
                en: "modified within 15 minutes before the faulty period: the guest's clock may have been slow",
                ja: '問題の時間帯の直前 15 分以内に更新（ゲストの時計が遅れていた可能性あり）',
              },
              'modified|gte': '2024-07-19T03:54:00Z',
            },
          ],
        },
        {
          class: 'faulty-window',
          bad: true,
          text: {
            en: 'from the faulty period',
            ja: '問題の時間帯のファイル',
          },
          'modified|gte': '2024-07-19T04:09:00Z',
          'modified|lt': '2024-07-19T05:27:00Z',
          notes: [
            {
              note: 'copied-or-restored',
              text: {
                en: 'created after it was modified: copied, or restored from a backup; a copy still has the faulty content',
                ja: '作成日時が更新日時より後（コピーまたはバックアップからの復元。コピーでも中身は問題のまま）',
              },
              'created|later-than': {
                field: 'modified',
                seconds: 60,
              },
            },
          ],
        },
        {
          class: 'timestamp-conflict',
          text: {
            en: 'its times contradict each other',
            ja: '日時が矛盾しているファイル',
          },
          'modified|gte': '2024-07-19T05:27:00Z',
          'created|gte': '2024-07-19T04:09:00Z',
          'created|lt': '2024-07-19T05:27:00Z',
          notes: [],
        },
        {
          class: 'reverted-or-newer',
          text: {
            en: 'fixed or newer',
            ja: '修正版または以降のファイル',
          },
          'modified|gte': '2024-07-19T05:27:00Z',
          notes: [],
        },
        {
          class: 'timestamp-conflict',
          'modified|exists': false,
          notes: [],
        },
      ],
      exists: true,
    },
    folder: {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike'],
      kind: 'directory',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    },
    service: {
      type: 'REGISTRY_KEY',
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\CSAgent',
      exists: true,
    },
    'service-disabled': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\CSAgent',
      value: 'Start',
      data: 4,
      exists: true,
    },
    'domain-controller': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions',
      value: 'ProductType',
      data: 'LanmanNT',
      exists: true,
    },
    'old-build': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
      value: 'CurrentBuildNumber',
      'data|lt': 9200,
      exists: true,
    },
    'old-sensor': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\csagent.sys'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      'pe.version|lt': '7.11.0.0',
      exists: true,
    },
    'renamed-folder': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike?*'],
      kind: 'directory',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    },
    'renamed-driver': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\CSAgent*'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      'name|re': '^csagent(?!\\.(sys|inf|cat)$)',
      exists: true,
    },
    crash: {
      type: 'CRASH',
      module: 'csagent.sys',
      'time|gte': '2024-07-19T04:09:00Z',
    },
    faulty: {
      type: 'OF',
      of: 'channel-file',
      class: 'faulty-window',
    },
    'faulty-readable': {
      type: 'OF',
      of: 'channel-file',
      class: 'faulty-window',
      content: ['ok', 'partly-written'],
    },
    'faulty-unreadable': {
      type: 'OF',
      of: 'channel-file',
      class: 'faulty-window',
      content: ['unreadable'],
    },
    newer: {
      type: 'OF',
      of: 'channel-file',
      class: 'reverted-or-newer',
    },
    'newer-ok': {
      type: 'OF',
      of: 'channel-file',
      class: 'reverted-or-newer',
      content: ['ok'],
    },
    conflict: {
      type: 'OF',
      of: 'channel-file',
      class: 'timestamp-conflict',
    },
    readable: {
      type: 'OF',
      of: 'channel-file',
      content: ['ok'],
    },
    'earlier-ok': {
      type: 'OF',
      of: 'channel-file',
      class: 'pre-incident',
      content: ['ok'],
    },
    'near-window': {
      type: 'OF',
      of: 'channel-file',
      note: 'near-window',
    },
  },
  condition: 'faulty and not newer-ok',
  sha256: 'f2b6223c2f8ee32caaa229e22b8762e716749ce7205f0567a2c5b0ea1c820238',
};
