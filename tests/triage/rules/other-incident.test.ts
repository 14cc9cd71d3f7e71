import { renderScanImage } from '@deadbox/report';
import { ja } from '@deadbox/report/ja';
import { fillRuleText, type Rule, type RuleText } from '@deadbox/triage';
import { parseRule } from '@deadbox/triage/rule-file';
import { describe, expect, test } from 'vitest';
import { writeDump64 } from '../../support/dump-writer.js';
import { type FileOptions, fileTime } from '../../support/ntfs-writer/tree.js';
import { temporaryFolder } from '../../support/tools.js';
import { crashedDisk, scan } from '../../support/triage/decision-disk.js';
import { folderRecord, journal } from '../../support/triage/journal.js';
import { softwareHive, systemHive } from '../../support/windows-hives.js';

// A rule for an incident of a made-up vendor, written from docs/rules.md alone. It has the shape of the antivirus
// incidents of 2010 to 2017: a definition file that came in a known hour makes the vendor's own driver crash at every
// start, and a later one cures it.
const FOLDER = '/ProgramData/Northgate/Definitions';
const rule: Rule = parseRule(
  `title: Northgate Shield definitions 9041 stop every start
id: 5d0c8a57-93a1-4d9c-8a13-6c1a45d6f0e2
name: northgate-9041
status: test
description: Definition set 9041, published on 2025-05-06 from 10:00 to 11:30 UTC, makes ngscan.sys read outside its buffer.
references: [https://northgate.example/advisories/9041]
date: 2025-05-07
level: critical
detection:
  definitions:
    type: FILE
    paths: ['%%environ_systemdrive%%\\ProgramData\\Northgate\\Definitions\\ng-*.vdf']
    classes:
      - class: before-9041
        text: { en: an earlier set, ja: 以前の定義ファイル }
        modified|lt: 2025-05-06T10:00:00Z
      - class: set-9041
        bad: true
        text: { en: set 9041, ja: 定義ファイル 9041 }
        modified|gte: 2025-05-06T10:00:00Z
        modified|lt: 2025-05-06T11:30:00Z
        notes:
          - note: restored-copy
            text: { en: created later than written, ja: 更新より後に作成 }
            created|later-than: { field: modified, seconds: 60 }
      - class: after-9041
        text: { en: a later set, ja: 以降の定義ファイル }
        modified|gte: 2025-05-06T11:30:00Z
  driver:
    type: REGISTRY_KEY
    key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\ngscan'
  domain-controller:
    type: REGISTRY_VALUE
    key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions'
    value: ProductType
    data: LanmanNT
  crash: { type: CRASH, module: ngscan.sys, time|gte: 2025-05-06T10:00:00Z }
  bad: { of: definitions, class: set-9041 }
  good: { of: definitions, class: after-9041, content: ok }
  condition: bad and not good
verdicts:
  - { when: bad and not good and driver, verdict: set-9041-active, severity: act }
  - { when: bad and not good, verdict: set-9041-idle, severity: review }
  - { when: good, verdict: set-9041-replaced, severity: none }
  - { when: not bad, verdict: never-had-9041, severity: none }
confidence:
  - value: confirmed
    text: { en: 'Crash {code} in {driver} at {time} confirms it.', ja: '{time} の {driver} でのクラッシュ（{code}）が裏付けています。' }
  - value: contradicted
    text: { en: 'The newest crash is in {driver}.', ja: '最新のクラッシュは {driver} です。' }
texts:
  set-9041-active:
    title: { en: definitions 9041 are active, ja: 定義ファイル 9041 が有効 }
    sentence:
      en: 'Shield loads {file}[[, written {modified}]], and crashes. {count} file(s) of that set are here.'
      ja: 'Shield が {file}[[（更新日時 {modified}）]]を読み込み、クラッシュします。該当ファイルは {count} 個です。'
  set-9041-idle: 'Definitions 9041 are here, but Shield is not installed.'
  set-9041-replaced:
    title: { en: definitions 9041 were replaced, ja: 定義ファイル 9041 は置き換え済み }
history:
  - shows: period
    text: { en: 'Set 9041 was here from {from} to {until}.', ja: 'セット 9041 は {from} から {until} までありました。' }
  - shows: since
    text: { en: 'Set 9041 came at {from}.', ja: 'セット 9041 は {from} に届きました。' }
steps:
  - id: delete-set
    verdicts: [set-9041-active]
    files: bad
    drive: X
    text: { en: 'Run {del} on another system.', ja: '別のシステムで {del} を実行してください。' }
  - id: keep-disk-identity
    verdicts: [set-9041-active]
  - id: restore-directory-carefully
    verdicts: [set-9041-active]
    when: domain-controller
    text: This is a domain controller.
remediation: { action: rename-file, target: bad, vendor_advice: https://northgate.example/advisories/9041 }
`,
  'northgate-9041.yaml',
);

