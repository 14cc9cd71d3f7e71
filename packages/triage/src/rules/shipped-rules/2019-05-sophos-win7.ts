// Generated from rules/2019-05-sophos-win7.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2019_05_SOPHOS_WIN7: Rule = {
  title: 'Updates of 14 May 2019 hang with Sophos',
  id: 'c0d9a2e5-8b1e-4b4d-8a87-5d0449910001',
  status: 'test',
  description:
    'With KB4499164 or KB4499175, Windows 7 and Server 2008 R2 with Sophos hang at "Configuring … 30%" when the updates are installed.',
  references: ['https://support.microsoft.com/help/4499164', 'https://support.microsoft.com/help/4499175'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.hang'],
  level: 'medium',
  falsepositives: ['A machine on which the update was installed in safe mode.'],
  verdicts: [
    {
      when: 'windows and sophos and pending',
      verdict: 'update-hangs',
      severity: 'review',
    },
    {
      when: 'windows and sophos and installed and failed',
      verdict: 'update-hangs',
      severity: 'review',
      confidence: 'lower',
    },
    {
      when: 'not windows',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'windows',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'update-hangs': {
      title: {
        en: 'update of May 2019 beside Sophos',
        ja: '2019 年 5 月の更新プログラムと Sophos',
      },
      sentence: {
        en: 'An update of 14 May 2019 (KB4499164 or KB4499175) is being installed or was just installed, and Sophos starts with Windows: this hangs at "Configuring". Disable SAVService, let the update finish, then update Sophos.',
        ja: '2019 年 5 月 14 日の更新プログラム（KB4499164 または KB4499175）が構成中または適用直後で、Sophos が Windows とともに起動します。この組み合わせは「構成しています」の画面でハングします。SAVService を無効にして更新を完了させ、その後 Sophos を更新してください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the update of May 2019 is not the cause',
        ja: '2019 年 5 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    warnings: [],
  },
  name: '2019-05-sophos-win7',
  modified: '2026-11-27',
  selections: {
    pending: {
      type: 'UPDATE',
      kb: ['KB4499164', 'KB4499175'],
      state: 'pending',
      exists: true,
    },
    installed: {
      type: 'UPDATE',
      kb: ['KB4499164', 'KB4499175'],
      state: 'installed',
      exists: true,
    },
    windows: {
      type: 'WINDOWS',
      build: 7601,
    },
    sophos: {
      type: 'SERVICE',
      name: 'SAVService',
      start: 'automatic',
      exists: true,
    },
    failed: {
      type: 'FAILED_START',
      'time|gte': '2019-05-14T00:00:00Z',
    },
  },
  condition: 'windows and sophos and (pending or (installed and failed))',
  sha256: '55ebda5beba9df15db153de9c4283dd561b0e09fb8d0b03671be485d8fefe2e8',
};
