// Generated from rules/2026-04-dc-lsass-loop.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2026_04_DC_LSASS_LOOP: Rule = {
  title: 'Update of 14 April 2026 restarts domain controllers in a loop',
  id: '7b1f0c9e-2f0a-4c6e-9b8d-5d0820630001',
  status: 'test',
  description:
    'After the security updates of 14 April 2026, LSASS of domain controllers in forests with several domains that use Privileged Access Management can stop at every start. Updates of 19 April 2026 mend it. Only Server 2025 is judged: of the other versions the first affected revision is not known to us.',
  references: ['https://support.microsoft.com/help/5082063', 'https://support.microsoft.com/help/5091157'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'high',
  falsepositives: [
    'A domain controller of a forest without Privileged Access Management, which the disk of one machine does not tell.',
  ],
  verdicts: [
    {
      when: 'affected and failed',
      verdict: 'lsass-loop-likely',
      severity: 'act',
    },
    {
      when: 'affected',
      verdict: 'lsass-loop-possible',
      severity: 'review',
      confidence: 'lower',
    },
    {
      when: 'not affected',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'lsass-loop-likely': {
      title: {
        en: 'domain controller on a build that restarts in a loop',
        ja: '再起動を繰り返すビルドのドメインコントローラー',
      },
      sentence: {
        en: 'This domain controller has the update of 14 April 2026 (KB5082063) without the one that mends it (KB5091157), and starts failed since. Start it in Directory Services Restore Mode and install KB5091157.',
        ja: 'このドメインコントローラーには 2026 年 4 月 14 日の更新プログラム（KB5082063）が適用され、修正版（KB5091157）は未適用で、その後の起動に失敗しています。ディレクトリサービス復元モードで起動し、KB5091157 を適用してください。',
      },
    },
    'lsass-loop-possible': {
      title: {
        en: 'domain controller on a build that can restart in a loop',
        ja: '再起動を繰り返すおそれのあるビルド',
      },
      sentence: {
        en: 'This domain controller has the update of 14 April 2026 (KB5082063) without the one that mends it (KB5091157). No start is known to have failed since; if it restarts about a minute after each start, this is why.',
        ja: 'このドメインコントローラーには 2026 年 4 月 14 日の更新プログラム（KB5082063）が適用され、修正版（KB5091157）は未適用です。起動失敗の記録はありませんが、起動の約 1 分後に再起動を繰り返す場合はこれが原因です。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the update of April 2026 is not the cause',
        ja: '2026 年 4 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    vendor_advice: 'https://support.microsoft.com/help/5091157',
    warnings: [],
  },
  name: '2026-04-dc-lsass-loop',
  modified: '2026-11-27',
  selections: {
    affected: {
      type: 'WINDOWS',
      'version|gte': '26100.32690',
      'version|lt': '26100.32698',
      role: 'domain-controller',
    },
    failed: {
      type: 'FAILED_START',
      'time|gte': '2026-04-14T00:00:00Z',
    },
  },
  condition: 'affected',
  sha256: 'a4782d23b08311f94f00e42975596bf41c1e127c717376126eea1afe03fe44b5',
};
