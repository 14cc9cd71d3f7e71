import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { run, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

const script = (name: string): Promise<any> => import(pathToFileURL(join(root, 'scripts', name)).href);

const CHANGELOG = `# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

- Something.

## [0.1.0] - 2026-11-01

- Everything.
`;

describe('what a release needs', () => {
  let stateProblems: (folder: string, version: string) => string[];
  const folder = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const git = (...args: string[]): string =>
    run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd: folder });

  beforeAll(async () => {
    ({ stateProblems } = await script('release/state.mjs'));
    write('CHANGELOG.md', CHANGELOG);
    write('packages/cli/src/version.ts', "export const VERSION = '0.2.0';\n");
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message', 'first');
  });

  test('is a clean clone whose changelog and code have its version', () => {
    expect(stateProblems(folder, '0.2.0')).toEqual([]);
  });

  test('is not there for another version', () => {
    expect(stateProblems(folder, '0.3.0')).toEqual([
      'packages/cli/src/version.ts does not say 0.3.0',
      'CHANGELOG.md has no section [0.3.0]',
    ]);
  });

  test('is not there while lines are unreleased, a date is missing, or a file is not committed', () => {
    const text = CHANGELOG.replace('## [Unreleased]\n', '## [Unreleased]\n\n- New.\n').replace(' - 2026-12-01', '');
    write('CHANGELOG.md', text);
    expect(stateProblems(folder, '0.2.0')).toEqual([
      expect.stringMatching(/not committed:\n *M CHANGELOG\.md/),
      'the section [0.2.0] of CHANGELOG.md has no date',
      'CHANGELOG.md has unreleased lines',
    ]);
    git('checkout', '--', '.');
  });

  test('is not there when its tag is that of another commit', () => {
    git('tag', 'v0.2.0');
    expect(stateProblems(folder, '0.2.0')).toEqual([]);
    git('commit', '--quiet', '--allow-empty', '--message', 'second');
    expect(stateProblems(folder, '0.2.0')).toEqual(['v0.2.0 is the tag of another commit']);
  });

  test('is an account at the registry that signs where a package comes from', async () => {
    const { publishProblems } = await script('release/publish.mjs');
    expect(publishProblems({})).toHaveLength(1);
    expect(publishProblems({ ACTIONS_ID_TOKEN_REQUEST_URL: 'https://example.org/' })).toEqual([]);
  });
});

test('a new version closes the section of unreleased lines, once', async () => {
  const { closeSection } = await script('release/set-version.mjs');
  const before = '# Changelog\n\n## [Unreleased]\n\n- New.\n';
  const after = '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n- New.\n';
  expect(closeSection(before, '0.2.0', '2026-12-01')).toBe(after);
  expect(closeSection(after, '0.2.0', '2026-12-02')).toBe(after);
});

