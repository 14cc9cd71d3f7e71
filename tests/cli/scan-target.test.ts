import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runInProcess } from '../support/cli-in-process.js';
import { healthyDisk } from '../support/healthy/healthy-disk.js';
import { temporaryFolder } from '../support/tools.js';

describe('deadbox scan --target', () => {
  const folder = temporaryFolder();
  const image = join(folder, 'web.img');
  const output = join(folder, 'report');

  test('says whether a disk that starts here will start there', async () => {
    (await healthyDisk()).save(image);
    const there = await runInProcess(['scan', '--target', 'hyper-v-gen2', '--json', '-o', output, image]);
    expect(there).toMatchObject({ code: 0, error: undefined });
    rmSync(output);
    const elsewhere = await runInProcess(['scan', '--target', 'hyper-v-gen1', '-o', output, image]);
    expect(elsewhere).toMatchObject({ code: 1, error: undefined });
    const [first] = readFileSync(output, 'utf8').split('\n');
    expect(first).toMatch(/^SRV-WEB-03 .*DOES NOT START/);
    rmSync(image);
  });

  test('knows its platforms, and does not go with --quick', async () => {
    const unknown = await runInProcess(['scan', '--target', 'abacus', image]);
    expect(unknown.error).toBeDefined();
    expect(unknown.said).toContain('abacus');
    expect(unknown.said).toContain('hyper-v-gen2');
    const quick = await runInProcess(['scan', '--quick', '--target', 'xen', image]);
    expect(quick.error).toBeDefined();
  });
});
