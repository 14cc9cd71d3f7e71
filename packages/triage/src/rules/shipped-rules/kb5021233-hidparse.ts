// Generated from rules/kb5021233-hidparse.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const KB5021233_HIDPARSE: Rule = {
  title: 'KB5021233 hidparse.sys version mismatch',
  id: '3c9a1b52-6f1d-4a7e-8b0f-9d5021233000',
  status: 'stable',
  description:
    'After the update of 13 December 2022 Windows 10 can stop with 0xC000021A at start when hidparse.sys in System32 and in System32\\drivers have different versions.',
  references: [
    'https://datanews.knack.be/ict/nieuws/patch-tuesday-kan-windows-10-doen-crashen/article-news-1922767.html',
    'https://www.windowsblogitalia.com/2023/01/fix-bsod-errore-0xc000021a-windows-10/',
  ],
  author: 'deadbox',
  date: '2022-12-13',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'high',
  falsepositives: ['Windows before the update, where the two files may differ without harm.'],
  verdicts: [
    {
      when: 'mismatch and windows-10 and updated',
      verdict: 'file-versions-differ',
      severity: 'review',
    },
    {
      when: 'not mismatch',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'mismatch',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'file-versions-differ': {
      title: {
        en: 'two versions of hidparse.sys',
        ja: 'hidparse.sys のバージョンが不一致',
      },
      sentence: {
        en: 'hidparse.sys in System32 and in System32\\drivers have different versions, which stops this Windows with 0xC000021A. From a recovery environment: xcopy C:\\windows\\system32\\drivers\\hidparse.sys C:\\windows\\system32\\hidparse.sys',
        ja: 'System32 と System32\\drivers の hidparse.sys のバージョンが異なるため、この Windows は 0xC000021A で停止します。回復環境で次を実行してください：xcopy C:\\windows\\system32\\drivers\\hidparse.sys C:\\windows\\system32\\hidparse.sys',
      },
    },
    'not-applicable': {
      title: {
        en: 'hidparse.sys is not the cause',
        ja: 'hidparse.sys は原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    target: 'mismatch',
    warnings: [],
  },
  name: 'kb5021233-hidparse',
  modified: '2026-11-27',
  selections: {
    'copy-in-drivers': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\hidparse.sys'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    },
    mismatch: {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\hidparse.sys'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
      compare: {
        field: 'pe.version',
        other: 'copy-in-drivers',
      },
    },
    'windows-10': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
      value: 'CurrentBuildNumber',
      'data|lt': 19046,
      'data|gte': 19042,
      exists: true,
    },
    updated: {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
      value: 'UBR',
      'data|gte': 2364,
      exists: true,
    },
  },
  condition: 'mismatch and windows-10 and updated',
  sha256: 'aeb6750905fe568d4dcdef18e6f2dd6e55d9d5ed0f583caff9a06fdc37521b68',
};
