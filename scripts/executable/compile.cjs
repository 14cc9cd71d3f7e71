// node --hash-seed=1 --random-seed=1 compile.cjs FOLDER: writes V8's code cache beside every file of the bundle, with
// every function compiled.
// Run by the very Node that the executable is made of.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const [folder] = process.argv.slice(2);
// With fixed seeds two builds are the same, byte for byte. A cache also holds the flags that it was written under and
// serves no others:
// so the defaults are back when it is written.
setFlagsFromString('--no-lazy');
const scripts = new Map();
for (const name of readdirSync(folder).filter((file) => file.endsWith('.js')))
  scripts.set(name, new Script(readFileSync(join(folder, name), 'latin1'), { filename: name }));
for (const flag of ['--lazy', '--hash-seed=0', '--random-seed=0']) setFlagsFromString(flag);
for (const [name, script] of scripts) writeFileSync(join(folder, `${name}.cache`), script.createCachedData());
