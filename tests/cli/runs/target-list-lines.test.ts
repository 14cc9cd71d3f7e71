import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
});
