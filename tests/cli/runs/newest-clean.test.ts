import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadbox } from '../../support/cli.js';
import { runInProcess } from '../../support/cli-in-process.js';
import { type Ailment, bitLockerDisk, serverDisk } from '../../support/fleet/servers.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';
import { root } from '../../support/workspace.js';

/** The morning on which the servers went down, two more of which BitLocker encrypts. */
const STORY: readonly (readonly [name: string, ailment: Ailment])[] = [
  ['WEB-01', 'looping'],
  ['WEB-03', 'safe-mode'],
  ['SQL-01', 'identity-changed'],
  ['DC-01', 'healed'],
  ['WEB-02', 'looping'],
  ['APP-01', 'no-loader'],
  ['DC-02', 'healed'],
  ['PRINT-01', 'system-hive-gone'],
];

/** Shows parts of what is printed for these servers. */
const GUIDE = { en: 'docs/guides/ten-servers-at-once.md', ja: 'docs/guides/ten-servers-at-once.ja.md' };

describe('the servers that went down on one morning', () => {
  const folder = temporaryFolder();
  const out = (name: string): string => join(temporary, name);
  const temporary = temporaryFolder();
  const here = process.cwd();
  const scan = ['scan', 'servers', 'backups', '--newest-clean', '--jobs', '1', '--time-zone', 'UTC'];
  let report: any;
  let html = '';

  beforeAll(async () => {
    const servers = join(folder, 'servers');
    for (const made of [servers, join(folder, 'backups')]) mkdirSync(made);
    for (const [name, ailment] of STORY) {
      const disk = await serverDisk({ name, ailment, at: '2024-07-19T03:00:00Z' });
      disk.save(join(servers, `${name.toLowerCase()}.img`));
    }
    bitLockerDisk('FILE-01', 'clear').save(join(servers, 'file-01.img'));
    bitLockerDisk('VAULT-01', 'recovery').save(join(servers, 'vault-01.img'));
    // Backups of three dates; the newest of them was taken when the file was there already.
    const backups = [
      ['0717', '2024-07-17T20:00:00Z', 'none'],
      ['0718', '2024-07-18T20:00:00Z', 'none'],
      ['0719', '2024-07-19T04:40:00Z', 'looping'],
    ] as const;
    for (const [date, at, ailment] of backups)
      (await serverDisk({ name: 'WEB-01', ailment, at })).save(join(folder, 'backups', `web-01-${date}.img`));
    const files = ['--report', out('r.json'), '--report', out('r.html')];
    process.chdir(folder);
    const { error } = await runInProcess([...scan, '-o', out('r.txt'), ...files]);
    expect(error).toBeUndefined();
    report = JSON.parse(readFileSync(out('r.json'), 'utf8'));
    html = readFileSync(out('r.html'), 'utf8');
  });
  afterAll(() => process.chdir(here));

  test('are all judged by one command', () => {
    const of = (name: string): any => report.images.find(({ path }: { path: string }) => path.endsWith(`/${name}.img`));
    expect(of('web-01')).toMatchObject({ starts: 'no', severity: 'act', verdict: 'faulty' });
    expect(of('web-03').causes.map(({ id }: { id: string }) => id)).toContain('safe-boot-left');
    expect(of('sql-01')).toMatchObject({ starts: 'no', cause: 'bcd-identity' });
    expect(of('dc-01')).toMatchObject({ starts: 'nothing-found', severity: 'none', verdict: 'reverted' });
    expect(of('file-01')).toMatchObject({ severity: 'act', volumes: [{ encryption: { verdict: 'unlocked' } }] });
    expect(of('vault-01')).toMatchObject({ severity: 'attention', verdict: 'blocked-encrypted' });
    expect(of('web-02')).toMatchObject({ starts: 'no', severity: 'act', verdict: 'faulty' });
    expect(of('app-01')).toMatchObject({ starts: 'no' });
    expect(of('dc-02')).toMatchObject({ starts: 'nothing-found', severity: 'none', verdict: 'reverted' });
    expect(of('print-01')).toMatchObject({ starts: 'no' });
  });

  test('have their newest backup that starts named, with what it loses', () => {
    const server = report.summary.servers.find(({ name }: { name: string }) => name === 'WEB-01');
    expect(server.states.map(({ path, safe }: { path: string; safe: boolean }) => [path.slice(-9), safe])).toEqual([
      ['-0719.img', false],
      ['eb-01.img', false],
      ['-0718.img', true],
      ['-0717.img', true],
    ]);
    expect(server.lost).toMatchObject({ from: '2024-07-18T20:00:00.0000000Z', to: '2024-07-19T04:40:00.0000000Z' });
    const healed = report.summary.servers.find(({ name }: { name: string }) => name === 'DC-01');
    expect(healed).toMatchObject({ newestSafe: 0, lost: null });
  });

  test('are told of in words, the worst first, in both languages in one page', () => {
    const text = readFileSync(out('r.txt'), 'utf8');
    const table = text.slice(0, text.indexOf('Which state to restore'));
    const order = ['web-02', 'vault-01', 'app-01', 'dc-01', 'dc-02'].map((name) => table.lastIndexOf(`/${name}.img`));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(table).toContain('13 images: 6 ACT, 1 ATTENTION, 2 REVIEW, 4 OK');
    expect(text).toMatch(/WEB-01 \(corp\.example\)\n +Restore \S*web-01-0718\.img, of 2024-07-18 20:00:00 UTC/);
    expect(text).toContain('Lost with it: 8 h 40 min');
    expect(html).toContain('Which state to restore');
    expect(html).toContain('復元に使う状態');
  });

  test.each(['en', 'ja'] as const)('are told of in the guide as the command line tells of them (%s)', async (code) => {
    if (code === 'ja') await runInProcess([...scan, '-o', out('ja.txt')], code);
    const printed = readFileSync(out(code === 'ja' ? 'ja.txt' : 'r.txt'), 'utf8');
    const page = readFileSync(join(root, GUIDE[code]), 'utf8');
    const shown = [...page.matchAll(/^<!-- part of: (.+?) -->\n```text\n([\s\S]*?)^```/gm)];
    expect(shown.length).toBeGreaterThan(5);
    for (const [, command = '', part = ''] of shown) {
      const env = { DEADBOX_LANG: code, NO_COLOR: '1' };
      const { stdout } = command.startsWith('scan ')
        ? { stdout: printed }
        : deadbox(command.split(' '), { cwd: folder, env });
      expect(stdout).toContain(part);
    }
  });

  test('a quick scan cannot say which state starts', async () => {
    const { said } = await runInProcess(['scan', folder, '--newest-clean', '--quick']);
    expect(said).toContain('--newest-clean');
  });
});

describeWithTools(['qemu-img', 'qemu-io'], 'the snapshots inside a QCOW2 image', () => {
  const folder = temporaryFolder();

  test('and the links of a chain are states of the server', async () => {
    const raw = join(folder, 'raw.raw');
    (await serverDisk({ name: 'APP-07', ailment: 'none', at: '2024-07-18T20:00:00Z' })).save(raw);
    const base = join(folder, 'base.qcow2');
    run('qemu-img', ['convert', '-O', 'qcow2', raw, base]);
    run('qemu-img', ['snapshot', '-c', 'nightly', base]);
    const top = join(folder, 'top.qcow2');
    run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', top]);
    const json = join(folder, 'out.json');
    await runInProcess(['scan', top, '--newest-clean', '--jobs', '1', '-o', json, '--json']);
    const [server, ...others] = JSON.parse(readFileSync(json, 'utf8')).summary.servers;
    expect(others).toEqual([]);
    const states = server.states.map(({ path, kind, name }: any) => [path.slice(folder.length + 1), kind, name]).sort();
    expect(states).toEqual([
      ['base.qcow2', 'image', null],
      ['base.qcow2', 'snapshot', 'nightly'],
      ['top.qcow2', 'image', null],
    ]);
  });
});
