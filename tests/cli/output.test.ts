import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputFiles } from '../../packages/cli/src/output/input-files.node.js';
import { SparseWriter } from '../../packages/cli/src/output/sparse-writer.node.js';
import { cliPath, deadbox, deadboxJson } from '../support/cli.js';
import { runInProcess } from '../support/cli-in-process.js';
import { smallDisk } from '../support/disk-writer/small-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { describeWithTools, temporaryFolder } from '../support/tools.js';
import { systemHive } from '../support/windows-hives.js';

const faulty = testImagePath('gpt-faulty');
const good = testImagePath('gpt-reverted');
const CHANNEL_FILE = '/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys';

describe('the file of -o', () => {
  const folder = temporaryFolder();

  test('that its file system cannot hold is refused before anything is copied', () => {
    const path = join(folder, 'too-large.raw');
    let code: string | undefined;
    try {
      new SparseWriter(path, Number.MAX_SAFE_INTEGER, new InputFiles()).discard();
    } catch (error) {
      code = (error as { code?: string }).code;
    }
    // Some file systems hold eight pebibytes.
    expect([undefined, 'OUTPUT_FAILED']).toContain(code);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')(
    'an interrupted export leaves the older file as it was, and no cut one',
    async () => {
      const big = join(folder, 'big.raw');
      // A gigabyte that takes a while: random at the start, so that the export is under way when it is interrupted.
      execFileSync('truncate', ['-s', '4G', big]);
      execFileSync('dd', ['if=/dev/urandom', `of=${big}`, 'bs=1M', 'count=512', 'conv=notrunc', 'status=none']);
      const output = join(folder, 'copy.raw');
      writeFileSync(output, 'of yesterday');
      for (const [signal, ends] of [
        ['SIGINT', 130],
        ['SIGTERM', 143],
        ['SIGHUP', 129],
      ] as const) {
        const child = spawn(process.execPath, [cliPath, 'export', big, '-o', output], { stdio: 'ignore' });
        await new Promise<void>((resolve) => {
          const timer = setInterval(() => {
            if (!readdirSync(folder).some((name) => name.endsWith('.partial'))) return;
            clearInterval(timer);
            child.kill(signal);
            resolve();
          }, 1);
        });
        const code = await new Promise((resolve) => child.on('close', resolve));
        expect(code, signal).toBe(ends);
        expect(readFileSync(output, 'utf8')).toBe('of yesterday');
        expect(readdirSync(folder).sort()).toEqual(['big.raw', 'copy.raw']);
      }
    },
    60_000,
  );

  test.skipIf(process.platform === 'win32')('a link stays a link, and a file keeps its permissions', () => {
    const real = join(folder, 'real.txt');
    writeFileSync(real, 'old', { mode: 0o600 });
    symlinkSync(real, join(folder, 'link.txt'));
    expect(deadbox(['info', faulty, '-o', join(folder, 'link.txt')]).code).toBe(0);
    expect(readFileSync(real, 'utf8')).toContain('GPT');
    expect(statSync(real).mode & 0o777).toBe(0o600);
  });

  test('is never a rule file or a key file of the same command', () => {
    const rules = join(folder, 'rules');
    mkdirSync(rules);
    const shown = deadboxJson(['rules', 'list', '--json']);
    expect(shown.length).toBeGreaterThan(0);
    const rule = join(rules, 'own.yaml');
    const text = readFileSync('packages/triage/rules/kb5021233-hidparse.yaml', 'utf8');
    writeFileSync(rule, text);
    expect(deadbox(['scan', '--quick', '--rules', rules, faulty, '-o', rule])).toMatchObject({ code: 2 });
    expect(readFileSync(rule, 'utf8')).toBe(text);
    expect(deadbox(['rules', 'check', rule, '-o', rule])).toMatchObject({ code: 2 });
    expect(readFileSync(rule, 'utf8')).toBe(text);
    const key = join(folder, 'key.txt');
    writeFileSync(key, '235818-357951-253979-013365-241120-245575-342914-591910\n');
    for (const given of [
      ['--recovery-key', `@${key}`],
      ['--keys', key],
    ]) {
      expect(deadbox(['scan', '--quick', ...given, faulty, '-o', key])).toMatchObject({ code: 2 });
      expect(readFileSync(key, 'utf8')).toMatch(/^235818/);
    }
  });
});

test('the file of -o is never the list of a run, nor a part of one of its images', async () => {
  const folder = temporaryFolder();
  const [list, extent, descriptor] = ['list', 'disk-flat.vmdk', 'disk.vmdk'].map((name) => join(folder, name));
  const bytes = smallDisk('mbr');
  writeFileSync(extent, bytes);
  writeFileSync(
    descriptor,
    `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\n` +
      `RW ${bytes.length / 512} FLAT "disk-flat.vmdk" 0\n`,
  );
  writeFileSync(list, `${descriptor}\n${good}\n`);
  for (const output of [list, extent]) {
    const before = readFileSync(output);
    expect(await runInProcess(['scan', '--quick', '--targets', list, '-o', output])).toMatchObject({
      error: { code: 'OUTPUT_IS_INPUT' },
    });
    expect(readFileSync(output).equals(before)).toBe(true);
  }
});

describe('two outputs of one command', () => {
  const folder = temporaryFolder();
  const refused = { error: expect.objectContaining({ problem: expect.objectContaining({ id: 'output-twice' }) }) };

  test('never share a file: the undo file of a repair is not lost to its report', async () => {
    const image = join(folder, 'disk.img');
    const bytes = smallDisk('mbr');
    writeFileSync(image, bytes);
    const undo = join(folder, 'disk.undo');
    for (const given of [
      ['--write', '--undo', undo, '-o', join(folder, '.', 'disk.undo')],
      ['--overlay', undo, '-o', undo],
    ]) {
      expect(await runInProcess(['fix', image, ...given])).toMatchObject(refused);
      expect(readFileSync(image).equals(bytes)).toBe(true);
      expect(readdirSync(folder)).toEqual(['disk.img']);
    }
  });

  test('nor a journal with a report, nor a report with another', async () => {
    const journal = join(folder, 'run.ndjson');
    await runInProcess(['scan', '--quick', faulty, '--journal', journal, '-o', join(folder, 'report')]);
    const before = readFileSync(journal);
    const scan = ['scan', '--quick', faulty, '-o', journal];
    for (const given of [
      [...scan, '--journal', journal],
      [...scan, '--report', journal],
    ]) {
      expect(await runInProcess(given)).toMatchObject(refused);
      expect(readFileSync(journal).equals(before)).toBe(true);
    }
  });

  test('is never the configuration file, nor a log of the hive that is read', async () => {
    const config = join(folder, 'config.json');
    const text = '{"lang":"en"}';
    writeFileSync(config, text);
    expect(deadbox(['rules', 'list', '-o', config], { env: { DEADBOX_CONFIG: config } })).toMatchObject({ code: 2 });
    expect(readFileSync(config, 'utf8')).toBe(text);
    const [hive, log] = [join(folder, 'SYSTEM'), join(folder, 'SYSTEM.LOG1')] as const;
    writeFileSync(hive, systemHive());
    writeFileSync(log, 'the log');
    expect(await runInProcess(['reg', hive, 'Select', '-o', log])).toMatchObject({
      error: { code: 'OUTPUT_IS_INPUT' },
    });
    expect(readFileSync(log, 'utf8')).toBe('the log');
  });
});

describe('a scan of many', () => {
  const folder = temporaryFolder();

  test.skipIf(process.platform === 'win32')(
    'interrupted, reports what is finished',
    async () => {
      const many = join(folder, 'many');
      mkdirSync(many);
      for (let i = 0; i < 300; i += 1) symlinkSync(faulty, join(many, `${i}.img`));
      const output = join(folder, 'report.json');
      // On a busy machine the first image takes longer: before it is judged there is nothing to report.
      for (const wait of [2500, 8000, 20_000]) {
        const child = spawn(process.execPath, [cliPath, 'scan', '--json', many, '-o', output], { stdio: 'ignore' });
        await new Promise((resolve) => setTimeout(resolve, wait));
        child.kill('SIGINT');
        expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
        if (existsSync(output)) break;
      }
      const report = JSON.parse(readFileSync(output, 'utf8'));
      expect(report.images.length).toBeGreaterThan(0);
      expect(report.images.length).toBeLessThan(300);
      expect(report.summary.images).toBe(report.images.length);
    },
    60_000,
  );

  test('an image in which deadbox itself fails has an error of its own, and the others are judged', () => {
    // A module that breaks one step of one image: no input is known that does.
    const breaker = join(folder, 'break.mjs');
    writeFileSync(
      breaker,
      `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { openSync, closeSync } = fs;
let broken;
fs.openSync = (path, ...rest) => {
  const handle = openSync(path, ...rest);
  if (String(path).includes('broken')) broken = handle;
  return handle;
};
fs.closeSync = (handle) => {
  if (handle !== broken) return closeSync(handle);
  broken = undefined;
  throw new TypeError('a mistake');
};
syncBuiltinESMExports();
`,
    );
    const broken = join(folder, 'broken.img');
    copyFileSync(faulty, broken);
    const run = (images: string[]): { status: number | null; stdout: string } =>
      spawnSync(process.execPath, ['--import', breaker, cliPath, 'scan', '--quick', '--json', ...images], {
        encoding: 'utf8',
      });
    const { status, stdout } = run([broken, good]);
    const { images } = JSON.parse(stdout);
    expect(status).toBe(3);
    expect(images[0].error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('a mistake') });
    expect(images[1].verdict).toBe('reverted');
    expect(run([broken]).status).toBe(2);
  });
});

