import type { Rule } from '../rule.js';

/** CrowdStrike channel file 291 from the faulty window. Compiled from `rules/crowdstrike-channel-file-291.yaml` by `node scripts/compile-rules.mjs`; do not edit here. */
export const CROWDSTRIKE_CHANNEL_FILE_291: Rule = {
  title: 'CrowdStrike channel file 291 from the faulty window',
  id: '5b0a4c1e-7d5c-4f0e-9b1a-2f0f5b1d2910',
  name: 'crowdstrike-channel-file-291',
  status: 'stable',
  description:
    'Content file 291 of the CrowdStrike Falcon sensor, delivered from 2024-07-19 04:09 UTC and reverted at 05:27 UTC, crashed Windows hosts at every start. The newest file in the folder is the active content.',
  references: [
    'https://www.crowdstrike.com/falcon-content-update-remediation-and-guidance-hub/',
    'https://www.crowdstrike.com/blog/falcon-update-for-windows-hosts-technical-details/',
  ],
  author: 'deadbox',
  date: '2024-07-19',
  modified: '2026-11-22',
  tags: ['vendor.crowdstrike', 'product.falcon', 'effect.bootloop'],
  level: 'critical',
  falsepositives: ['A copy of the file that was restored on purpose for analysis.'],
  selections: {
    'channel-file': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\C-00000291*.sys'],
      kind: 'file',
      lookalikes: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\C-*291*'],
      quarantine: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\Quarantine\\**\\C-*291*'],
      classes: [
        {
          class: 'pre-incident',
          tests: {
            modified: {
              lt: '2024-07-19T04:09:00Z',
            },
          },
          notes: [
            {
              note: 'near-window',
              tests: {
                modified: {
                  gte: '2024-07-19T03:54:00Z',
                },
              },
            },
          ],
        },
        {
          class: 'faulty-window',
          tests: {
            modified: {
              gte: '2024-07-19T04:09:00Z',
              lt: '2024-07-19T05:27:00Z',
            },
          },
          notes: [
            {
              note: 'copied-or-restored',
              tests: {
                created: {
                  laterThan: {
                    field: 'modified',
                    seconds: 60,
                  },
                },
              },
            },
          ],
        },
        {
          class: 'timestamp-conflict',
          tests: {
            modified: {
              gte: '2024-07-19T05:27:00Z',
            },
            created: {
              gte: '2024-07-19T04:09:00Z',
              lt: '2024-07-19T05:27:00Z',
            },
          },
          notes: [],
        },
        {
          class: 'reverted-or-newer',
          tests: {
            modified: {
              gte: '2024-07-19T05:27:00Z',
            },
          },
          notes: [],
        },
        {
          class: 'timestamp-conflict',
          tests: {
            modified: {
              exists: false,
            },
          },
          notes: [],
        },
      ],
      tests: {},
      exists: true,
    },
    folder: {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike'],
      kind: 'directory',
      lookalikes: [],
      quarantine: [],
      classes: [],
      tests: {},
      exists: true,
    },
    service: {
      type: 'REGISTRY_KEY',
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\CSAgent',
      exists: true,
    },
    'service-disabled': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\CSAgent',
      exists: true,
      value: 'Start',
      data: 4,
    },
    'old-build': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
      exists: true,
      value: 'CurrentBuildNumber',
      dataLt: 9200,
    },
    'old-sensor': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\CrowdStrike\\csagent.sys'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      tests: {
        peVersion: {
          lt: '7.11.0.0',
        },
      },
      exists: true,
    },
    crash: {
      type: 'CRASH',
      module: 'csagent.sys',
      timeGte: '2024-07-19T04:09:00Z',
    },
    faulty: {
      type: 'OF',
      of: 'channel-file',
      class: 'faulty-window',
    },
    'faulty-readable': {
      type: 'OF',
      of: 'channel-file',
      class: 'faulty-window',
      content: ['ok', 'partly-written'],
    },
    newer: {
      type: 'OF',
      of: 'channel-file',
      class: 'reverted-or-newer',
    },
    'newer-ok': {
      type: 'OF',
      of: 'channel-file',
      class: 'reverted-or-newer',
      content: ['ok'],
    },
    conflict: {
      type: 'OF',
      of: 'channel-file',
      class: 'timestamp-conflict',
    },
    readable: {
      type: 'OF',
      of: 'channel-file',
      content: ['ok'],
    },
    'earlier-ok': {
      type: 'OF',
      of: 'channel-file',
      class: 'pre-incident',
      content: ['ok'],
    },
    'near-window': {
      type: 'OF',
      of: 'channel-file',
      note: 'near-window',
    },
  },
  condition: 'faulty and not newer-ok',
  verdicts: [
    {
      when: 'faulty and not newer-ok and (service-disabled or service is absent or old-build or old-sensor)',
      verdict: 'present-not-susceptible',
      severity: 'review',
    },
    {
      when: 'faulty-readable and not newer',
      verdict: 'faulty',
      severity: 'act',
    },
    {
      when: 'faulty and newer and not newer-ok',
      verdict: 'superseded-doubtful',
      severity: 'act',
      confidence: 'lower',
    },
    {
      when: 'faulty and not newer',
      verdict: 'faulty-damaged',
      severity: 'act',
      confidence: 'lower',
    },
    {
      when: 'faulty and newer-ok',
      verdict: 'superseded',
      severity: 'none',
    },
    {
      when: 'newer-ok',
      verdict: 'reverted',
      severity: 'none',
    },
    {
      when: 'conflict',
      verdict: 'review',
      severity: 'review',
    },
    {
      when: 'channel-file and not readable',
      verdict: 'damaged',
      severity: 'review',
    },
    {
      when: 'newer',
      verdict: 'damaged',
      severity: 'review',
    },
    {
      when: 'earlier-ok and near-window',
      verdict: 'not-updated',
      severity: 'review',
    },
    {
      when: 'earlier-ok',
      verdict: 'not-updated',
      severity: 'none',
    },
    {
      when: 'folder or service',
      verdict: 'cleared',
      severity: 'none',
    },
    {
      when: 'not folder',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  confidence: [
    {
      when: 'crash',
      value: 'confirmed',
    },
  ],
  texts: {},
  remediation: {
    action: 'rename-file',
    warnings: ['disk-signature', 'bitlocker', 'registry-health'],
    target: 'faulty',
    vendorAdvice: 'https://www.crowdstrike.com/falcon-content-update-remediation-and-guidance-hub/',
  },
  sha256: 'a29fae59b48f80cd5ad8abe7aeeb1c9160d031d2553f8d1cf55f0768b6137c18',
};
