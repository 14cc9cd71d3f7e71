// Generated from rules/2024-03-dc-lsass.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2024_03_DC_LSASS: Rule = {
  title: 'Update of 12 March 2024 exhausts the memory of domain controllers',
  id: '5c2f8a41-0d57-4b39-8a9e-5d0358570001',
  status: 'test',
  description:
    'With the security updates of 12 March 2024, LSASS of domain controllers leaks memory until it stops and the machine restarts, after hours. Updates from 22 March 2024 mend it.',
  references: [
    'https://techcommunity.microsoft.com/blog/askds/kb5037422',
    'https://support.microsoft.com/help/5035857',
  ],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'medium',
  falsepositives: ['A domain controller with little work, which can run for days.'],
  verdicts: [
    {
      when: '(server-2022 or server-2019 or server-2016 or (domain-controller-2012 and update-2012 and not cure-2012)) and failed',
      verdict: 'lsass-leak-likely',
      severity: 'review',
    },
    {
      when: 'not failed',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'failed',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'lsass-leak-likely': {
      title: {
        en: 'domain controller on a build that runs out of memory',
        ja: 'メモリ不足に陥るビルドのドメインコントローラー',
      },
      sentence: {
        en: 'This domain controller has an update of 12 March 2024 whose LSASS leaks memory, and was restarted unexpectedly since. It starts, and stops again after hours: install the update of 22 March 2024 or any later one.',
        ja: 'このドメインコントローラーには、LSASS がメモリリークを起こす 2024 年 3 月 12 日の更新プログラムが適用され、その後に予期しない再起動がありました。起動はしますが数時間後に再び停止します。2024 年 3 月 22 日以降の更新プログラムを適用してください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the update of March 2024 is not the cause',
        ja: '2024 年 3 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    vendor_advice: 'https://support.microsoft.com/help/5037422',
    warnings: [],
  },
  name: '2024-03-dc-lsass',
  modified: '2026-11-27',
  selections: {
    'server-2022': {
      type: 'WINDOWS',
      'version|gte': '20348.2340',
      'version|lt': '20348.2341',
      role: 'domain-controller',
    },
    'server-2019': {
      type: 'WINDOWS',
      'version|gte': '17763.5576',
      'version|lt': '17763.5577',
      role: 'domain-controller',
    },
    'server-2016': {
      type: 'WINDOWS',
      'version|gte': '14393.5786',
      'version|lt': '14393.5787',
      role: 'domain-controller',
    },
    'domain-controller-2012': {
      type: 'WINDOWS',
      build: 9600,
      role: 'domain-controller',
    },
    'update-2012': {
      type: 'UPDATE',
      kb: 'KB5035885',
      state: 'installed',
      exists: true,
    },
    'cure-2012': {
      type: 'UPDATE',
      kb: 'KB5037426',
      state: 'installed',
      exists: true,
    },
    failed: {
      type: 'FAILED_START',
      'time|gte': '2024-03-12T00:00:00Z',
    },
  },
  condition: 'server-2022 or server-2019 or server-2016 or (domain-controller-2012 and update-2012 and not cure-2012)',
  sha256: 'c73c73eabcad822f4083ae465a2068e5198ddb65be9c67f323e851e896ec9824',
};