describe.skipIf(process.platform === 'win32')('a reader that has gone away', () => {
  const piped = (args: string): { status: number | null; stderr: string } =>
    spawnSync('bash', ['-c', `${process.execPath} ${cliPath} ${args} | true; exit \${PIPESTATUS[0]}`], {
      encoding: 'utf8',
    });

  test('does not change the exit code of a verdict', () => {
    expect(piped(`scan --quick ${faulty}`)).toMatchObject({ status: 1, stderr: '' });
    expect(piped(`scan --quick ${good}`)).toMatchObject({ status: 0, stderr: '' });
    // Nothing is stored to compare with; a repair is planned; no cause is named.
    expect(piped(`verify ${faulty}`)).toMatchObject({ status: 3, stderr: '' });
    expect(piped(`fix ${faulty} --json`)).toMatchObject({ status: 1, stderr: '' });
    expect(piped(`why 0x7B ${faulty}`)).toMatchObject({ status: 1, stderr: '' });
  });

  test('of what is said leaves the exit code as it is, too', () => {
    const unheard = spawnSync(
      'bash',
      ['-c', `${process.execPath} ${cliPath} info ${faulty}.missing 2>&1 >/dev/null | true; exit \${PIPESTATUS[0]}`],
      { encoding: 'utf8' },
    );
    expect(unheard).toMatchObject({ status: 2, stderr: '' });
  });

  test('is no error of a listing, nor of the version', () => {
    expect(piped(`ls -r ${faulty}`)).toMatchObject({ status: 0, stderr: '' });
    expect(piped(`cat ${faulty} '/$MFT'`)).toMatchObject({ status: 0, stderr: '' });
    for (let i = 0; i < 5; i += 1) expect(piped('--version')).toMatchObject({ status: 0, stderr: '' });
    expect(piped('--help')).toMatchObject({ status: 0, stderr: '' });
  });
});

