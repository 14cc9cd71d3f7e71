// npm run executable [-- --target linux-x64] [--target …] [--target all] [--out FOLDER]: deadbox as one file, for
// machines without Node.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, packedPage } from './build.mjs';
import { filesOf } from './check/tarballs.mjs';
import { foldersOf, thirdPartyText } from './release/third-party.mjs';
import { argumentsAsked, cache, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const here = join(root, 'scripts/executable');

/**
 * A start allocates more than V8's first nursery holds, and needs fewer threads than four: both cost a start a sixth.
 * A scan takes as long as without them.
 */
const FLAGS = ['--min-semi-space-size=16', '--v8-pool-size=1'];

/**
 * The Node that executables are made of: for each target the package of npm that has it, and what npm says that
 * package's hash is.
 */
const { version, targets } = JSON.parse(readFileSync(join(here, 'targets.json'), 'utf8'));
const own = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

function capture(command, args, cwd) {
  const { status, stdout, stderr } = run(command, args, { capture: true, cwd });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed\n${stdout}${stderr}`);
  return stdout;
}

/** Path of a target's Node, fetched once and compared with its hash. */
function nodeOf(target) {
  const { package: name, integrity, file } = targets[target];
  const folder = join(cache, 'node', `${target}-${version}`);
  const node = join(folder, file.split('/').at(-1));
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  capture('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder], folder);
  const tarball = join(
    folder,
    readdirSync(folder).find((entry) => entry.endsWith('.tgz')),
  );
  const [kind, expected] = integrity.split(/-(.*)/s);
  const found = createHash(kind).update(readFileSync(tarball)).digest('base64');
  if (found !== expected) throw new Error(`${name}@${version} has the hash ${kind}-${found}, not ${integrity}`);
  const files = filesOf(tarball);
  rmSync(tarball);
  writeFileSync(join(folder, 'LICENSE'), files.get('LICENSE') ?? '');
  writeFileSync(node, files.get(file));
  chmodSync(node, 0o755);
  return node;
}

/** One target's executable; `builder` is this system's Node of the same version. Returns its path. */
function build(target, { builder, scripts, names, out }) {
  const output = join(out, `deadbox-${target}${target.startsWith('win') ? '.exe' : ''}`);
  // V8 reads a cache only on the processor and version that wrote it.
  const cached = target === own;
  if (cached) capture(builder, ['--hash-seed=1', '--random-seed=1', join(here, 'compile.cjs'), scripts]);
  const assets = names.flatMap((name) => (cached ? [name, `${name}.cache`] : [name]));
  const config = {
    main: join(here, 'loader.cjs'),
    output,
    executable: nodeOf(target),
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    execArgv: FLAGS,
    assets: { ...Object.fromEntries(assets.map((name) => [name, join(scripts, name)])), 'deadbox.html.br': packedPage },
  };
  const file = join(scripts, `${target}.json`);
  writeFileSync(file, JSON.stringify(config));
  rmSync(output, { force: true });
  capture(builder, ['--build-sea', file]);
  chmodSync(output, 0o755);
  return output;
}

/** What npm has of Node for targets: `{ package, version, integrity }`. */
export const runtimesOf = (wanted) =>
  wanted.map((target) => ({ package: targets[target].package, version, integrity: targets[target].integrity }));

/** Builds the executables of `wanted` into `out`, with their hashes and licences. Returns their paths. */
export async function buildExecutables(wanted, out) {
  if (targets[own] === undefined) throw new Error(`Executables are made on ${Object.keys(targets).join(', ')}`);
  const { bundleScripts } = await import('./executable/bundle.mjs');
  const scripts = join(cache, 'executable');
  const { names, modules } = await bundleScripts(scripts);
  mkdirSync(out, { recursive: true });
  const builder = nodeOf(own);
  const paths = wanted.map((target) => build(target, { builder, scripts, names, out }));
  writeFileSync(join(out, 'THIRD-PARTY.txt'), thirdPartyText(foldersOf(modules)));
  copyFileSync(join(builder, '../LICENSE'), join(out, 'LICENSE-node.txt'));
  const hashes = paths.map((path) => {
    const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
    return `${hash}  ${path.split(/[\\/]/).at(-1)}\n`;
  });
  writeFileSync(join(out, 'SHA256SUMS'), hashes.join(''));
  return paths;
}

/** The targets that are asked for; this system's own without a word. */
export function askedFor(asked) {
  const wanted = asked.includes('all') ? Object.keys(targets) : [...new Set(asked)];
  const unknown = wanted.filter((target) => targets[target] === undefined);
  if (unknown.length === 0) return wanted;
  process.stderr.write(`No Node for ${unknown.join(', ')}. There are: ${Object.keys(targets).join(', ')}, all\n`);
  process.exit(2);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = argumentsAsked({
    options: {
      target: { type: 'string', multiple: true, default: [own] },
      out: { type: 'string', default: 'executables' },
    },
  });
  const wanted = askedFor(values.target);
  await ensureBuilt();
  for (const path of await buildExecutables(wanted, resolve(values.out))) process.stdout.write(`${path}\n`);
}
