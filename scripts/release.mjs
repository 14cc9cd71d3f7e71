// npm run release [-- --out FOLDER] [--skip check] [--target TARGET|all|none] [--tag] [--publish]: everything that a
// release has, in dist/release: packages, executables, hashes, bill of materials, licences, notes, provenance.
// Nothing leaves this machine without --tag or --publish, and neither happens while something is in the way.
// npm run release -- --set-version 0.2.0 writes a version into every manifest and closes the changelog's section.
import { join, resolve } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { argumentsAsked, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const { values } = argumentsAsked({
  options: {
    out: { type: 'string', default: 'dist/release' },
    skip: { type: 'string', multiple: true, default: [] },
    target: { type: 'string', multiple: true, default: ['all'] },
    tag: { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    'set-version': { type: 'string' },
  },
});
const out = resolve(root, values.out);
const say = (line) => process.stdout.write(`${line}\n`);

// What these import is there only after the install, on a fresh clone.
ensureInstalled();
const state = await import('./release/state.mjs');

if (values['set-version'] !== undefined) {
  const { setVersion } = await import('./release/set-version.mjs');
  for (const path of setVersion(root, values['set-version'])) say(`changed ${path}`);
  process.exit(0);
}

const leaves = values.tag || values.publish;
const version = state.sharedVersion();
const { publishProblems, publishPackages, tagRelease } = await import('./release/publish.mjs');
const problems = [...state.stateProblems(root, version), ...(values.publish ? publishProblems() : [])];
for (const problem of problems) say(`in the way: ${problem}`);
if (leaves && problems.length > 0) process.exit(1);

if (!values.skip.includes('check')) {
  const { status } = run(process.execPath, [join(root, 'scripts/check.mjs')]);
  if (status !== 0) process.exit(status);
}

const { makeRelease } = await import('./release/make.mjs');
const tarballs = await makeRelease({ out, version, targets: values.target, ...state.sourceOf(root, version) });
say(`deadbox ${version} is in ${out}${problems.length > 0 ? '; it cannot be published as it is' : ''}`);

if (values.tag) tagRelease(version);
if (values.publish) publishPackages(tarballs, version);
if (!leaves) say('Nothing was tagged or published.');
