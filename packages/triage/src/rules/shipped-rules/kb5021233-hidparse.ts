import type { Rule } from '../rule.js';

/** KB5021233 hidparse.sys version mismatch. Compiled from `rules/kb5021233-hidparse.yaml` by `node scripts/compile-rules.mjs`; do not edit here. */
export const KB5021233_HIDPARSE: Rule = {
  title: 'KB5021233 hidparse.sys version mismatch',
  id: '3c9a1b52-6f1d-4a7e-8b0f-9d5021233000',
  name: 'kb5021233-hidparse',
  status: 'stable',
  description:
    'After the update of 13 December 2022 Windows 10 can stop with 0xC000021A at start when hidparse.sys in System32 and in System32\\drivers have different versions.',
  references: [
    'https://datanews.knack.be/ict/nieuws/patch-tuesday-kan-windows-10-doen-crashen/article-news-1922767.html',
    'https://www.windowsblogitalia.com/2023/01/fix-bsod-errore-0xc000021a-windows-10/',
  ],
  author: 'deadbox',
  date: '2022-12-13',
  modified: '2026-11-22',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'high',
  falsepositives: ['Windows before the update, where the two files may differ without harm.'],
  selections: {
    'copy-in-drivers': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\hidparse.sys'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      tests: {},
      exists: true,
    },
    mismatch: {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\hidparse.sys'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      tests: {},
      exists: true,
      differsFrom: {
        field: 'pe.version',
        other: 'copy-in-drivers',
      },
    },
    'windows-10': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
      exists: true,
      value: 'CurrentBuildNumber',
      dataLt: 19046,
      dataGte: 19042,
    },
    updated: {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
      exists: true,
      value: 'UBR',
      dataGte: 2364,
    },
  },
  condition: 'mismatch and windows-10 and updated',
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
  confidence: [],
  texts: {
    'file-versions-differ':
      'hidparse.sys in System32 and in System32\\drivers have different versions, which stops this Windows with 0xC000021A. From a recovery environment: xcopy C:\\windows\\system32\\drivers\\hidparse.sys C:\\windows\\system32\\hidparse.sys',
  },
  remediation: {
    action: 'advise',
    warnings: [],
    target: 'mismatch',
  },
  sha256: '0f57274250bd150caafaebf6198e01971a148e89b255465dacd75f70aad82de3',
};
