'use strict';

const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

/**
 * The folder, beside the bundle, of what the build kept for this very engine: the bundle's files as functions, and for
 * each job a folder of the code that it needed, compiled.
 */
const CODE_CACHE = `code-${process.versions.v8}-${process.arch}`;
/** Jobs whose code serves those that have none of their own. */
const COMMON = ['ls', 'scan'];
const MAIN = 'main.cjs';
const WORKER = 'worker.cjs';
/** A run sets flags of the engine, which takes no code that was compiled under others. No verb is called so. */
const WORKER_JOB = 'worker-thread';

/**
 * Runs the command line. Compiling it takes longer than a quick scan: where the build kept what this engine made of it,
 * that is taken; elsewhere Node's own cache is asked for, which Node has from 22.1 on.
 * @param folder - the bundle
 */
function runBundle(folder) {
  if (existsSync(join(folder, CODE_CACHE, MAIN))) {
    loadScripts(folder, [jobOf(process.argv.slice(2)), ...COMMON]);
    return;
  }
  require('node:module').enableCompileCache?.();
  require(join(folder, MAIN));
}

/**
 * What a call does, so far as it needs code of its own: unpacking what only other jobs need would cost every start. A
 * verb is a word: nothing else may lead to code.
 */
function jobOf([verb = '', ...others]) {
  if (!/^[a-z]+$/.test(verb)) return COMMON[0];
  return others.includes('--quick') ? `${verb}-quick` : verb;
}

/**
 * Runs the command line with the compiled code that there is. The engine compares versions and flags itself, and
 * compiles what does not fit.
 * @param folder - the bundle
 * @param jobs - whose compiled code is taken, the first that has some of a file
 * @returns the scripts by file name; more are added when they are loaded
 */
function loadScripts(folder, jobs) {
  return loadEntry(folder, MAIN, jobs).scripts;
}

/**
 * Loads what a worker thread runs, with the compiled code that there is.
 * @param folder - the bundle
 * @returns what it exports
 */
function loadWorker(folder) {
  if (existsSync(join(folder, CODE_CACHE, WORKER_JOB, WORKER))) return loadWorkerScripts(folder).exports;
  require('node:module').enableCompileCache?.();
  return require(join(folder, WORKER));
}

function loadWorkerScripts(folder) {
  return loadEntry(folder, WORKER, [WORKER_JOB]);
}

function loadEntry(folder, entry, jobs) {
  const scripts = new Map();
  const modules = new Map();
  const load = (name) => {
    const known = modules.get(name);
    if (known !== undefined) return known;
    const exports = {};
    modules.set(name, exports);
    const filename = join(folder, name);
    const compiled = jobs.map((job) => join(folder, CODE_CACHE, job, name)).find((path) => existsSync(path));
    const script = new Script(readFileSync(join(folder, CODE_CACHE, name), 'utf8'), {
      filename,
      ...(compiled === undefined ? {} : { cachedData: readFileSync(compiled) }),
    });
    scripts.set(name, script);
    const requireFrom = (asked) => (asked.startsWith('./') ? load(asked.slice(2)) : require(asked));
    script.runInThisContext()(exports, requireFrom, filename);
    return exports;
  };
  return { scripts, exports: load(entry) };
}

module.exports = { CODE_CACHE, jobOf, loadScripts, loadWorker, loadWorkerScripts, runBundle, WORKER_JOB };
