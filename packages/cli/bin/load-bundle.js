'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

/** The folder, beside the bundle, of compiled code that this very engine can take. */
const CODE_CACHE = `code-${process.versions.v8}-${process.arch}`;
const MAIN = 'main.cjs';
const HEAD = '(function (exports, require, __filename) {';

/**
 * Runs the command line. Compiling it takes longer than a quick scan: where the build kept what this engine made of it, that is taken; elsewhere
 * Node's own cache is asked for, which Node has from 22.1 on.
 * @param folder - the bundle
 */
function runBundle(folder) {
  if (readIfThere(join(folder, CODE_CACHE, MAIN)) !== undefined) {
    loadScripts(folder);
    return;
  }
  require('node:module').enableCompileCache?.();
  require(join(folder, MAIN));
}

/**
 * Runs the command line with the compiled code that there is. The engine compares versions and flags itself, and compiles what does not fit.
 * @param folder - the bundle
 * @returns the scripts by file name; more are added when they are loaded
 */
function loadScripts(folder) {
  const scripts = new Map();
  const modules = new Map();
  const load = (name) => {
    const known = modules.get(name);
    if (known !== undefined) return known;
    const exports = {};
    modules.set(name, exports);
    const filename = join(folder, name);
    const script = new Script(`${HEAD}${readFileSync(filename, 'utf8')}\n})`, {
      filename,
      cachedData: readIfThere(join(folder, CODE_CACHE, name)),
    });
    scripts.set(name, script);
    const requireFrom = (asked) => (asked.startsWith('./') ? load(asked.slice(2)) : require(asked));
    script.runInThisContext()(exports, requireFrom, filename);
    return exports;
  };
  load(MAIN);
  return scripts;
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

module.exports = { CODE_CACHE, loadScripts, runBundle };
