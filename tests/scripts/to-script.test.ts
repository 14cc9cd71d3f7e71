import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { root } from '../support/workspace.js';

const { toScript } = (await import(pathToFileURL(join(root, 'scripts/to-script.mjs')).href)) as {
  toScript: (code: string) => string;
};

/** Runs a module as a script; other modules are looked up in `others`. */
function runAsScript(code: string, others: Record<string, unknown> = {}): Record<string, any> {
  const exported = {};
  const run = new Script(`(function (exports, require, __filename) {${toScript(code)}\n})`).runInThisContext();
  run(exported, (name: string) => others[name], '/bundle/one.cjs');
  return exported;
}

test('A module does the same as a script: imports, renamed exports, imports on demand, its own address', async () => {
  const code = [
    'import{a as x}from"./other.js";import*as whole from"./other.js";import fs,{readFileSync as r}from"node:fs";',
    'const text="import{a}from b";const load=()=>import(`./other.js`);',
    'export{x as first,text as second,load as third};const here=import.meta.url;export{here as fourth};',
    'export{a as fifth}from"./other.js";',
  ].join('');
  const other = { a: 42 };
  const { first, second, third, fourth, fifth } = runAsScript(code, {
    './other.cjs': other,
    'node:fs': {},
    'node:url': await import('node:url'),
  });
  expect([first, second, fourth, fifth]).toEqual([42, 'import{a}from b', 'file:///bundle/one.cjs', 42]);
  expect(await third()).toBe(other);
});

test('A script is strict, as a module is', () => {
  expect(() => runAsScript('undeclared=1;')).toThrow(ReferenceError);
});

test('A script takes its own require where a module makes one as it is loaded, and is ASCII where most of it was', () => {
  const code = [
    'import{createRequire as e}from"node:module";var run=(e)=>e(`x`),made=e(import.meta.url);',
    `var text="…${'x'.repeat(20)}😀",fits=/^…/u.test(text);`,
    'export{made as first,text as second,fits as third,run as fourth};',
  ].join('');
  const { first, second, third, fourth } = runAsScript(code, { one: 1 });
  expect([first('one'), second, third]).toEqual([1, `…${'x'.repeat(20)}😀`, true]);
  expect(fourth((name: string) => name)).toBe('x');
  expect(toScript(code)).toMatch(/^[\0-\x7f]*$/);
  expect(toScript('var text="日本語";')).toContain('日本語');
});

test('What the bundler never writes is refused, not lost', () => {
  expect(() => toScript('export default 1;')).toThrow('ExportDefaultDeclaration');
  expect(() => toScript('export * from "./other.js";')).toThrow('ExportAllDeclaration');
  expect(() => toScript('export const a = 1;')).toThrow('declaration');
});

const bundle = join(root, 'packages/cli/dist/bundle');
// The build may have run with another Node than this one.
const kept = existsSync(join(bundle, `code-${process.versions.v8}-${process.arch}`));

test.skipIf(!kept)('A Node takes the compiled code that a build kept for its engine, each job its own', () => {
  expect(readdirSync(bundle).filter((name) => /^code-\d/.test(name))).toHaveLength(1);
  const check =
    "const { jobOf, loadScripts } = require('./packages/cli/bin/load-bundle.js');" +
    "process.argv = ['node', 'deadbox', '--version'];" +
    "const scripts = loadScripts(process.env.BUNDLE, [jobOf(['scan', 'x', '--quick'])]);" +
    "process.on('exit', () => console.log(JSON.stringify([...scripts].map(([, one]) => one.cachedDataRejected))));";
  const { stdout } = spawnSync(process.execPath, ['-e', check], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, BUNDLE: bundle },
  });
  const [version, rejected] = stdout.trim().split('\n');
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(new Set(JSON.parse(rejected))).toEqual(new Set([false]));
});

test('What is asked for leads to no folder of compiled code but those of verbs', () => {
  const { jobOf } = createRequire(import.meta.url)(join(root, 'packages/cli/bin/load-bundle.js'));
  const asked = [['scan', 'a', '--quick'], ['reg', 'a'], ['../evil'], ['/evil', '--quick'], ['--version'], []];
  expect(asked.map((call) => jobOf(call))).toEqual(['scan-quick', 'reg', 'ls', 'ls', 'ls', 'ls']);
});

test.skipIf(!kept)('A worker thread takes the compiled code that a build kept for it under the flags of a run', () => {
  const check =
    "import('./packages/cli/dist/runs/pool.node.js').then(({ ENGINE }) => {" +
    "ENGINE.forEach(require('node:v8').setFlagsFromString);" +
    "const { scripts, exports } = require('./packages/cli/bin/load-bundle.js').loadWorkerScripts(process.env.BUNDLE);" +
    'console.log(JSON.stringify([typeof exports.judgeTask, ...[...scripts].map(([, one]) => one.cachedDataRejected)]));' +
    '});';
  const { stdout } = spawnSync(process.execPath, ['-e', check], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, BUNDLE: bundle },
  });
  const [judges, ...rejected] = JSON.parse(stdout);
  expect(judges).toBe('function');
  expect(new Set(rejected)).toEqual(new Set([false]));
});