const NAME = 'ng-0007.vdf';
const CONTENT = Uint8Array.from({ length: 5000 }, (_, i) => (i * 13) & 255);

function crashIn(driver: string, time: string): Record<string, FileOptions> {
  const drivers = [
    { name: 'ntoskrnl.exe', base: 0xfffff80312000000n, size: 0xab7000 },
    { name: driver, base: 0xfffff80314000000n, size: 0x2c000 },
  ];
  const content = writeDump64({
    code: 0x50,
    parameters: [0xffff8486n, 0n, drivers[1].base + 0x14edn, 0n],
    time: fileTime(time),
    drivers,
    stack: [drivers[0].base + 0x1000n, drivers[1].base + 0x14edn],
  });
  return { '/Windows/Minidump/050625-1000-01.dmp': { content, modified: time } };
}

/** A server of the incident; `files` come on top. */
function server(files: Record<string, FileOptions>): Record<string, FileOptions> {
  return {
    '/Windows/System32/config/SYSTEM': {
      content: systemHive({
        sensorStart: null,
        productType: 'LanmanNT',
        system: { 'ControlSet001\\Services\\ngscan': { Start: 1, Type: 1 } },
      }),
    },
    '/Windows/System32/config/SOFTWARE': { content: softwareHive({}) },
    ...files,
  };
}

