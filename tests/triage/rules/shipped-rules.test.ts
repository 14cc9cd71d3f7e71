import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHIPPED_RULES } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { deadbox, deadboxJson } from '../../support/cli.js';
import { writePe } from '../../support/pe-writer.js';
import { temporaryFolder } from '../../support/tools.js';
import { channel, crashedDisk, judge } from '../../support/triage/decision-disk.js';
import { type ServerSpec, softwareHive, systemHive } from '../../support/windows-hives.js';

const CONFIG = '/Windows/System32/config';
const hives = (spec: ServerSpec): Record<string, { content: Uint8Array }> => ({
  [`${CONFIG}/SYSTEM`]: { content: systemHive(spec) },
  [`${CONFIG}/SOFTWARE`]: { content: softwareHive(spec) },
});

/** What a shipped rule says of a disk. */
async function ruleResult(folder: string, rule: string, files: Record<string, { content: Uint8Array }>) {
  const report = await judge(
    folder,
    { channelFiles: [], crowdStrikeEntries: 0, windowsFiles: files },
    { mode: 'full' },
  );
  return report.installations[0]?.rules.find((result) => result.rule === rule);
}

describe('ms14-045-font-cache', () => {
  const folder = temporaryFolder();
  const packages = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';
  const fonts = 'Microsoft\\Windows NT\\CurrentVersion\\Fonts';
  const disk = (options: {
    update?: boolean;
    font?: string;
    cache?: boolean;
  }): Record<string, { content: Uint8Array }> => ({
    ...hives({
      build: 7601,
      software: {
        ...(options.update === false
          ? {}
          : { [`${packages}\\Package_for_KB2982791~31bf3856ad364e35~amd64~~6.1.1.1`]: { CurrentState: 112 } }),
        [fonts]: { 'Arial (TrueType)': 'arial.ttf', 'Example (OpenType)': options.font ?? 'C:\\Fonts\\Example.otf' },
      },
    }),
    ...(options.cache === false ? {} : { '/Windows/System32/FNTCACHE.DAT': { content: new Uint8Array(4096).fill(7) } }),
  });

  test('positive: update, font with its path, and cache', async () => {
    const result = await ruleResult(folder, 'ms14-045-font-cache', disk({}));
    expect(result).toMatchObject({ verdict: 'font-cache-suspect', severity: 'review' });
    expect(result?.text).toContain('FNTCACHE.DAT');
    expect(result?.files.map(({ path }) => path)).toEqual(['/Windows/System32/FNTCACHE.DAT']);
  });

  test.each([
    ['no update', { update: false }],
    ['no font with a path', { font: 'Example.otf' }],
    ['no cache', { cache: false }],
  ])('negative: %s', async (_name, options) => {
    expect(await ruleResult(folder, 'ms14-045-font-cache', disk(options))).toMatchObject({
      verdict: 'not-applicable',
      severity: 'none',
    });
  });
});

describe('kb5021233-hidparse', () => {
  const folder = temporaryFolder();
  const pair = (
    system: string,
    drivers: string,
    build: number,
    revision: number,
  ): Record<string, { content: Uint8Array }> => ({
    ...hives({ build, revision, productType: 'WinNT' }),
    '/Windows/System32/hidparse.sys': { content: writePe({ fileVersion: system }) },
    '/Windows/System32/drivers/hidparse.sys': { content: writePe({ fileVersion: drivers }) },
  });

  test('positive: two versions on an updated Windows 10', async () => {
    const result = await ruleResult(folder, 'kb5021233-hidparse', pair('10.0.19041.1', '10.0.19041.2364', 19045, 2364));
    expect(result).toMatchObject({ verdict: 'file-versions-differ', severity: 'review' });
    expect(result?.text).toContain('xcopy');
  });

  test.each([
    ['equal versions', pair('10.0.19041.2364', '10.0.19041.2364', 19045, 2364)],
    ['before the update', pair('10.0.19041.1', '10.0.19041.2364', 19045, 2251)],
    ['a server', pair('10.0.17763.1', '10.0.17763.2', 17763, 5000)],
  ])('negative: %s', async (_name, files) => {
    expect(await ruleResult(folder, 'kb5021233-hidparse', files)).toMatchObject({ severity: 'none' });
  });
});

describe('all shipped rules together', () => {
  const folder = temporaryFolder();

  test('leave the CrowdStrike verdict alone', async () => {
    const report = await judge(
      folder,
      { channelFiles: [channel(32, '2024-07-19T04:30:00.0000000Z')], windowsFiles: hives({}) },
      { mode: 'full' },
    );
    expect(report.installations[0]).toMatchObject({ rule: 'crowdstrike-channel-file-291', verdict: 'faulty' });
    expect(report.installations[0]?.rules.map(({ rule }) => rule)).toEqual(SHIPPED_RULES.map(({ name }) => name));
  });
});

describe('a rule file of somebody else', () => {
  const folder = temporaryFolder();
  const rules = join(folder, 'rules');
  mkdirSync(rules);
  writeFileSync(
    join(rules, 'bad-driver.yaml'),
    `title: Example driver that stops the start
id: 1c0a4c1e-7d5c-4f0e-9b1a-2f0f5b1d2999
name: example-driver
status: test
references: [https://example.org/advisory]
date: 2026-03-01
level: critical
detection:
  bad:
    type: FILE
    paths: ['%%environ_systemroot%%\\System32\\drivers\\exampledrv.sys']
    pe.version|lt: 2.0.0.0
    size|lt: 100000
    header: '4D 5A ?? ??'
  condition: bad
verdicts:
  - {when: bad, verdict: bad-driver, severity: act}
  - {when: not bad, verdict: not-applicable, severity: none}
texts:
  bad-driver: Version 1 of exampledrv.sys stops every start. Remove it.
remediation: {action: rename-file, target: bad}
`,
  );

  test.each([
    ['1.9.0.1', 'bad-driver', 1],
    ['2.0.0.0', 'cleared', 0],
  ])('version %s gives %s', (version, verdict, code) => {
    const { path } = crashedDisk(folder, {
      channelFiles: [],
      windowsFiles: { '/Windows/System32/drivers/exampledrv.sys': { content: writePe({ fileVersion: version }) } },
    });
    const [installation] = deadboxJson(['scan', '--json', '--rules', rules, path]).images[0].installations;
    const own = installation.rules.find(({ rule }: { rule: string }) => rule === 'example-driver');
    expect(own.verdict).toBe(version < '2' ? 'bad-driver' : 'not-applicable');
    if (code === 1) {
      const text = deadbox(['scan', '--rules', rules, path]);
      expect(text.code).toBe(1);
      expect(text.stdout).toContain('Version 1 of exampledrv.sys stops every start');
    }
    expect(installation.verdict).toBe(verdict);
  });

  test('deadbox rules check accepts it', () => {
    expect(deadbox(['rules', 'check', join(rules, 'bad-driver.yaml')])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('valid'),
    });
  });
});
