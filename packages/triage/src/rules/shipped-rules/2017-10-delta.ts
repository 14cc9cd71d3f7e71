// Generated from rules/2017-10-delta.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2017_10_DELTA: Rule = {
  title: 'Full and delta update of 10 October 2017 pending together',
  id: '1d3c5b7e-64a2-4a94-8f20-5d0404160001',
  status: 'test',
  description:
    'On 10 October 2017 update servers offered the full and the delta package of KB4041676 and KB4041691 together. Where both are pending, Windows 10 1607, 1703 and Server 2016 do not start.',
  references: ['https://support.microsoft.com/help/4049094'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'high',
  falsepositives: [],
  verdicts: [
    {
      when: '(delta-1703 and full-1703) or (delta-1607 and full-1607)',
      verdict: 'both-pending',
      severity: 'act',
    },
    {
      when: 'not delta-1703',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'delta-1703',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'both-pending': {
      title: {
        en: 'full and delta update pending together',
        ja: '通常版と差分版の更新プログラムが同時に保留中',
      },
      sentence: {
        en: 'The full and the delta package of the update of 10 October 2017 are both pending, which stops every start. From a recovery environment remove the packages with dism /image, and the value Exclusive under SessionsPending.',
        ja: '2017 年 10 月 10 日の更新プログラムの通常版と差分版がともに保留中で、起動できません。回復環境で dism /image により両パッケージを削除し、SessionsPending の Exclusive の値を削除してください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the update of October 2017 is not the cause',
        ja: '2017 年 10 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    vendor_advice: 'https://support.microsoft.com/help/4049094',
    warnings: [],
  },
  name: '2017-10-delta',
  modified: '2026-11-27',
  selections: {
    'delta-1703': {
      type: 'UPDATE',
      'package|re': '^Package_for_RollupFix_Wrapper~',
      'version|gte': '15063.674',
      'version|lt': '15063.675',
      state: 'pending',
      exists: true,
    },
    'full-1703': {
      type: 'UPDATE',
      'package|re': '^Package_for_RollupFix~',
      'version|gte': '15063.674',
      'version|lt': '15063.675',
      state: 'pending',
      exists: true,
    },
    'delta-1607': {
      type: 'UPDATE',
      'package|re': '^Package_for_RollupFix_Wrapper~',
      'version|gte': '14393.1770',
      'version|lt': '14393.1771',
      state: 'pending',
      exists: true,
    },
    'full-1607': {
      type: 'UPDATE',
      'package|re': '^Package_for_RollupFix~',
      'version|gte': '14393.1770',
      'version|lt': '14393.1771',
      state: 'pending',
      exists: true,
    },
  },
  condition: '(delta-1703 and full-1703) or (delta-1607 and full-1607)',
  sha256: '6e1ba7b6e5bb1890ec20f8367fc5e56b64fc5e0999185ac66f454b552496b713',
};
