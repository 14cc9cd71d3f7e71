import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifestOf, packageNames, root, textOf } from '../support/workspace.js';

/** Run-time dependencies from outside, by package; another one needs a note in docs/decisions first. */
const ALLOWED: Record<string, string[]> = {
  core: ['bit-buffer', '@noble/hashes'],
  image: ['fflate'],
  encryption: ['@noble/ciphers'],
  report: ['get-east-asian-width'],
  fleet: ['bullmq', 'ioredis'],
};
/** What a user installs only for one entry point, by package. */
const OPTIONAL: Record<string, string[]> = { triage: ['yaml', 'zod'] };

/** Every file that `exports` or `imports` can lead to, with the condition that leads there. */
function leaves(value: unknown, condition = ''): { condition: string; file: string }[] {
  if (typeof value === 'string') return [{ condition, file: value }];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => leaves(inner, key));
}

const isOurs = (dependency: string): boolean => dependency.startsWith('@deadbox/') || dependency === 'deadbox';

test('every package has the same version', () => {
  const versions = new Set(packageNames.map((name) => manifestOf(name).version));
  expect([...versions]).toHaveLength(1);
});

test('every package is part of the TypeScript build', () => {
  const references = JSON.parse(textOf('tsconfig.json')).references.map(
    (reference: { path: string }) => reference.path,
  );
  expect(references.toSorted()).toEqual(packageNames.map((name) => `packages/${name}`).toSorted());
});

describe.each(packageNames)('package %s', (name) => {
  const manifest = manifestOf(name);

  test('is an ES module for Node 20.19 and newer under the MIT licence', () => {
    expect(manifest).toMatchObject({ type: 'module', engines: { node: '>=20.19' }, license: 'MIT' });
    expect(manifest.name).toBe(name === 'cli' ? 'deadbox' : `@deadbox/${name}`);
    expect(manifest.description).toMatch(/\S/);
  });

  test('gives types before code at every entry point', () => {
    for (const [path, conditions] of Object.entries<any>(manifest.exports)) {
      if (typeof conditions === 'string') {
        // Data: package.json, rule files.
        expect(conditions, path).not.toMatch(/\.(js|ts)$/);
        continue;
      }
      // The first condition is ours alone: tests and our own compiler read the sources by it.
      expect(Object.keys(conditions), path).toEqual(['deadbox-source', 'types', 'default']);
    }
  });

  test('has a source for every entry point and private import', () => {
    const all = [...leaves(manifest.exports), ...leaves(manifest.imports ?? {})];
    const sources = all.filter((leaf) => leaf.condition === 'deadbox-source').map(({ file }) => file);
    expect(sources.filter((file) => !existsSync(join(root, 'packages', name, file)))).toEqual([]);
    for (const { condition, file } of all.filter((leaf) => leaf.condition === 'default')) {
      expect(sources, `${condition} ${file}`).toContain(file.replace('./dist/', './src/').replace(/\.js$/, '.ts'));
    }
  });

  test('has two sides for every private import', () => {
    for (const [specifier, sides] of Object.entries<any>(manifest.imports ?? {})) {
      expect(Object.keys(sides), specifier).toEqual(['node', 'default']);
    }
  });

  test('depends on nothing that was not decided on', () => {
    const foreign = Object.keys(manifest.dependencies ?? {}).filter((dependency) => !isOurs(dependency));
    expect(foreign.filter((dependency) => !(ALLOWED[name] ?? []).includes(dependency))).toEqual([]);
    expect(manifest.optionalDependencies ?? {}).toEqual({});
    const peers = Object.keys(manifest.peerDependencies ?? {});
    expect(peers).toEqual(OPTIONAL[name] ?? []);
    expect(peers.filter((peer) => manifest.peerDependenciesMeta[peer]?.optional !== true)).toEqual([]);
  });

  test('runs no script on install', () => {
    expect(Object.keys(manifest.scripts ?? {}).filter((script) => /install|prepare/.test(script))).toEqual([]);
  });

  test.skipIf(name === 'cli')('ships its sources beside the build, so that source maps lead somewhere', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src']));
  });

  test('can be found, reported on and published with provenance', () => {
    expect(manifest).toMatchObject({
      sideEffects: false,
      repository: { type: 'git', directory: `packages/${name}` },
      bugs: { url: expect.stringMatching(/^https:/) },
      homepage: expect.stringMatching(/^https:/),
      publishConfig: { access: 'public', provenance: true },
      files: expect.arrayContaining(['LICENSE', 'README.md']),
    });
    expect(manifest.keywords.length).toBeGreaterThanOrEqual(3);
    expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
    expect(textOf(`packages/${name}/LICENSE`)).toBe(textOf('LICENSE'));
  });
});

describe('the package deadbox', () => {
  const { dependencies, exports, publishConfig } = manifestOf('cli');

  test('needs no other package: what it uses is in it, once for Node and once for browsers', () => {
    expect(dependencies).toBeUndefined();
    expect(publishConfig.exports['.'].node).toBe('./dist/bundle/index.js');
    expect(publishConfig.exports['./node'].default).toBe('./dist/bundle/node.js');
  });

  test('has the same entry points in the workspace and when published', () => {
    expect(Object.keys(publishConfig.exports)).toEqual(Object.keys(exports));
  });

  test('ships declarations that lead to no other package', () => {
    const files = readdirSync(join(root, 'packages/cli/dist/types'), { recursive: true, encoding: 'utf8' });
    const foreign = files
      .filter((file) => file.endsWith('.d.ts'))
      .flatMap((file) => {
        const code = textOf(`packages/cli/dist/types/${file}`).replace(/\/\*[\s\S]*?\*\//g, '');
        return [...code.matchAll(/(?:from |import\()'([^']+)'/g)].map((match) => match[1] ?? '');
      })
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'));
    expect(files.length).toBeGreaterThan(100);
    expect(foreign).toEqual([]);
  });
});

test.each([
  ['bundle', ['bit-buffer', 'commander', 'get-east-asian-width', 'tinypool', 'zod']],
  ['web', ['bit-buffer', 'fflate', 'get-east-asian-width', '@noble/ciphers', '@noble/hashes']],
])('ships the licence of every foreign package that is bundled into dist/%s', (_, names) => {
  const licences = textOf('packages/cli/dist/THIRD-PARTY.txt');
  for (const name of names) expect(licences).toMatch(new RegExp(`^${name} \\d.* \\(MIT\\)$`, 'm'));
});
