import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import type { FleetModule } from '../../packages/cli/src/runs/fleet-module.node.js';
import * as installed from '../../packages/fleet/src/fleet.node.js';
import { cliPath } from '../support/cli.js';
import { runInProcess } from '../support/cli-in-process.js';
import { findings, manyImages } from '../support/many-images.js';
import { redisServer } from '../support/redis.js';
import { describeWithTools, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

// The runner's own loader does not give an ES module to `require`; Node does.
vi.mock('../../packages/cli/src/runs/fleet-module.node.js', () => ({ loadFleet: () => installed }));

const fleet: FleetModule = installed;
const RUN = { head: '{}', fingerprint: 'as it was' };

describeWithTools(['redis-server'], 'images over many hosts', () => {
  const folder = temporaryFolder();
  const redis = redisServer(folder);
  const locked = redisServer(temporaryFolder(), { password: 'opensesame' });

  beforeAll(redis.start);

  const stub = (site: string, pause: number): ChildProcess =>
    spawn(process.execPath, [
      join(root, 'tests/support/fleet-worker.mjs'),
      redis.url,
      site,
      RUN.fingerprint,
      String(pause),
    ]);
  const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('close', resolve));
  const results = async (): Promise<{ lines: any[]; lost: string[] }> => {
    const lines: any[] = [];
    const lost: string[] = [];
    await fleet.eachResult(redis.url, (result) => {
      if (result.kind === 'line') lines.push(JSON.parse(result.line));
      else lost.push(result.job.path);
    });
    return { lines, lost };
  };
  const named = (count: number, ...more: string[]): { key: string; path: string }[] =>
    [...Array.from({ length: count }, (_, i) => `/images/${i}.img`), ...more].map((path) => ({ key: path, path }));

  test('come back as the report of one host, and the queue knows no secret', async () => {
    const images = manyImages(join(folder, 'images'), 8);
    const [journal, merged, whole] = ['run.ndjson', 'merged.json', 'whole.json'].map((name) => join(folder, name));
    const queue = ['--queue', redis.url];
    expect(await runInProcess(['fleet', 'submit', images, '--quick', ...queue])).toMatchObject({ code: 0 });
    const again = await runInProcess(['fleet', 'submit', images, '--quick', ...queue]);
    expect(again.said).toContain('the queue has 8 of it');
    const other = await runInProcess(['fleet', 'submit', images, ...queue]);
    expect(other.error).toMatchObject({ code: 'QUEUE_OTHER_RUN' });
    const secret = await runInProcess(['fleet', 'submit', 'https://example.org/a.vhd?sig=s3cret', ...queue]);
    expect(secret.said).toMatch(/a\.vhd has a query(?!.*s3cret)/);
    await ended(spawn(process.execPath, [cliPath, 'fleet', 'work', '--drain', '--password', 's3cret', ...queue]));
    await runInProcess([
      'fleet',
      'status',
      '--json',
      '-o',
      join(folder, 'status.json'),
      '--journal',
      journal,
      ...queue,
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'))).toMatchObject({
      schema: 'deadbox.fleet/1',
      images: 8,
      done: 8,
      sites: [{ site: 'default', waiting: 0, lost: 0 }],
    });
    await runInProcess(['report', journal, '--report', merged]);
    await runInProcess(['scan', images, '--quick', '--json', '-o', whole]);
    expect(findings(merged)).toEqual(findings(whole));
    await runInProcess(['fleet', 'cancel', ...queue]);
    expect((await runInProcess(['fleet', 'status', ...queue])).error).toMatchObject({ code: 'QUEUE_EMPTY' });
  });

  test('are each in the report once, whichever workers are killed and while the server is away', async () => {
    await fleet.submitJobs(redis.url, 'tokyo', RUN, named(120));
    const first = [stub('tokyo', 20), stub('tokyo', 20)];
    await new Promise((resolve) => setTimeout(resolve, 700));
    first[0].kill('SIGKILL');
    await redis.stop();
    await redis.start();
    const second = stub('tokyo', 5);
    await new Promise((resolve) => setTimeout(resolve, 400));
    first[1].kill('SIGKILL');
    await ended(second);
    const { lines, lost } = await results();
    expect(lost).toEqual([]);
    expect(lines.map(({ key }) => key).toSorted()).toEqual(
      named(120)
        .map(({ key }) => key)
        .toSorted(),
    );
    await fleet.cancelRun(redis.url);
  });

  test('go only to hosts that see them, and one that ends its worker twice is reported', async () => {
    await fleet.submitJobs(redis.url, 'osaka', RUN, named(3, '/images/poison.img'));
    await fleet.submitJobs(
      redis.url,
      'nagoya',
      RUN,
      named(2).map(({ key, path }) => ({ key: `nagoya: ${key}`, path })),
    );
    // Each dies at the poisoned image; the one after that finds it tried often enough.
    for (let i = 0; i < 3; i += 1) await ended(stub('osaka', 1));
    const { lines, lost } = await results();
    expect(lost).toEqual(['/images/poison.img']);
    expect(lines.map(({ key }) => key).toSorted()).toEqual(named(3).map(({ key }) => key));
    const { sites } = await fleet.statusOf(redis.url);
    expect(sites.map(({ site, waiting, done }) => [site, waiting, done])).toEqual([
      ['nagoya', 2, 0],
      ['osaka', 0, 3],
    ]);
    await fleet.cancelRun(redis.url);
  });

  test('are no longer waited for when the last of them is judged', async () => {
    const waits: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await fleet.submitJobs(redis.url, 'kobe', RUN, named(1));
      let judgedAt = 0;
      const judge = async (): Promise<{ line: Uint8Array; failedInside: boolean }> => {
        // Longer than from one question whether all is done to the next.
        await new Promise((resolve) => setTimeout(resolve, 260));
        judgedAt = performance.now();
        return { line: new Uint8Array(0), failedInside: false };
      };
      const { fingerprint } = RUN;
      const { signal } = new AbortController();
      const how = { sites: ['kobe'], jobs: 1, lease: 5000, drain: true, onServer: () => undefined };
      expect(await fleet.workOn({ url: redis.url, fingerprint, signal, judge, ...how })).toBe(1);
      waits.push(performance.now() - judgedAt);
      await fleet.cancelRun(redis.url);
    }
    expect(Math.min(...waits)).toBeLessThan(150);
  });

  test('are watched until none is left or the user has seen enough, under a heading', async () => {
    await fleet.submitJobs(redis.url, 'default', RUN, named(30));
    const watch = (...more: string[]) => {
      const args = [cliPath, 'fleet', 'status', '--watch', '--queue', redis.url, ...more];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      let text = '';
      child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
      const closed = new Promise<{ code: number | null; text: string }>((resolve) =>
        child.on('close', (code) => resolve({ code, text })),
      );
      const shown = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
      return { child, closed, shown };
    };
    const [human, program] = [watch(), watch('--json')];
    await Promise.all([human.shown, program.shown]);
    human.child.kill('SIGINT');
    const interrupted = await human.closed;
    expect(interrupted.code).toBe(130);
    expect(interrupted.text).toMatch(/^site +workers +waiting +being judged +done +lost\ndefault +0 +30 +0 +0 +0\n/);
    await ended(stub('default', 1));
    const { code, text } = await program.closed;
    expect(code).toBe(0);
    const states = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(states[0]).toMatchObject({ schema: 'deadbox.fleet/1', images: 30, waiting: 30 });
    expect(states.at(-1)).toMatchObject({ waiting: 0, active: 0, done: 30, lost: 0 });
    await fleet.cancelRun(redis.url);
  }, 60_000);

  test('need a server that answers, and its password', async () => {
    await locked.start();
    const wrong = locked.url.replace('//', '//:guess@');
    const refused = await runInProcess(['fleet', 'status', '--queue', wrong]);
    expect(refused.error).toMatchObject({ code: 'QUEUE_DENIED' });
    expect(refused.said).not.toContain('guess');
    await fleet.submitJobs(locked.url.replace('//', '//:opensesame@'), 'default', RUN, named(1));
    await locked.stop();
    const away = await runInProcess(['fleet', 'status', '--queue', locked.url]);
    expect(away.error).toMatchObject({ code: 'QUEUE_UNREACHABLE' });
    expect((await runInProcess(['fleet', 'status', '--queue', 'http://example.org'])).said).toContain('name the queue');
  });
});
