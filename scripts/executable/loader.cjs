// The main script of the executable: gives the bundle's files, which are its assets, to each other, compiled from V8's
// cache where that fits.
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const modules = new Map();

function cacheOf(name) {
  try {
    return new Uint8Array(getRawAsset(`${name}.cache`));
  } catch {
    return undefined;
  }
}

function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  // The files are ASCII, so they need no decoding, and V8 keeps a byte a character.
  const source = Buffer.from(getRawAsset(name)).latin1Slice();
  const script = new Script(source, { filename: name, cachedData: cacheOf(name) });
  const want = (path) => (path.startsWith('./') ? load(path.slice(2)) : require(path));
  // Below a file nothing can lie: whatever a module looks for beside itself is not there.
  script.runInThisContext()(module.exports, want, module, `${process.execPath}/${name}`);
  return module.exports;
}

load('main.js');