describe('the bill of materials', () => {
  interface Component {
    readonly 'bom-ref': string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
    readonly licenses?: unknown;
  }
  interface Bill {
    readonly specVersion: string;
    readonly components: readonly Component[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  }
  let bill: Bill;
  let text: string;
  const make = async (): Promise<string> => {
    const { billOfMaterials } = await script('release/sbom.mjs');
    const { readDependencies } = await script('release/dependencies.mjs');
    const dependencies = readDependencies(['commander@14.0.3']);
    return billOfMaterials({ version: '1.2.3', time: new Date(0), dependencies, runtimes: [] });
  };
  const needs = (ref: string): readonly string[] => bill.dependencies.find((one) => one.ref === ref)?.dependsOn ?? [];

  beforeAll(async () => {
    text = await make();
    bill = JSON.parse(text);
  });

  // `billOfMaterials` itself refuses what the schema of CycloneDX refuses.
  test('is CycloneDX 1.6, and the same when it is made again', async () => {
    expect(bill.specVersion).toBe('1.6');
    expect(await make()).toBe(text);
  });

  test('names what every package needs, as their manifests do', () => {
    for (const name of readdirSync(join(root, 'packages'))) {
      const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
      const asked = Object.keys(manifest.dependencies ?? {});
      const named = needs(manifest.name === 'deadbox' ? 'deadbox@1.2.3' : `${manifest.name}@1.2.3`);
      const names = named.map((ref) => ref.slice(0, ref.lastIndexOf('@')));
      expect([name, names]).toEqual([name, expect.arrayContaining(asked)]);
    }
  });

  test('names what those need in turn, with the hash that npm has', () => {
    // bullmq 6.7.0 and its hash, as npm shows them.
    expect(needs('@deadbox/fleet@1.2.3')).toContain('bullmq@6.7.0');
    expect(needs('bullmq@6.7.0')).toEqual(expect.arrayContaining(['ioredis@6.0.0', 'msgpackr@2.1.3']));
    const bullmq = bill.components.find((one) => one['bom-ref'] === 'bullmq@6.7.0');
    const hash = Buffer.from(
      '+LnKsqZ+PRV/Iul7T84qEZYOewsgtnnmTc3/TjXZk6dSaOeK68AuR/p8uzQ6WIQ8Jvf/GjitjsUrmTaRV2cfsQ==',
      'base64',
    );
    expect(bullmq?.hashes).toEqual([{ alg: 'SHA-512', content: hash.toString('hex') }]);
    expect(bullmq?.licenses).toEqual([{ license: { id: 'MIT' } }]);
  });

  test('says that the code of deadbox has packages of others in it', () => {
    expect(needs('deadbox@1.2.3')).toEqual(['commander@14.0.3']);
  });
});

test('hashes and provenance name every file of a release', async () => {
  const { provenanceOf, writeSums } = await script('release/provenance.mjs');
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'packages'));
  writeFileSync(join(folder, 'packages/a.tgz'), 'abc');
  writeFileSync(join(folder, 'NOTES.md'), '');
  writeSums(folder);
  expect(run('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: folder })).toBe(
    'NOTES.md: OK\npackages/a.tgz: OK\n',
  );
  const lockFile = join(root, 'pnpm-lock.yaml');
  const { subject } = provenanceOf(folder, { version: '1.2.3', commit: '0'.repeat(40), lockFile, runtimes: [] });
  // SHA-256 of nothing and of "abc": FIPS 180-2.
  expect(subject).toEqual([
    {
      name: 'NOTES.md',
      digest: { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    },
    {
      name: 'packages/a.tgz',
      digest: { sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
    },
  ]);
});

/** What another bundler takes into each of the things that `deadbox` ships. */
const ENTRIES = [
  { platform: 'node', entries: ['main.node.ts', 'index.ts', 'open-path.node.ts', 'runs/worker.node.ts'] },
  { platform: 'browser', entries: ['index.ts'] },
] as const;

test.each(ENTRIES)('the text of licences names every package that esbuild takes in for $platform', async (side) => {
  const { build } = await import('esbuild');
  const { foldersOf, manifestOf, namesIn } = await script('release/third-party.mjs');
  const { metafile } = await build({
    entryPoints: side.entries.map((name) => join(root, 'packages/cli/src', name)),
    conditions: ['deadbox-source', side.platform, 'import'],
    platform: side.platform,
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'none',
    format: 'esm',
    logLevel: 'silent',
  });
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0),
  );
  const text = readFileSync(join(root, 'packages/cli/dist/THIRD-PARTY.txt'), 'utf8');
  const taken = foldersOf(modules.map((path) => join(root, path)))
    .map(manifestOf)
    .map(({ name, version }: { name: string; version: string }) => `${name}@${version}`);
  expect(taken.length).toBeGreaterThan(3);
  expect(namesIn(text)).toEqual(expect.arrayContaining(taken));
});

test('npm packs no package by itself: it would leave the ranges of the workspace in it', () => {
  const folder = temporaryFolder();
  const packed = spawnSync('npm', ['pack', '--pack-destination', folder], {
    cwd: join(root, 'packages/core'),
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: { ...process.env, npm_config_user_agent: '' },
  });
  expect(packed.status).not.toBe(0);
  expect(packed.stderr).toContain('npm run release');
  expect(readdirSync(folder)).toEqual([]);
});

const asked = process.env.DEADBOX_RELEASE === '1';

test.skipIf(!asked)(
  'a dry run makes the folder of a release (DEADBOX_RELEASE=1 packs for it)',
  () => {
    const out = join(temporaryFolder(), 'release');
    const said = run(process.execPath, [
      join(root, 'scripts/release.mjs'),
      '--skip',
      'check',
      '--target',
      'none',
      '--out',
      out,
    ]);
    expect(said).toContain('Nothing was tagged or published.');
    expect(run('sha256sum', ['--quiet', '--strict', '-c', 'SHA256SUMS'], { cwd: out })).toBe('');
    expect(readdirSync(join(out, 'packages'))).toHaveLength(13);
    expect(existsSync(join(out, 'THIRD-PARTY.txt'))).toBe(true);
  },
  600_000,
);