test.skipIf(process.platform !== 'linux')('a version that cannot be written is told in one sentence', () => {
  const full = (args: string): ReturnType<typeof spawnSync> =>
    spawnSync('bash', ['-c', `${process.execPath} ${cliPath} ${args} > /dev/full`], { encoding: 'utf8' });
  expect(full('--version')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^deadbox: .*ENOSPC.*\n$/) });
  expect(full('-V --lang ja')).toMatchObject({ status: 2, stderr: expect.stringContaining('書き込めません') });
});

describe('usage', () => {
  test('an image where a verb should stand is asked back', () => {
    expect(deadbox([faulty])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean: deadbox scan') });
    expect(deadbox(['https://example.net/a.vhd']).stderr).toContain('deadbox scan https://example.net/a.vhd');
    expect(deadbox(['frobnicate']).stderr).toContain('unknown command');
  });

  test('two forms at once are refused', () => {
    for (const verb of ['scan', 'info', 'ls', 'reg', 'boot'])
      expect(deadbox([verb, '--json', '--ndjson', faulty])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--json and --ndjson'),
      });
  });

  test('FORCE_COLOR gives colours to a pipe; NO_COLOR and --color never do not', () => {
    const first = (env: Record<string, string>, ...args: string[]): string =>
      deadbox(['info', ...args, faulty], { env }).stdout;
    expect(first({ FORCE_COLOR: '1' })).toContain('\u001b[1m');
    expect(first({ FORCE_COLOR: '0' })).not.toContain('\u001b');
    expect(first({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\u001b');
    expect(first({ FORCE_COLOR: '1' }, '--color', 'never')).not.toContain('\u001b');
  });

  test('COLUMNS says how wide text is, also in a pipe', () => {
    const widest = (columns: string): number => {
      const { stdout } = deadbox(['info', faulty], { env: { COLUMNS: columns } });
      return Math.max(...stdout.split('\n').map((line) => line.length));
    };
    expect(widest('40')).toBeLessThanOrEqual(40);
    expect(widest('no number')).toBeGreaterThan(40);
  });

  test('Markdown has headings, and no colours', () => {
    const { stdout } = deadbox(['scan', '--quick', '--markdown', '--color', 'always', faulty]);
    expect(stdout).toMatch(/^# \*\*/);
    expect(stdout).toContain('\n- **class:** ');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('ls', () => {
  const paths = (...args: string[]): string[] =>
    deadbox(['ls', '--ndjson', ...args, faulty])
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line).path)
      .sort();

  test('gives the same files with and without hashes, and their hashes', () => {
    const plain = paths('-r');
    expect(plain.length).toBeGreaterThan(20);
    expect(paths('-r', '--hash', 'sha256')).toEqual(plain);
    const content = execFileSync(process.execPath, [cliPath, 'cat', faulty, CHANNEL_FILE]);
    const lines = deadbox(['ls', '-r', '--ndjson', '--hash', 'sha256', faulty, '/Windows/System32/drivers'])
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.find(({ path }) => path === CHANNEL_FILE).sha256).toBe(
      createHash('sha256').update(content).digest('hex'),
    );
    expect(lines.every(({ path }) => path.startsWith('/Windows/System32/drivers/'))).toBe(true);
  });

  test('a file without an index entry is listed with every option', () => {
    const folder = temporaryFolder();
    const image = join(folder, 'no-entry.img');
    const bytes = readFileSync(faulty);
    // The name in the index entry of the folder, in UTF-16; the same name in the file record stays.
    const name = Buffer.from('C-00000291-backup.txt', 'utf16le');
    const first = bytes.indexOf(name);
    const at = [first, bytes.indexOf(name, first + 1)].find((place) => place >= 48_419_784 && place < 48_419_784 + 128);
    expect(at).toBeDefined();
    bytes.write('X', at as number, 'utf16le');
    writeFileSync(image, bytes);
    const listed = (...args: string[]): boolean =>
      deadbox(['ls', '--ndjson', ...args, image]).stdout.includes('C-00000291-backup.txt');
    expect(existsSync(image)).toBe(true);
    for (const args of [['-r'], ['-r', '--hash', 'sha256'], ['-r', '-l'], ['-r', '--streams'], ['-r', '--deleted']])
      expect([args, listed(...args)]).toEqual([args, true]);
  });
});

test('ls of a folder whose index cannot be read lists what the file table knows, and says so', async () => {
  const folder = temporaryFolder();
  const image = join(folder, 'no-index.img');
  const bytes = readFileSync(faulty);
  const name = Buffer.from('C-00000291-backup.txt', 'utf16le');
  for (let block = 0; block < bytes.length; block += 4096) {
    const index = bytes.subarray(block, block + 4096);
    if (index.toString('latin1', 0, 4) === 'INDX' && index.includes(name)) index.fill(0);
  }
  writeFileSync(image, bytes);
  const parent = CHANNEL_FILE.slice(0, CHANNEL_FILE.lastIndexOf('/'));
  const listed = join(folder, 'listed');
  const { said } = await runInProcess(['ls', image, parent, '-o', listed]);
  expect(said).toContain('ntfs.index-node');
  expect(readFileSync(listed, 'utf8').trim().split('\n').toSorted()).toEqual(
    [...testImage('gpt-faulty').folder.names].toSorted(),
  );
  expect((await runInProcess(['ls', image, parent, '--quiet', '-o', listed])).said).toBe('');
  expect((await runInProcess(['ls', faulty, parent, '-o', listed])).said).toBe('');
});

describeWithTools(['script', 'stty'], 'a terminal', () => {
  const folder = temporaryFolder();

  test.each([
    [0, 80],
    [20, 20],
    [41, 41],
  ])('of %i columns gets lines of at most %i', (columns, most) => {
    const shown = join(folder, `${columns}.txt`);
    const command = `stty cols ${columns}; '${process.execPath}' '${cliPath}' info '${faulty}' --no-progress`;
    expect(spawnSync('script', ['-qec', command, shown], { stdio: 'ignore' }).status).toBe(0);
    const lines = readFileSync(shown, 'utf8')
      .split(/\r?\n/)
      .filter((line) => !/^Script (started|done)/.test(line))
      // Colours take no columns.
      .map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, ''));
    expect(lines.length).toBeGreaterThan(20);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(most);
  });
});
