// Runs the command line once and keeps what the engine compiled for it beside the bundle; code-cache.mjs starts it.
'use strict';
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { CODE_CACHE, jobOf, loadScripts } = require('../packages/cli/bin/load-bundle.js');

const bundle = join(__dirname, '../packages/cli/dist/bundle');
const job = jobOf(process.argv.slice(2));
const scripts = loadScripts(bundle, [job]);
process.on('exit', () => {
  const folder = join(bundle, CODE_CACHE, job);
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of scripts) writeFileSync(join(folder, name), script.createCachedData());
});
