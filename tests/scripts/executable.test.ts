import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { testImagePath } from '../support/test-image.js';
import { run, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

const script = (name: string): Promise<any> => import(pathToFileURL(join(root, 'scripts', name)).href);

/** Stands for the assets of an executable: `node -r SEA loader.cjs`. */
const SEA = `
  const Module = require('node:module');
  const { readFileSync } = require('node:fs');
  const { join } = require('node:path');
  const getRawAsset = (name) => {
    const bytes = readFileSync(join(process.env.ASSETS, name));
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  };
  const load = Module._load;
  Module._load = (name, ...rest) => (name === 'node:sea' ? { getRawAsset } : load(name, ...rest));
`;

describe('the scripts in an executable', () => {
  const folder = temporaryFolder();
  const assets = join(folder, 'assets');
  const loader = join(root, 'scripts/executable/loader.cjs');
  const deadbox = (...args: string[]) =>
    spawnSync(process.execPath, ['-r', join(folder, 'sea.cjs'), loader, ...args], {
      encoding: 'utf8',
      env: { ...process.env, ASSETS: assets },
    });

  beforeAll(async () => {
    const { bundleScripts } = await script('executable/bundle.mjs');
    await bundleScripts(assets);
    writeFileSync(join(folder, 'sea.cjs'), SEA);
  });

  test('are ASCII, so that nothing is decoded at a start', () => {
    const names = readdirSync(assets);
    expect(names).toContain('main.js');
    expect(names.filter((name) => readFileSync(join(assets, name)).some((byte) => byte > 127))).toEqual([]);
  });

  test('judge a disk and say so in Japanese', () => {
    const { stdout, stderr, status } = deadbox('scan', testImagePath('gpt-faulty'), '--lang', 'ja', '--quick');
    expect(stderr).toBe('');
    expect(status).toBe(1);
    expect(stdout).toContain('変更していません');
  });

  test('judge several disks, where threads would need files of their own', () => {
    const images = ['gpt-faulty', 'gpt-reverted'].map(testImagePath);
    const { stdout, stderr, status } = deadbox('scan', ...images, '--quick', '--json');
    expect(stderr).toBe('');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).images.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'faulty',
      'reverted',
    ]);
  });

  test('give the exit code of a wrong call', () => {
    const { stderr, status } = deadbox('scan', '--no-such-option');
    expect(stderr).toContain('--no-such-option');
    expect(status).toBe(2);
  });
});

const asked = process.env.DEADBOX_EXECUTABLE === '1' && process.platform === 'linux';

describe.skipIf(!asked)('an executable (DEADBOX_EXECUTABLE=1 builds it, from 60 MB that npm sends)', () => {
  const folder = temporaryFolder();
  let first = '';
  let second = '';

  beforeAll(async () => {
    const { buildExecutables } = await script('executable.mjs');
    const target = `linux-${process.arch}`;
    [first] = await buildExecutables([target], join(folder, 'first'));
    [second] = await buildExecutables([target], join(folder, 'second'));
  }, 600_000);

  test('is the same, byte for byte, when it is built again', () => {
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
    const line = readFileSync(join(folder, 'first/SHA256SUMS'), 'utf8');
    expect(run('sha256sum', ['-c', '-'], { input: line, cwd: join(folder, 'first') })).toMatch(/OK/);
  });

  test('has the page for browsers in it', () => {
    expect(run(first, ['page']).startsWith('<!doctype html>')).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('needs nothing but the libraries that it is linked with', () => {
    const empty = join(folder, 'root');
    const libraries = [...run('ldd', [first]).matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
    expect(libraries.length).toBeGreaterThan(3);
    for (const library of libraries) {
      mkdirSync(join(empty, dirname(library)), { recursive: true });
      copyFileSync(library, join(empty, library));
    }
    linkSync(first, join(empty, 'deadbox'));
    copyFileSync(testImagePath('gpt-faulty'), join(empty, 'disk.img'));
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      ['--mount', '--net', '--pid', '--fork', '/usr/sbin/chroot', empty, '/deadbox', 'scan', '/disk.img', '--json'],
      { encoding: 'utf8', env: {} },
    );
    expect(stderr).toBe('');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).images[0].verdict).toBe('faulty');
  });
});