describe("a rule of another vendor's incident", () => {
  const folder = temporaryFolder();
  const definition = (modified: string, created = modified): Record<string, FileOptions> => ({
    [`${FOLDER}/${NAME}`]: { content: CONTENT, modified, created },
  });
  const judge = (windowsFiles: Record<string, FileOptions>, mode: 'full' | 'deep' = 'full') =>
    scan(crashedDisk(folder, { channelFiles: [], crowdStrikeEntries: 0, windowsFiles }).path, { mode, rules: [rule] });

  test('gets a report as complete as that of a shipped rule, in every language that it has', async () => {
    const report = await judge(
      server({
        ...definition('2025-05-06T10:15:00.0000000Z', '2025-05-06T12:00:00.0000000Z'),
        ...crashIn('ngscan.sys', '2025-05-06T13:00:00.0000000Z'),
      }),
    );
    expect(report).toMatchObject({ verdict: 'set-9041-active', severity: 'act' });
    const [installation] = report.installations;
    expect(installation).toMatchObject({
      rule: 'northgate-9041',
      text: `Shield loads ${NAME}, written 2025-05-06T10:15:00.0000000Z, and crashes. 1 file(s) of that set are here.`,
      confidence: 'confirmed',
      decided: { row: 1, when: 'bad and not good and driver', files: [0] },
      words: {
        title: { en: 'definitions 9041 are active', ja: '定義ファイル 9041 が有効' },
        classes: { 'set-9041': { en: 'set 9041', ja: '定義ファイル 9041' } },
        notes: { 'restored-copy': { en: 'created later than written', ja: '更新より後に作成' } },
        confidence: { ja: '{time} の {driver} でのクラッシュ（{code}）が裏付けています。' },
      },
    });
    expect(installation.files[installation.decided?.files[0] ?? -1]).toMatchObject({
      path: `${FOLDER}/${NAME}`,
      class: 'set-9041',
      notes: ['restored-copy'],
    });
    expect(installation.crash[installation.confidenceFrom ?? -1]).toMatchObject({
      module: 'ngscan.sys',
      code: '0x00000050',
    });
    expect(installation.nextSteps.map(({ id }) => id).slice(0, 4)).toEqual([
      'copy-first',
      'keep-disk-identity',
      'delete-set',
      'restore-directory-carefully',
    ]);
    expect(installation.nextSteps[2]).toMatchObject({
      text: { ja: '別のシステムで {del} を実行してください。' },
      data: { paths: [`X:${FOLDER.replaceAll('/', '\\')}\\${NAME}`] },
    });
  });

  test('is told as text in the language of the reader', async () => {
    const report = await judge(
      server({
        ...definition('2025-05-06T10:15:00.0000000Z', '2025-05-06T12:00:00.0000000Z'),
        ...crashIn('ngscan.sys', '2025-05-06T13:00:00.0000000Z'),
      }),
    );
    const english = renderScanImage(report, { width: 400 });
    const japanese = renderScanImage(report, { width: 400, language: ja });
    for (const [text, parts] of [
      [
        english,
        [
          'definitions 9041 are active',
          `Shield loads ${NAME}, written 2025-05-06 10:15:00 UTC`,
          'set 9041',
          'created later than written',
          'Crash 0x00000050 in ngscan.sys at 2025-05-06 13:00:00 UTC / 2025-05-06 22:00:00 Asia/Tokyo confirms it.',
          `Run del "X:\\ProgramData\\Northgate\\Definitions\\${NAME}" on another system.`,
        ],
      ],
      [
        japanese,
        [
          '定義ファイル 9041 が有効',
          `Shield が ${NAME}`,
          '更新より後に作成',
          '裏付けています。',
          '別のシステムで del',
          // A text without Japanese stays English.
          'This is a domain controller.',
        ],
      ],
    ] as const)
      for (const part of parts) expect(text).toContain(part);
  });

  test('has a history with the period of its own bad class', async () => {
    const entries = [
      { name: NAME, reason: 0x100, time: '2025-05-06T10:20:00.0000000Z' },
      { name: NAME, reason: 0x8000_0200, time: '2025-05-06T14:00:00.0000000Z' },
    ];
    const files = (content: Uint8Array): Record<string, FileOptions> =>
      server({
        [`${FOLDER}/ng-0008.vdf`]: { content: CONTENT, modified: '2025-05-06T14:00:00.0000000Z' },
        '/$Extend/$UsnJrnl': { size: 0, attributes: 0x06, streams: { $J: content } },
      });
    const probe = crashedDisk(folder, {
      channelFiles: [],
      crowdStrikeEntries: 0,
      windowsFiles: files(journal(0, entries)),
    });
    const report = await judge(files(journal(await folderRecord(probe.path, FOLDER), entries)), 'deep');
    const [installation] = report.installations;
    expect(installation).toMatchObject({
      verdict: 'set-9041-replaced',
      severity: 'none',
      historySummary: { badFrom: '2025-05-06T10:20:00.0000000Z', badUntil: '2025-05-06T14:00:00.0000000Z' },
      words: { history: { en: 'Set 9041 was here from {from} to {until}.' } },
    });
  });

  test('is contradicted by a crash elsewhere after the file came, and by none from before', async () => {
    const file = definition('2025-05-06T10:15:00.0000000Z');
    const after = await judge(server({ ...file, ...crashIn('disk.sys', '2025-05-06T13:00:00.0000000Z') }));
    expect(after.installations[0]).toMatchObject({
      confidence: 'contradicted',
      words: { confidence: { en: 'The newest crash is in {driver}.' } },
    });
    const before = await judge(server({ ...file, ...crashIn('disk.sys', '2025-05-05T13:00:00.0000000Z') }));
    expect(before.installations[0]?.confidence).not.toBe('contradicted');
  });
});

describe('a text of a rule', () => {
  const text: RuleText = { en: 'File {file}[[, written {modified}]]: {{literal}} {content}' };

  test('is filled in with what is known', () => {
    expect(fillRuleText(text.en, { file: 'x', modified: 'then', content: 'whole' })).toBe(
      'File x, written then: {literal} whole',
    );
    expect(fillRuleText(text.en, { file: 'x' })).toBe('File x: {literal} –');
  });

  test('does not take a fact for a template', () => {
    expect(fillRuleText('{file}', { file: '{path}', path: 'secret' })).toBe('{path}');
    expect(fillRuleText('[[{file}]] {path}', { file: '{path}', path: ']]{file}[[' })).toBe('{path} ]]{file}[[');
  });
});
