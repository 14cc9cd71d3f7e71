// Generated from rules/ms14-045-font-cache.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from '../rule.js';

export const MS14_045_FONT_CACHE: Rule = {
  title: 'MS14-045 font cache crash (KB2982791)',
  id: '7d2f1f0e-3f0b-4c55-9a0e-8d0c5a140812',
  status: 'stable',
  description:
    'The security updates of 12 August 2014 (KB2982791, KB2970228, KB2975719, KB2975331) crashed machines at start with stop code 0x50 when OTF fonts outside the fonts folder were registered with their full path. Removing the font cache let them start.',
  references: [
    'http://nakedsecurity.sophos.com/2014/08/18/microsoft-pulls-patch-tuesday-kernel-update-ms14-045-can-cause-blue-screen-of-death/',
  ],
  author: 'deadbox',
  date: '2014-08-12',
  tags: ['vendor.microsoft', 'effect.bootloop'],
  level: 'high',
  falsepositives: ['A machine whose update was replaced by its successor (KB2993651) without being removed.'],
  verdicts: [
    {
      when: 'font-cache and font-with-path and (kb2982791 or kb2970228 or kb2975719 or kb2975331)',
      verdict: 'font-cache-suspect',
      severity: 'review',
    },
    {
      when: 'not font-cache',
      verdict: 'not-applicable',
      severity: 'none',
    },
    {
      when: 'font-cache',
      verdict: 'not-applicable',
      severity: 'none',
    },
  ],
  order: [],
  confidence: [],
  texts: {
    'font-cache-suspect': {
      title: {
        en: 'font cache under a withdrawn update',
        ja: '配信停止された更新プログラムとフォントキャッシュあり',
      },
      sentence: {
        en: 'This Windows has an update of August 2014 that was withdrawn, an OTF font registered with its full path, and a font cache. If it stops with 0x50 at every start, remove FNTCACHE.DAT; Windows rebuilds it. Then uninstall the update.',
        ja: 'この Windows には、配信停止となった 2014 年 8 月の更新プログラム、フルパスで登録された OTF フォント、フォントキャッシュがあります。起動のたびに 0x50 で停止する場合は FNTCACHE.DAT を削除してください（Windows が作り直します）。その後、更新プログラムをアンインストールしてください。',
      },
    },
    'not-applicable': {
      title: {
        en: 'the font cache is not the cause',
        ja: 'フォントキャッシュは原因ではない',
      },
    },
  },
  history: [],
  steps: [],
  remediation: {
    action: 'rename-file',
    target: 'font-cache',
    vendor_advice: 'https://support.microsoft.com/kb/2982791',
    warnings: [],
  },
  name: 'ms14-045-font-cache',
  modified: '2026-11-27',
  selections: {
    'font-cache': {
      type: 'FILE',
      paths: ['%%environ_systemroot%%\\System32\\FNTCACHE.DAT'],
      kind: 'file',
      lookalikes: [],
      quarantine: [],
      classes: [],
      exists: true,
    },
    kb2982791: {
      type: 'REGISTRY_KEY',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\\Package_for_KB2982791~*',
      exists: true,
    },
    kb2970228: {
      type: 'REGISTRY_KEY',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\\Package_for_KB2970228~*',
      exists: true,
    },
    kb2975719: {
      type: 'REGISTRY_KEY',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\\Package_for_KB2975719~*',
      exists: true,
    },
    kb2975331: {
      type: 'REGISTRY_KEY',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\\Package_for_KB2975331~*',
      exists: true,
    },
    'font-with-path': {
      type: 'REGISTRY_VALUE',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Fonts',
      value: '*',
      'data|re': '^[A-Z]:\\\\.*\\.otf$',
      exists: true,
    },
  },
  condition: 'font-cache and font-with-path and (kb2982791 or kb2970228 or kb2975719 or kb2975331)',
  sha256: '5121564eabee968f71978da23ee21c98d51944547f509db19edde2a75312ffd3',
};
