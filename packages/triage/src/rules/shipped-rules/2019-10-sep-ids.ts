// Generated from rules/2019-10-sep-ids.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const OF_2019_10_SEP_IDS: Rule = {
  title: 'Symantec intrusion prevention definitions of 14 October 2019 r61',
  id: '0a8dd7c4-27f0-4f4a-bb66-5d0201910141',
  status: 'test',
  description:
    'With the intrusion prevention definitions 2019/10/14 r61 of Endpoint Protection, IDSvia64.sys stops Windows at the start. Revision 62 mends it.',
  references: ['https://knowledge.broadcom.com/external/article/178810'],
  author: 'deadbox',
  date: '2026-11-27',
  tags: ['vendor.symantec', 'effect.bootloop'],
  level: 'high',
  falsepositives: ['A machine that took revision 62 later and kept the older folder.'],
  verdicts: [
    {
      when: 'definitions and driver and not mended and (crash or failed)',
      verdict: 'definitions-stop-windows',
      severity: 'act',
    },
    {
      when: 'definitions and driver and not mended',
      verdict: 'definitions-present',
      severity: 'review',
    },
    {
      when: 'not definitions',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'definitions',
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
    'definitions-stop-windows': {
      title: {
        en: 'definitions 2019/10/14 r61 stop this Windows',
        ja: '定義ファイル 2019/10/14 r61 がこの Windows を停止させている',
      },
      sentence: {
        en: 'The intrusion prevention definitions 2019/10/14 r61 are there, their driver starts with Windows, and starts have failed. Disable IDSVia64 (Start 4), start, and update the definitions.',
        ja: '侵入防止の定義ファイル 2019/10/14 r61 があり、そのドライバーは Windows とともに起動し、起動に失敗しています。IDSVia64 を無効（Start 4）にして起動し、定義ファイルを更新してください。',
      },
    },
    'definitions-present': {
      title: {
        en: 'definitions 2019/10/14 r61 present',
        ja: '定義ファイル 2019/10/14 r61 あり',
      },
      sentence: {
        en: 'The intrusion prevention definitions 2019/10/14 r61, which stop Windows, are there. No start is known to have failed here.',
        ja: 'Windows を停止させる侵入防止の定義ファイル 2019/10/14 r61 があります。ここでは起動失敗の記録はありません。',
      },
    },
    'not-applicable': {
      title: {
        en: 'those definitions are not the cause',
        ja: 'この定義ファイルは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'advise',
    warnings: [],
  },
  name: '2019-10-sep-ids',
  modified: '2026-11-27',
  selections: {
    definitions: {
      type: 'FILE',
      paths: ['%%environ_systemdrive%%\\ProgramData\\Symantec\\Symantec Endpoint Protection\\**\\20191014.061'],
      kind: 'directory',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    },
    mended: {
      type: 'FILE',
      paths: ['%%environ_systemdrive%%\\ProgramData\\Symantec\\Symantec Endpoint Protection\\**\\20191014.062'],
      kind: 'directory',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    },
    driver: {
      type: 'SERVICE',
      name: 'IDSVia64',
      start: ['boot', 'system'],
      exists: true,
    },
    crash: {
      type: 'CRASH',
      module: 'IDSvia64.sys',
      'time|gte': '2019-10-14T00:00:00Z',
    },
    failed: {
      type: 'FAILED_START',
      'time|gte': '2019-10-14T00:00:00Z',
    },
  },
  condition: 'definitions and driver and not mended',
  sha256: 'c7ff54c05aec7c7e7c9075149e432aacfe2531e2b349d172f511bd3987f31977',
};
