import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/workspace.js';

/** What other scripts import or start; nobody starts it by hand. */
const PARTS = [
  'bundle-source.mjs',
  'bundle.mjs',
  'bundled-image.mjs',
  'code-cache.mjs',
  'keep-worker-code.mjs',
  'ship-types.mjs',
  'to-script.mjs',
  'workspace.mjs',
];
const SCRIPTS = readdirSync(join(root, 'scripts')).filter((name) => name.endsWith('.mjs') && !PARTS.includes(name));

function help(script: string): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [join(root, 'scripts', script), '--help'], { cwd: root, timeout: 60_000 });
  let text = '';
  child.stdout.on('data', (part) => (text += part));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, text }));
  });
}

test('every script says what it does when it is asked for help, and does nothing else', async () => {
  expect(SCRIPTS.length).toBeGreaterThan(8);
  for (const script of SCRIPTS) {
    const { code, text } = await help(script);
    expect([script, code, text.split('\n').length > 1]).toEqual([script, 0, true]);
    expect(text).not.toContain('import ');
    expect(text.length).toBeLessThan(2000);
  }
}, 120_000);

test.each([
  ['attack --only', '--only'],
  ['campaign --minutes five', 'five'],
  ['check --only types,nothing', 'nothing'],
  ['flips --step 0', '0'],
  ['mutation --unknown', '--unknown'],
  ['site nothing', 'nothing'],
])('%s is refused in one line before anything is done', (line, named) => {
  const [script, ...given] = line.split(' ');
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, `scripts/${script}.mjs`), ...given], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  expect(stderr).toContain(named);
});
