import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { testImage, testImagePath } from '../support/test-image.js';
import { root } from '../support/workspace.js';

const example = join(root, 'examples/library');

function runNode(args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

describe('examples/library', () => {
  // Compiled as a stranger's project: by the published declarations, not by our sources.
  beforeAll(() => {
    const result = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', example], {
      encoding: 'utf8',
    });
    expect(result.stdout + result.stderr).toBe('');
  });

  test('triage prints the verdict and the channel file', () => {
    const { verdict, severity, files } = testImage('gpt-faulty');
    const [file] = files;
    const lines = runNode([join(example, 'dist/triage.js'), testImagePath('gpt-faulty')]).split('\n');
    expect(lines[0]).toBe(`${verdict} (${severity})`);
    expect(lines).toContain(`${file?.path}  ${file?.standardInformation.modified}  ${file?.class}`);
  });

  test('list-files lists the folder as fls does, with the hash that icat gives', () => {
    const { folder, files, windowsVolume } = testImage('gpt-superseded');
    const output = runNode([join(example, 'dist/list-files.js'), testImagePath('gpt-superseded'), folder.path]);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.path.slice(folder.path.length + 1)).toSorted()).toEqual(folder.names);
    for (const file of files) {
      expect(lines.find((line) => line.path === file.path)).toEqual({
        volume: windowsVolume,
        path: file.path,
        type: 'file',
        size: file.size,
        modified: file.standardInformation.modified,
        sha256: file.sha256,
      });
    }
  });
});
