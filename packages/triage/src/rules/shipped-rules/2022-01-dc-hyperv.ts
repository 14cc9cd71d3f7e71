// Generated from rules/2022-01-dc-hyperv.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2022_01_DC_HYPERV: Rule = {
  title: 'Update of 11 January 2022 restarts domain controllers',
  id: '2d6b4c70-91d4-4e0b-a4d3-5d0095570001',
  status: 'test',
  description:
    'With the security updates of 11 January 2022 domain controllers restart in a loop, and virtual machines of Hyper-V hosts with UEFI do not start. Updates of 17 January 2022 mend it. Later Windows are known by build and revision, 2012 and 2012 R2 by their packages.',
  references: ['https://support.microsoft.com/help/5009557', 'https://support.microsoft.com/help/5009624'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'high',
  falsepositives: ['A domain controller of the builds that does not restart.'],
  verdicts: [
    {
      when: '(server-2022 or server-2019 or server-2016 or (update-2012 and not cure-2012)) and domain-controller and failed',
      verdict: 'restart-loop-likely',
      severity: 'act',
    },
    {
      when: '(server-2022 or server-2019 or server-2016 or (update-2012 and not cure-2012)) and domain-controller',
      verdict: 'restart-loop-possible',
      severity: 'review',
      confidence: 'lower',
    },
    {
      when: '(server-2022 or server-2019 or server-2016 or (update-2012 and not cure-2012)) and host',
      verdict: 'guests-do-not-start',
      severity: 'review',
    },
    {
      when: 'not host',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'host',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'restart-loop-likely': {
      title: {
        en: 'domain controller with the update of January 2022',
        ja: '2022 年 1 月の更新プログラムが適用されたドメインコントローラー',
      },
      sentence: {
        en: 'This domain controller has the update of 11 January 2022, which restarts domain controllers, and was restarted unexpectedly since. Start it without a network or in Directory Services Restore Mode, and install the update of 17 January 2022 or any later one.',
        ja: 'このドメインコントローラーには、再起動を引き起こす 2022 年 1 月 11 日の更新プログラムが適用され、その後に予期しない再起動がありました。ネットワークを切り離すかディレクトリサービス復元モードで起動し、2022 年 1 月 17 日以降の更新プログラムを適用してください。',
      },
    },
    'restart-loop-possible': {
      title: {
        en: 'domain controller with the update of January 2022',
        ja: '2022 年 1 月の更新プログラムが適用されたドメインコントローラー',
      },
      sentence: {
        en: 'This domain controller has the update of 11 January 2022, which can restart domain controllers over and over. Install the update of 17 January 2022 or any later one.',
        ja: 'このドメインコントローラーには、再起動を繰り返すおそれのある 2022 年 1 月 11 日の更新プログラムが適用されています。2022 年 1 月 17 日以降の更新プログラムを適用してください。',
      },
    },
    'guests-do-not-start': {
      title: {
        en: 'Hyper-V host with the update of January 2022',
        ja: '2022 年 1 月の更新プログラムが適用された Hyper-V ホスト',
      },
      sentence: {
        en: 'This Hyper-V host has the update of 11 January 2022, after which virtual machines with UEFI may not start. The host itself starts. Install the update of 17 January 2022 or any later one.',
        ja: 'この Hyper-V ホストには、UEFI の仮想マシンが起動しなくなることのある 2022 年 1 月 11 日の更新プログラムが適用されています。ホスト自体は起動します。2022 年 1 月 17 日以降の更新プログラムを適用してください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the update of January 2022 is not the cause',
        ja: '2022 年 1 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    warnings: [],
  },
  name: '2022-01-dc-hyperv',
  modified: '2026-11-27',
  selections: {
    'domain-controller': {
      type: 'WINDOWS',
      role: 'domain-controller',
    },
    'server-2022': {
      type: 'WINDOWS',
      'version|gte': '20348.469',
      'version|lt': '20348.470',
    },
    'server-2019': {
      type: 'WINDOWS',
      'version|gte': '17763.2452',
      'version|lt': '17763.2453',
    },
    'server-2016': {
      type: 'WINDOWS',
      'version|gte': '14393.4886',
      'version|lt': '14393.4887',
    },
    'update-2012': {
      type: 'UPDATE',
      kb: ['KB5009624', 'KB5009595'],
      state: 'installed',
      exists: true,
    },
    'cure-2012': {
      type: 'UPDATE',
      kb: ['KB5010794', 'KB5010797'],
      state: 'installed',
      exists: true,
    },
    host: {
      type: 'SERVICE',
      name: 'vmms',
      start: 'automatic',
      exists: true,
    },
    failed: {
      type: 'FAILED_START',
      'time|gte': '2022-01-11T00:00:00Z',
    },
  },
  condition:
    '(server-2022 or server-2019 or server-2016 or (update-2012 and not cure-2012)) and (domain-controller or host)',
  sha256: '8b2f24038644ecdb9ed6782998bc757f9fb1109458616c79e21471fc1302a73f',
};
