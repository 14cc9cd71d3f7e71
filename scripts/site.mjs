// npm run site [-- --out FOLDER] [-- --fresh]: the documentation as static pages in dist/site, in English and in
// Japanese, with a search that needs no server of others, and the API reference. Needs tools of its own, which it
// installs (140 MB). The reference is made anew where a source changed, or with --fresh.
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { linkProblems } from './site/links.mjs';
import {
  argumentsAsked,
  cache,
  exitUnlessOk,
  filesBelow,
  helpIfAsked,
  pnpm,
  root,
  run,
  stampOf,
} from './workspace.mjs';

helpIfAsked(import.meta.url);

const here = join(root, 'scripts/site');
const { values } = argumentsAsked({
  options: { out: { type: 'string', default: 'dist/site' }, fresh: { type: 'boolean', default: false } },
});
const out = resolve(root, values.out);
process.env.DEADBOX_SITE_OUT = out;

/** The generators have a lock file of their own: a fresh clone that only runs the tests does not fetch them. */
function ensureGenerators() {
  const lock = readFileSync(join(here, 'pnpm-lock.yaml'), 'utf8');
  const installed = join(here, 'node_modules/.deadbox-lock.yaml');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  process.stderr.write('Installing the generators of the site (once)\n');
  exitUnlessOk(
    run('npx', ['-y', pnpm, 'install', '--ignore-workspace', '--frozen-lockfile', '--reporter=append-only'], {
      cwd: here,
      env: { CI: 'true' },
      toStderr: true,
    }),
  );
  writeFileSync(installed, lock);
}

/** Ends with what is wrong, if anything is. */
function endOn(problems) {
  if (problems.length === 0) return;
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(1);
}

/** Changes with what the reference is made of. */
const apiStamp = () =>
  stampOf([
    ...filesBelow(join(root, 'packages'), (path) => /[\\/](?:src[\\/].*\.ts|package\.json)$/.test(path)),
    ...filesBelow(here, (path) => /\.(?:mjs|json|yaml)$/.test(path)),
  ]);

/** The reference, kept until what it is made of changes: it takes as long as half of the pages. */
async function writeApi(buildApi, folder) {
  const kept = join(cache, 'site/api');
  const stampFile = join(cache, 'site/api.stamp');
  const stamp = apiStamp();
  const isFresh = !values.fresh && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (!isFresh) {
    rmSync(stampFile, { force: true });
    endOn(await buildApi(kept));
    writeFileSync(stampFile, stamp);
  }
  rmSync(folder, { recursive: true, force: true });
  cpSync(kept, folder, { recursive: true });
}

ensureInstalled();
ensureGenerators();
endOn(linkProblems(root));
const { writePages } = await import('./site/pages.mjs');
const pages = writePages(join(cache, 'site/pages'));
// What is made of the pages imports Vue by name.
rmSync(join(cache, 'site/node_modules'), { force: true });
symlinkSync(join(here, 'node_modules'), join(cache, 'site/node_modules'), 'junction');
const { buildApi, buildPages } = await import('./site/build.mjs');
await buildPages(here);
await writeApi(buildApi, join(out, 'api'));
process.stdout.write(`${pages.size} pages in each language, and the API, are in ${out}\n`);
