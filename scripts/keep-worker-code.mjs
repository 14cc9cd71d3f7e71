// node scripts/keep-worker-code.mjs IMAGE full|quick: judges the image on a worker thread under the flags of a run, and
// keeps what the engine compiled for it beside the bundle; code-cache.mjs starts it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { CODE_CACHE, loadWorkerScripts, WORKER_JOB } from '../packages/cli/bin/load-bundle.js';
import { root } from './workspace.mjs';

const bundle = join(root, 'packages/cli/dist/bundle');

if (isMainThread) {
  const [path, mode] = process.argv.slice(2);
  const { ENGINE } = await import('../packages/cli/dist/runs/pool.node.js');
  const { SHIPPED_RULES } = await import('../packages/triage/dist/index.js');
  for (const flag of ENGINE) setFlagsFromString(flag);
  const options = { quick: mode === 'quick', quiet: true };
  const setup = { options, rules: SHIPPED_RULES, language: 'en', lines: false, texts: true };
  // As the pool gives it: data of its own, then ours.
  const worker = new Worker(new URL(import.meta.url), { workerData: [{ path }, setup] });
  worker.on('error', (error) => {
    throw error;
  });
} else {
  const { scripts, exports } = loadWorkerScripts(bundle);
  const [{ path }] = workerData;
  await exports.judgeTask({ target: { path }, index: 0, key: path, group: 0 });
  const folder = join(bundle, CODE_CACHE, WORKER_JOB);
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of scripts) writeFileSync(join(folder, name), script.createCachedData());
}
