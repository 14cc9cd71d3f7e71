import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fatChain } from '../support/attack/container-attacks.js';
import { cliPath } from '../support/cli.js';
import { temporaryFolder } from '../support/tools.js';

const CLUSTERS = 20_000;

describe('cat of a file that says 4 GiB and whose chain comes back to its first cluster', () => {
  const path = join(temporaryFolder(), 'chain.img');
  const image = fatChain();
  const whole = image.subarray(image.length - CLUSTERS * 512);
  for (let i = 0; i < whole.length; i += 1) whole[i] = (i * 7 + (i >> 9)) & 255;
  writeFileSync(path, image);
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliPath, 'cat', path, '/F0'], { maxBuffer: 1 << 28 });

  test('writes what is there to the last byte, and no zeros behind it', () => {
    expect(stdout.length).toBe(whole.length);
    expect(Buffer.compare(stdout, whole)).toBe(0);
  });

  test('ends with an error that says where the chain ends', () => {
    expect(status).toBe(2);
    expect(stderr.toString()).toContain(`its cluster chain ends after ${whole.length}`);
  });
});
