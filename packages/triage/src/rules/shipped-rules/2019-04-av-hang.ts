// Generated from rules/2019-04-av-hang.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2019_04_AV_HANG: Rule = {
  title: 'Updates of 9 April 2019 hang with antivirus software',
  id: '61f7d1b3-5a5c-4a83-9b0c-5d0449340001',
  status: 'test',
  description:
    'With the updates of 9 April 2019, Windows 7, 8.1, Server 2008 R2, 2012 and 2012 R2 hang at the start or at the logon where antivirus software of Sophos, Avast, Avira, ArcaBit or McAfee is installed.',
  references: ['https://support.microsoft.com/help/4493472', 'https://support.microsoft.com/help/4493446'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.hang'],
  level: 'medium',
  falsepositives: ['A machine whose antivirus software was updated since.'],
  verdicts: [
    {
      when: 'updated and windows and (sophos or avast or avira or mcafee or arcabit) and failed',
      verdict: 'antivirus-hang-likely',
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
    'antivirus-hang-likely': {
      title: {
        en: 'update of April 2019 beside antivirus software',
        ja: '2019 年 4 月の更新プログラムとウイルス対策ソフト',
      },
      sentence: {
        en: 'This Windows has an update of 9 April 2019 and antivirus software with which it is known to hang, and was restarted unexpectedly since. Disable the antivirus service, start, then update it.',
        ja: 'この Windows には 2019 年 4 月 9 日の更新プログラムと、併用時にハングすることが知られているウイルス対策ソフトがあり、その後に予期しない再起動がありました。ウイルス対策のサービスを無効にして起動し、更新してください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the updates of April 2019 are not the cause',
        ja: '2019 年 4 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    warnings: [],
  },
  name: '2019-04-av-hang',
  modified: '2026-11-27',
  selections: {
    updated: {
      type: 'UPDATE',
      kb: ['KB4493472', 'KB4493448', 'KB4493446', 'KB4493467', 'KB4493450', 'KB4493451'],
      state: 'installed',
      exists: true,
    },
    windows: {
      type: 'WINDOWS',
      build: [7601, 9200, 9600],
    },
    sophos: {
      type: 'SERVICE',
      name: 'SAVService',
      start: 'automatic',
      exists: true,
    },
    avast: {
      type: 'SERVICE',
      name: 'aswSP',
      start: ['boot', 'system'],
      exists: true,
    },
    avira: {
      type: 'SERVICE',
      name: 'avipbb',
      start: ['boot', 'system'],
      exists: true,
    },
    mcafee: {
      type: 'SERVICE',
      name: 'mfehidk',
      start: ['boot', 'system'],
      exists: true,
    },
    arcabit: {
      type: 'SERVICE',
      name: 'arca*',
      start: ['boot', 'system', 'automatic'],
      exists: true,
    },
    failed: {
      type: 'FAILED_START',
      'time|gte': '2019-04-09T00:00:00Z',
    },
  },
  condition: 'updated and windows and (sophos or avast or avira or mcafee or arcabit)',
  sha256: '483481a88840a8ff11bca8ba79c6881d1cbf9a6211a7db4c9d83df66f256a294',
};
