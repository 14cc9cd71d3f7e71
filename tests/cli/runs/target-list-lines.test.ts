import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputFiles } from '../../../packages/cli/src/output/input-files.node.js';
import { readTargetList } from '../../../packages/cli/src/runs/target-list.node.js';
import { runInProcess } from '../../support/cli-in-process.js';
import { temporaryFolder } from '../../support/tools.js';

describe('a list of targets that is another kind of file', () => {
  const folder = temporaryFolder();

  test('is refused for a line that no path is as long as', async () => {
    const list = join(folder, 'list.txt');
    writeFileSync(list, 'a'.repeat(10_000_000));
    const { said } = await runInProcess(['scan', '--targets', list]);
    expect(said).toContain('cannot be read: a line has 10000000 characters');
    expect(said.length).toBeLessThan(1000);
  });

  test('with names beyond number has each of them once', () => {
    const list = join(folder, 'many.txt');
    writeFileSync(list, `# ${'x'.repeat(40_000)}\n${'a.img\r\nb.img\n'.repeat(100_000)}`);
    expect(readTargetList(list, new InputFiles())).toEqual(['a.img', 'b.img']);
  });

  test('that names more images than a call may have arguments is scanned', async () => {
    const list = join(folder, 'all.txt');
    writeFileSync(list, Array.from({ length: 150_000 }, (_, i) => `${i}.img`).join('\n'));
    // Refused behind the place where all names are noted, before one is opened.
    const { said } = await runInProcess(['scan', '--targets', list, '--include', 'nothing']);
    expect(said).toContain('nothing');
  });
});
