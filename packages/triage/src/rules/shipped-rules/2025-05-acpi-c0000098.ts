// Generated from rules/2025-05-acpi-c0000098.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2025_05_ACPI_C0000098: Rule = {
  title: 'Update of 13 May 2025 leaves virtual machines with 0xC0000098 in ACPI.sys',
  id: '3b8f4f0e-9d4d-4a38-9f4e-5d0584050001',
  status: 'test',
  description:
    'With KB5058405, Windows 11 22H2 and 23H2 in virtual machines can stop before Windows runs: the boot manager shows 0xC0000098 and names ACPI.sys. KB5062170 mends it.',
  references: ['https://support.microsoft.com/help/5058405', 'https://support.microsoft.com/help/5062170'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'high',
  falsepositives: ['A machine whose ACPI.sys was damaged by something else in the same weeks.'],
  verdicts: [
    {
      when: '(windows-22h2 or windows-23h2 or pending) and screen',
      verdict: 'acpi-start-fails',
      severity: 'act',
    },
    {
      when: 'not screen',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'screen',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'acpi-start-fails': {
      title: {
        en: 'ACPI.sys after the update of May 2025',
        ja: '2025 年 5 月の更新プログラム後の ACPI.sys エラー',
      },
      sentence: {
        en: 'The last start ended with 0xC0000098 in ACPI.sys, and this Windows has the update of 13 May 2025 (KB5058405). Copy ACPI.sys of this build from WinSxS over the one in System32\\drivers, start, and install KB5062170 or any later update.',
        ja: '直近の起動は ACPI.sys の 0xC0000098 で失敗しており、この Windows には 2025 年 5 月 13 日の更新プログラム（KB5058405）が適用されています。WinSxS にある同じビルドの ACPI.sys を System32\\drivers に上書きコピーして起動し、KB5062170 以降の更新プログラムを適用してください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the update of May 2025 is not the cause',
        ja: '2025 年 5 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    vendor_advice: 'https://support.microsoft.com/help/5062170',
    warnings: [],
  },
  name: '2025-05-acpi-c0000098',
  modified: '2026-11-27',
  selections: {
    'windows-22h2': {
      type: 'WINDOWS',
      'version|gte': '22621.5335',
      'version|lt': '22621.5415',
    },
    'windows-23h2': {
      type: 'WINDOWS',
      'version|gte': '22631.5335',
      'version|lt': '22631.5415',
    },
    pending: {
      type: 'UPDATE',
      'package|re': '^Package_for_RollupFix~',
      'version|gte': '22621.5335',
      'version|lt': '22621.5415',
      state: 'pending',
      exists: true,
    },
    screen: {
      type: 'BOOT_FAILURE',
      status: '0xC0000098',
      'path|re': 'acpi\\.sys$',
    },
  },
  condition: '(windows-22h2 or windows-23h2 or pending) and screen',
  sha256: 'd7b9f5195ddf9b22bd58f6e8157530e208a65b62a90409dd58f6684a4f6236fa',
};
