import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFailedOutline, SHIPPED_RULES } from '@deadbox/triage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImageJudge, type WorkerSetup } from '../../../packages/cli/src/runs/image-judge.node.js';
import { openPool } from '../../../packages/cli/src/runs/pool.node.js';
import { needsSupervisor } from '../../../packages/cli/src/supervision/supervise.node.js';
import { timeLimitOf } from '../../../packages/cli/src/supervision/time-limit.node.js';
import { cliPath, deadboxAsync } from '../../support/cli.js';
import { lineCount } from '../../support/many-images.js';
import { testImage, testImagePath } from '../../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';
import { root } from '../../support/workspace.js';

const setup: WorkerSetup = { options: { timeLimit: '1' }, rules: SHIPPED_RULES, language: 'en', lines: true };
const taskOf = (path: string, index = 0) => ({ target: { path }, index, key: path, group: index });

test('a time is seconds, minutes or hours', () => {
  expect(['90', '2s', '10m', '2h'].map((timeLimit) => timeLimitOf({ timeLimit }))).toEqual([
    90_000, 2000, 600_000, 7_200_000,
  ]);
  for (const timeLimit of ['0', '-1', '1.5', '9d', 'soon', '9999999h', ''])
    expect(() => timeLimitOf({ timeLimit })).toThrow('time-limit-malformed');
  expect(needsSupervisor(['scan', '--time-limit=1'], {})).toBe(true);
  expect(needsSupervisor(['scan', '--time-limit', '1'], { DEADBOX_SUPERVISED: '1' })).toBe(false);
});

test('an image that keeps its worker for ever is reported, and another worker does its work', async () => {
  const { signal } = new AbortController();
  const worker = join(root, 'tests/support/stuck-worker.mjs');
  const pool = await openPool(setup, { jobs: 1, signal, worker });
  const names = ['one.img', 'stuck.img', 'two.img'];
  const codes: string[] = [];
  for (const [index, name] of names.entries()) {
    const { report, line } = await pool.judge(taskOf(name, index));
    codes.push(isFailedOutline(report.outline) ? report.outline.error.code : 'judged');
    if (name === 'stuck.img')
      expect(JSON.parse(new TextDecoder().decode(line))).toMatchObject({ key: name, image: { path: name } });
  }
  await pool.close();
  expect(codes).toEqual(['judged', 'TIME_LIMIT', 'judged']);
});

describe('a server that never answers', () => {
  const server = createServer(() => undefined);
  let address = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.img`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const judged = async (more: Partial<WorkerSetup>) => {
    const judge = await ImageJudge.create({ ...setup, ...more }, new AbortController().signal);
    const judging = judge.judge(taskOf(address));
    const held = more.bufferCap === undefined ? [] : [new ArrayBuffer(8 << 20), new ArrayBuffer(8 << 20)];
    const { outline } = (await judging).report;
    expect(held.length).toBeLessThan(3);
    return isFailedOutline(outline) ? outline.error : undefined;
  };

  test('costs its image the time that it may take, and no more', async () => {
    expect(await judged({})).toMatchObject({ code: 'TIME_LIMIT' });
  });

  test.each(['a terminal', 'a program'])(
    'is left at Ctrl-C by %s, with what is finished reported',
    async (sender) => {
      const folder = mkdtempSync(join(tmpdir(), 'deadbox-test-'));
      const [journal, out] = ['run.ndjson', 'out.json'].map((name) => join(folder, name));
      const sound = testImagePath('gpt-absent');
      const output = ['--json', '-o', out, '--journal', journal];
      const args = [cliPath, 'scan', '--quick', '--time-limit', '5m', '--jobs', '2', address, sound, ...output];
      const asked = new Promise((resolve) => server.once('request', resolve));
      const child = spawn(process.execPath, args, { stdio: 'ignore', detached: true });
      const ended = new Promise((resolve) => child.once('close', resolve));
      await asked;
      while (lineCount(journal) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      // A terminal tells all that it runs, another program the one that it started.
      process.kill(sender === 'a terminal' ? -(child.pid as number) : (child.pid as number), 'SIGINT');
      expect(await ended).toBe(130);
      expect(JSON.parse(readFileSync(out, 'utf8')).images).toMatchObject([{ path: sound }]);
      rmSync(folder, { recursive: true });
    },
    60_000,
  );

  test('as anything else, ends where buffers take more than one image may hold, and the next image goes on', async () => {
    expect(await judged({ options: {}, bufferCap: 4 })).toMatchObject({ code: 'OUT_OF_MEMORY' });
    const judge = await ImageJudge.create({ ...setup, options: { quick: true } }, new AbortController().signal);
    const { outline } = (await judge.judge(taskOf(testImagePath('gpt-absent')))).report;
    expect(isFailedOutline(outline)).toBe(false);
  });
});

describeWithTools(['ntfs-3g', 'losetup', 'umount'], 'a file system whose server is gone', () => {
  describe.skipIf(!canMount)('by root', () => {
    const folder = temporaryFolder();
    const [volume, mounted, sound] = ['volume.img', 'mounted', 'sound.img'].map((name) => join(folder, name));
    const inside = join(mounted, 'disk.img');
    let loop = '';
    let server = 0;
    beforeAll(() => {
      const { windowsVolume, partitions } = testImage('gpt-faulty');
      const { offset, length } = partitions[windowsVolume - 1];
      writeFileSync(volume, readFileSync(testImagePath('gpt-faulty')).subarray(offset, offset + length));
      copyFileSync(testImagePath('gpt-absent'), sound);
      mkdirSync(mounted);
      const child = spawn('ntfs-3g', ['-o', 'no_detach,rw', volume, mounted], { stdio: 'ignore' });
      server = child.pid ?? 0;
      for (let i = 0; i < 100 && spawnSync('mountpoint', ['-q', mounted]).status !== 0; i += 1)
        spawnSync('sleep', ['0.05']);
      run('sh', ['-c', `head -c 4000000 ${sound} > ${inside} && sync`]);
      loop = run('losetup', ['-f', '--show', '-r', inside]).trim();
      // What the kernel knows already it gives without the server.
      run('sh', ['-c', `blockdev --flushbufs ${loop}; dd if=${inside} iflag=nocache count=0 status=none`]);
      process.kill(server, 'SIGSTOP');
    });
    afterAll(() => {
      process.kill(server, 'SIGCONT');
      if (loop !== '') spawnSync('losetup', ['-d', loop]);
      // Whoever waited for it may still be on the way out.
      spawnSync('umount', ['-l', mounted]);
    });

    test('costs its images their time; the others are judged, and the program ends with its own exit code', async () => {
      const started = Date.now();
      const args = ['scan', '--quick', '--json', '--time-limit', '3', '--jobs', '2', loop, inside, sound];
      const { code, stdout } = await deadboxAsync(args);
      expect(Date.now() - started).toBeLessThan(40_000);
      const { images } = JSON.parse(stdout);
      expect(images.map(({ path, error, verdict }: any) => [path, error?.code ?? verdict])).toEqual([
        [loop, 'TIME_LIMIT'],
        [sound, 'cleared'],
        [inside, 'TIME_LIMIT'],
      ]);
      expect(code).toBe(3);
    }, 60_000);
  });
});
