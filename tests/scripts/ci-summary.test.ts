import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

describe('the last line of .ci/run', () => {
  const folder = temporaryFolder();
  const report = (name: string, content: unknown): void =>
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
  const suite = (status: string, ...states: string[]): unknown => ({
    status,
    assertionResults: states.map((state) => ({ status: state })),
  });

  function summary(...steps: string[]): { line: string; status: number | null } {
    const { stdout, status } = spawnSync(process.execPath, [join(root, 'scripts/ci-summary.mjs'), ...steps], {
      env: { ...process.env, DEADBOX_REPORTS: folder },
      encoding: 'utf8',
    });
    return { line: stdout.trim(), status };
  }

  report('check', [
    { name: 'types', ok: true },
    { name: 'lint', ok: true },
  ]);
  report('tests', { testResults: [suite('passed', 'passed', 'passed', 'pending'), suite('passed', 'skipped')] });
  report('failing', { testResults: [suite('failed', 'passed', 'failed')] });
  report('unloadable', { testResults: [suite('failed')] });
  report('bad-gate', [{ name: 'types', ok: false }]);

  test('adds gates and tests', () => {
    expect(summary('check=0', 'tests=0')).toEqual({ line: '4 passed, 0 failed, 2 skipped', status: 0 });
  });

  test('fails with a failed test, a failed gate, and a file that could not be loaded', () => {
    expect(summary('failing=1')).toEqual({ line: '1 passed, 1 failed, 0 skipped', status: 1 });
    expect(summary('bad-gate=1')).toEqual({ line: '0 passed, 1 failed, 0 skipped', status: 1 });
    expect(summary('unloadable=1')).toEqual({ line: '0 passed, 1 failed, 0 skipped', status: 1 });
  });

  test('fails when a step left no report, or failed with a report that is all well', () => {
    expect(summary('tests=0', 'missing=1')).toEqual({ line: '2 passed, 1 failed, 2 skipped', status: 1 });
    expect(summary('tests=1')).toEqual({ line: '2 passed, 1 failed, 2 skipped', status: 1 });
  });

  test('fails when nothing ran', () => {
    expect(summary()).toEqual({ line: '0 passed, 0 failed, 0 skipped', status: 1 });
  });
});
