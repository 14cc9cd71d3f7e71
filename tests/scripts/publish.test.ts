import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { testImagePath } from '../support/test-image.js';
import { run, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

const script = (name: string): Promise<any> => import(pathToFileURL(join(root, 'scripts', name)).href);
const registry = process.env.DEADBOX_REGISTRY ?? '';

test('nothing is signed for a registry of one’s own, and npm is asked for nothing', async () => {
  const { publishProblems } = await script('release/publish.mjs');
  expect(publishProblems({ DEADBOX_REGISTRY: 'http://127.0.0.1:4873/' })).toEqual([]);
  expect(publishProblems({ DEADBOX_REGISTRY: '' })).toHaveLength(1);
});

test.skipIf(registry === '')(
  'what was published is what npx fetches into an empty folder (DEADBOX_REGISTRY: an empty registry, with a login)',
  async () => {
    const folder = temporaryFolder();
    const { makeRelease } = await script('release/make.mjs');
    const { publishPackages } = await script('release/publish.mjs');
    const { sharedVersion, sourceOf } = await script('release/state.mjs');
    const version = sharedVersion();
    const out = join(folder, 'release');
    publishPackages(await makeRelease({ out, version, targets: ['none'], ...sourceOf(root, version) }), version);

    const [home, work] = ['home', 'work'].map((name) => join(folder, name)) as [string, string];
    for (const made of [home, work]) mkdirSync(made);
    copyFileSync(testImagePath('gpt-faulty'), join(work, 'disk.img'));
    writeFileSync(join(work, 'package.json'), '{ "private": true, "type": "module" }');
    const env = { HOME: home, npm_config_registry: registry, npm_config_userconfig: join(home, '.npmrc') };
    // Its exit code is 1: the disk has the faulty file.
    const scan = 'npx -y deadbox scan disk.img --quick --json || test $? = 1';
    expect(JSON.parse(run('sh', ['-c', scan], { cwd: work, env })).images[0].verdict).toBe('faulty');
    run('npm', ['install', '--no-audit', '--no-fund', 'deadbox'], { cwd: work, env });
    expect(readdirSync(join(work, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['deadbox']);
    const library = `const { openPath } = await import('deadbox/node'); console.log((await openPath('disk.img')).volumes.length)`;
    expect(run(process.execPath, ['--input-type=module', '-e', library], { cwd: work, env })).toBe('3\n');
  },
  900_000,
);
