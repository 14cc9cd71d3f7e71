// Generated from rules/2025-07-azure-vbs.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2025_07_AZURE_VBS: Rule = {
  title: 'Update of 8 July 2025 stops Azure VMs with VBS and without Trusted Launch',
  id: 'e4f0a9d8-3f0b-4a57-8f6e-5d0625530001',
  status: 'test',
  description:
    'With KB5062553, general-purpose Azure virtual machines of version 8.0 without Trusted Launch that enforce virtualization-based security by the registry do not start. KB5064489 mends it.',
  references: ['https://support.microsoft.com/help/5062553', 'https://support.microsoft.com/help/5064489'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'medium',
  falsepositives: [
    'A machine that is not an Azure virtual machine, or one with Trusted Launch that has not measured a start yet.',
  ],
  verdicts: [
    {
      when: 'affected and vbs and azure and measured is absent',
      verdict: 'vbs-start-fails',
      severity: 'review',
    },
    {
      when: 'not affected',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'affected',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'vbs-start-fails': {
      title: {
        en: 'Azure VM with VBS on a build that does not start',
        ja: '起動しないビルドで VBS が有効な Azure VM',
      },
      sentence: {
        en: 'This Azure virtual machine has the update of 8 July 2025 (KB5062553), enforces virtualization-based security, and never measured a start: it has no Trusted Launch. Such machines may not start. Install KB5064489, or turn EnableVirtualizationBasedSecurity off until then.',
        ja: 'この Azure 仮想マシンには 2025 年 7 月 8 日の更新プログラム（KB5062553）が適用され、仮想化ベースのセキュリティが有効で、起動の測定記録がありません（トラステッド起動なし）。この構成では起動しないことがあります。KB5064489 を適用するか、それまで EnableVirtualizationBasedSecurity を無効にしてください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the update of July 2025 is not the cause',
        ja: '2025 年 7 月の更新プログラムは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    vendor_advice: 'https://support.microsoft.com/help/5064489',
    warnings: [],
  },
  name: '2025-07-azure-vbs',
  modified: '2026-11-27',
  selections: {
    affected: {
      type: 'WINDOWS',
      'version|gte': '26100.4652',
      'version|lt': '26100.4656',
    },
    vbs: {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\DeviceGuard',
      value: 'EnableVirtualizationBasedSecurity',
      data: 1,
      exists: true,
    },
    azure: {
      type: 'SERVICE',
      name: 'WindowsAzureGuestAgent',
      exists: true,
    },
    measured: {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\Logs\\MeasuredBoot\\*.log'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    },
  },
  condition: 'affected and vbs and azure and measured is absent',
  sha256: 'e928e6eac74637cf65077f9427aaeeeb780665de74906e5d733745b231f65d16',
};
