// Generated from rules/2025-04-sprotect.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2025_04_SPROTECT: Rule = {
  title: 'sprotect.sys stops Windows 11 24H2',
  id: '90a1c6f2-7f7d-4f7c-9d7b-5d0250400001',
  status: 'test',
  description:
    'Versions 1.0.2.372 and 1.0.3.48903 of the content protection driver sprotect.sys stop Windows 11 24H2 with a blue or black screen. The driver comes with several security and enterprise products.',
  references: ['https://learn.microsoft.com/windows/release-health/status-windows-11-24h2'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.senseshield', 'effect.bootloop'],
  level: 'high',
  falsepositives: ['A machine whose product was updated and left the old file behind, unused.'],
  verdicts: [
    {
      when: 'bad and windows and loaded and (crash or failed)',
      verdict: 'driver-stops-windows',
      severity: 'act',
    },
    {
      when: 'bad and windows and loaded',
      verdict: 'driver-present',
      severity: 'review',
    },
    {
      when: 'not bad',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'bad',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [
    {
      value: 'confirmed',
      text: {
        en: 'Crash {code} in {driver} at {time} confirms it.',
        ja: '{time} の {driver} でのクラッシュ（{code}）が裏付けています。',
      },
    },
  ],
  texts: {
    'driver-stops-windows': {
      title: {
        en: 'sprotect.sys stops this Windows',
        ja: 'sprotect.sys がこの Windows を停止させている',
      },
      sentence: {
        en: '{path} is a version that stops Windows 11 24H2, and starts have failed. Disable its service (Start 4), then update the product it belongs to.',
        ja: '{path} は Windows 11 24H2 を停止させるバージョンで、起動に失敗しています。サービスを無効（Start 4）にしてから、このドライバーを含む製品を更新してください。',
      },
    },
    'driver-present': {
      title: {
        en: 'a version of sprotect.sys that stops 24H2',
        ja: '24H2 を停止させる sprotect.sys',
      },
      sentence: {
        en: '{path} is a version that is known to stop Windows 11 24H2. No start is known to have failed here.',
        ja: '{path} は Windows 11 24H2 を停止させることが知られているバージョンです。ここでは起動失敗の記録はありません。',
      },
    },
    'not-applicable': {
      title: {
        en: 'sprotect.sys is not the cause',
        ja: 'sprotect.sys は原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    target: 'bad',
    warnings: [],
  },
  name: '2025-04-sprotect',
  modified: '2026-11-27',
  selections: {
    driver: {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\drivers\\sprotect.sys'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [
        {
          class: 'bad-version',
          bad: true,
          text: {
            en: 'a version that stops 24H2',
            ja: '24H2 を停止させるバージョン',
          },
          'pe.version|gte': '1.0.2.372',
          'pe.version|lt': '1.0.2.373',
          notes: [],
        },
        {
          class: 'bad-version',
          bad: true,
          text: {
            en: 'a version that stops 24H2',
            ja: '24H2 を停止させるバージョン',
          },
          'pe.version|gte': '1.0.3.48903',
          'pe.version|lt': '1.0.3.48904',
          notes: [],
        },
        {
          class: 'other-version',
          text: {
            en: 'another version',
            ja: '別のバージョン',
          },
          notes: [],
        },
      ],
      exists: true,
    },
    bad: {
      type: 'OF',
      of: 'driver',
      class: 'bad-version',
    },
    windows: {
      type: 'WINDOWS',
      'version|gte': '26100.0',
    },
    loaded: {
      type: 'SERVICE',
      name: 'sprotect',
      start: ['boot', 'system'],
      exists: true,
    },
    crash: {
      type: 'CRASH',
      module: 'sprotect.sys',
    },
    failed: {
      type: 'FAILED_START',
    },
  },
  condition: 'bad and windows and loaded',
  sha256: '20653bed10028fc42d47cec59df204e8be6e529e69e1b4cdf66f39bc858929f6',
};
