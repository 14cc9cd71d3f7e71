import { type ScanOptions, SHIPPED_RULES } from '@deadbox/triage';
import { parseRule } from '@deadbox/triage/rule-file';
import { describe, expect, test } from 'vitest';
import { writeDump64 } from '../../support/dump-writer.js';
import type { ValueData } from '../../support/hive-writer.js';
import { type FileOptions, fileTime } from '../../support/ntfs-writer/tree.js';
import { writePe } from '../../support/pe-writer.js';
import { temporaryFolder } from '../../support/tools.js';
import { judge } from '../../support/triage/decision-disk.js';
import { softwareHive, systemHive } from '../../support/windows-hives.js';

// A rule for a made-up incident, written from docs/rules.md alone: an update and one version of a driver do not bear
// each other.
const rule = parseRule(
  `title: Westmoor disk cache 4.2 beside an update of 9 September 2025
id: 0f3b7c1e-5a44-4d0c-9d0e-7f5d1c2a9b31
name: westmoor-cache-4-2
status: test
description: Version 4.2 of wmcache.sys crashes after the update of 9 September 2025 on two builds.
references: [https://westmoor.example/advisories/42]
date: 2025-09-11
level: critical
detection:
  driver:
    type: FILE
    paths: ['%%environ_systemroot%%\\System32\\drivers\\wmcache.sys']
    classes:
      - class: version-4-2
        bad: true
        text: { en: version 4.2, ja: バージョン 4.2 }
        pe.version|gte: 4.2.0.0
        pe.version|lt: 4.3.0.0
      - class: other-version
  bad: { of: driver, class: version-4-2 }
  loaded: { type: SERVICE, name: wmcache, start: [boot, system] }
  windows: { type: WINDOWS, build: [20348, 26100] }
  updated: { type: UPDATE, kb: KB5099999, state: installed }
  crash: { type: CRASH, module: wmcache.sys, time|gte: 2025-09-09T00:00:00Z }
  filter: { type: FILTER, name: wmcache, class: disk, side: upper }
  condition: bad and loaded and windows and updated
verdicts:
  - { when: bad and loaded and windows and updated and (crash or filter), verdict: cache-stops-windows, severity: act }
  - { when: bad and loaded and windows and updated, verdict: cache-and-update, severity: review }
  - { when: not bad, verdict: not-applicable, severity: none }
  - { when: bad, verdict: not-applicable, severity: none }
confidence:
  - { value: confirmed, text: { en: 'Crash {code} in {driver} confirms it.', ja: '{driver} でのクラッシュ（{code}）が裏付けています。' } }
texts:
  cache-stops-windows:
    title: { en: disk cache 4.2 stops Windows, ja: ディスクキャッシュ 4.2 が Windows を停止させる }
    sentence: { en: '{path} does not bear the update.', ja: '{path} は更新プログラムと共存できません。' }
  cache-and-update: 'Version 4.2 and the update are both here.'
  not-applicable: 'Not affected.'
remediation: { action: advise, target: bad, warnings: [] }
`,
);

interface Server {
  build?: number;
  version?: string;
  start?: number;
  update?: number;
  crashed?: string;
  filtered?: boolean;
}

const DISK_CLASS = 'ControlSet001\\Control\\Class\\{4d36e967-e325-11ce-bfc1-08002be10318}';

function files({ build = 26100, version = '4.2.1.7', start = 0, update = 0x70, crashed, filtered }: Server) {
  const system: Record<string, Record<string, ValueData>> = {
    'ControlSet001\\Services\\wmcache': { Start: start, Type: 1, ErrorControl: 1 },
    ...(filtered === true ? { [DISK_CLASS]: { UpperFilters: ['partmgr', 'wmcache'] } } : {}),
  };
  const software: Record<string, Record<string, ValueData>> = {
    'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages\\Package_for_KB5099999~31bf3856ad364e35~amd64~~10.0.1.2':
      { CurrentState: update },
  };
  const all: Record<string, FileOptions> = {
    '/Windows/System32/config/SYSTEM': { content: systemHive({ build, system }) },
    '/Windows/System32/config/SOFTWARE': { content: softwareHive({ build, revision: 4061, software }) },
    '/Windows/System32/drivers/wmcache.sys': {
      content: writePe({ fileVersion: version }),
      modified: '2025-08-01T00:00:00Z',
    },
  };
  if (crashed !== undefined) {
    const drivers = [
      { name: 'ntoskrnl.exe', base: 0xfffff80312000000n, size: 0xab7000 },
      { name: crashed, base: 0xfffff80314000000n, size: 0x2c000 },
    ];
    const time = '2025-09-10T03:00:00Z';
    const content = writeDump64({
      code: 0xd1,
      parameters: [0x10n, 2n, 0n, drivers[1].base + 0x14edn],
      time: fileTime(time),
      drivers,
      stack: [drivers[0].base + 0x1000n, drivers[1].base + 0x14edn],
    });
    all['/Windows/Minidump/091025-1000-01.dmp'] = { content, modified: time };
  }
  return all;
}

describe('a rule that asks for a build, an update, a driver version and a crash', () => {
  const folder = temporaryFolder();
  const options: ScanOptions = { mode: 'full', rules: [...SHIPPED_RULES, rule] };
  const judged = async (server: Server) => {
    const report = await judge(
      folder,
      { channelFiles: [], crowdStrikeEntries: 0, windowsFiles: files(server) },
      options,
    );
    return { report, result: report.installations[0]?.rules.find(({ rule: name }) => name === rule.name) };
  };

  test.each<[string, Server, string, string]>([
    ['all of it, with a crash', { crashed: 'wmcache.sys' }, 'cache-stops-windows', 'act'],
    ['all of it, as a filter of disks', { filtered: true }, 'cache-stops-windows', 'act'],
    ['no crash, no filter', {}, 'cache-and-update', 'review'],
    ['another build', { build: 22631 }, 'not-applicable', 'none'],
    ['an update that is only staged', { update: 0x40, crashed: 'other.sys' }, 'not-applicable', 'none'],
    ['the version after', { version: '4.3.0.0' }, 'not-applicable', 'none'],
    ['a disabled driver', { start: 4 }, 'not-applicable', 'none'],
  ])('%s', async (_what, server, verdict, severity) => {
    expect((await judged(server)).result).toMatchObject({ verdict, severity });
  });

  test('is the cause of the image, confirmed by the crash', async () => {
    const { report, result } = await judged({ crashed: 'wmcache.sys' });
    expect(result?.confidence).toBe('confirmed');
    expect(report.causes.map(({ id }) => id)).toContain('rule:westmoor-cache-4-2');
    expect(report.causes.find(({ id }) => id === 'rule:westmoor-cache-4-2')).toMatchObject({
      confidence: 'proves',
      severity: 'act',
      codes: ['0x000000D1'],
    });
  });
});
