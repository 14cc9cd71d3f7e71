import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as fleet from '../../packages/fleet/src/fleet.node.js';
import { canMakeNetworks, type TestHost, testNetwork } from '../support/network.js';
import { redisServer } from '../support/redis.js';
import { describeWithTools, temporaryFolder } from '../support/tools.js';
import { root } from '../support/workspace.js';

const RUN = { head: '{}', fingerprint: 'as it was' };
const IMAGES = 60;

describeWithTools(['redis-server', 'ip'], 'workers on hosts of their own', () => {
  describe.skipIf(!canMakeNetworks)('in network namespaces, which only root makes', () => {
    const folder = temporaryFolder();
    const workers: ChildProcess[] = [];
    const network = testNetwork();
    let hosts: readonly TestHost[] = [];
    const redis = redisServer(folder, { prefix: network.serverPrefix, host: () => hosts[0].server });

    beforeAll(async () => {
      hosts = network.make(3);
      await redis.start();
    });
    afterAll(() => {
      for (const worker of workers) worker.kill('SIGKILL');
    });

    const workerOn = ({ prefix, server }: TestHost): ChildProcess => {
      const url = redis.url.replace(hosts[0].server, server);
      const script = join(root, 'tests/support/fleet-worker.mjs');
      const [program, ...args] = [...prefix, process.execPath, script, url, 'default', RUN.fingerprint, '30'];
      const worker = spawn(program, args, { stdio: 'ignore' });
      workers.push(worker);
      return worker;
    };
    const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('close', resolve));
    const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const hasDone = async (count: number): Promise<void> => {
      while ((await fleet.statusOf(redis.url)).done < count) await pause(20);
    };

    test('give each image once, whoever is killed and whose cable is pulled for longer than a lease', async () => {
      const keys = Array.from({ length: IMAGES }, (_, i) => `/images/${i}.img`);
      await fleet.submitJobs(
        redis.url,
        'default',
        RUN,
        keys.map((key) => ({ key, path: key })),
      );
      const [, near, far] = hosts;
      const cut = workerOn(far);
      const killed = workerOn(near);
      await hasDone(5);
      await pause(Math.random() * 200);
      far.cable('down');
      await pause(Math.random() * 200);
      killed.kill('SIGKILL');
      const next = workerOn(near);
      // The others go on without it, and take over what it has when its lease is over.
      await ended(next);
      far.cable('up');
      // It comes back with reports of images that are others' by now.
      await ended(cut);
      const told: string[] = [];
      await fleet.eachResult(redis.url, (result) =>
        told.push(result.kind === 'line' ? JSON.parse(result.line).key : `lost: ${result.job.key}`),
      );
      expect(told.toSorted()).toEqual(keys.toSorted());
    }, 120_000);
  });
});
