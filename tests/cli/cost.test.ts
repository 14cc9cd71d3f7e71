import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { cliPath } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

describeWithTools(['strace', 'qemu-img'], 'the cost that a scan reports', () => {
  const folder = temporaryFolder();
  const parents = join(folder, 'elsewhere');
  beforeAll(() => {
    mkdirSync(parents);
    const raw = join(folder, 'disk.raw');
    copyFileSync(testImagePath('gpt-faulty'), raw);
    run('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'vmdk',
      '-o',
      'subformat=monolithicFlat',
      raw,
      join(folder, 'flat.vmdk'),
    ]);
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, join(folder, 'base.qcow2')]);
    run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', join(folder, 'top.qcow2')]);
    run('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      'moved.qcow2',
      '-F',
      'qcow2',
      '-u',
      join(folder, 'lonely.qcow2'),
      '55574528',
    ]);
    copyFileSync(join(folder, 'base.qcow2'), join(parents, 'moved.qcow2'));
    renameSync(join(folder, 'disk.raw'), join(folder, 'single.raw'));
  });

  const images: [string, readonly string[]][] = [
    ['single.raw', []],
    ['flat.vmdk', []],
    ['top.qcow2', []],
    ['lonely.qcow2', ['--parent', join(parents, 'moved.qcow2')]],
  ];
  test.each(images)('%s: the reads and bytes of all files, as strace sees them', (name, options) => {
    const log = join(folder, `${name}.strace`);
    const result = spawnSync(
      'strace',
      [
        '-f',
        '-y',
        '-s',
        '0',
        '-e',
        'trace=pread64',
        '-o',
        log,
        process.execPath,
        cliPath,
        'scan',
        '--json',
        ...options,
        join(folder, name),
      ],
      { encoding: 'utf8' },
    );
    const { cost, verdict } = JSON.parse(result.stdout).images[0];
    expect(verdict).toBe('faulty');
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`<${folder}/`))
      .map((line) => Number(/ = (\d+)$/.exec(line)?.[1]));
    expect({ reads: cost.reads, bytes: cost.bytes }).toEqual({
      reads: calls.length,
      bytes: calls.reduce((sum, bytes) => sum + bytes, 0),
    });
    expect(cost.reads).toBeGreaterThan(10);
  });
});
