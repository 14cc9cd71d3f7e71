import { inflateRawSync } from 'node:zlib';
import { DeadboxError } from '@deadbox/core';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobId, KEYS, shownAddress, withQueues } from './connection.node.js';
import type { FleetErrorCode } from './errors.js';
import type { FleetCounts, FleetJob, FleetResult, FleetRun, FleetStatus } from './fleet-job.js';
import { PAGE, TRIES } from './limits.js';

/** Images of a run whose place is not known yet. */
export type NewJob = Omit<FleetJob, 'index'>;

/**
 * Gives images to the hosts of a site; those that are in the queue already stay as they are.
 * @returns how many images of that site the queue has now
 * @throws DeadboxError `QUEUE_OTHER_RUN` when it holds a run that judges otherwise
 */
export function submitJobs(url: string, site: string, run: FleetRun, jobs: readonly NewJob[]): Promise<number> {
  return withQueues(url, async (redis, queueOf) => {
    await redis.set(KEYS.run, JSON.stringify(run), 'NX');
    const { fingerprint } = await storedRun(redis, url);
    if (fingerprint !== run.fingerprint) throw otherRun(url);
    await redis.sadd(KEYS.sites, site);
    const first = (await redis.incrby(KEYS.next, jobs.length)) - jobs.length;
    const queue = queueOf(site);
    for (let at = 0; at < jobs.length; at += PAGE) {
      const page = jobs.slice(at, at + PAGE).map((job, i): FleetJob => ({ ...job, index: first + at + i }));
      // Results and lost images stay: they are the report.
      const opts = { attempts: TRIES, removeOnComplete: false, removeOnFail: false };
      await queue.addBulk(page.map((data) => ({ name: 'image', data, opts: { ...opts, jobId: jobId(data) } })));
    }
    return (await countsOf(queue)).images;
  });
}

/** The run in the queue. @throws DeadboxError `QUEUE_EMPTY` */
export function runOf(url: string): Promise<FleetRun> {
  return withQueues(url, (redis) => storedRun(redis, url));
}

export async function storedRun(redis: Redis, url: string): Promise<FleetRun> {
  const text = await redis.get(KEYS.run);
  const run = text === null ? undefined : (JSON.parse(text) as FleetRun);
  if (run !== undefined) return run;
  throw new DeadboxError<FleetErrorCode>('QUEUE_EMPTY', `The queue ${shownAddress(url)} holds no run.`);
}

export function otherRun(url: string): DeadboxError<FleetErrorCode> {
  return new DeadboxError(
    'QUEUE_OTHER_RUN',
    `The queue ${shownAddress(url)} holds a run with other options, rules or another version.`,
  );
}

/** How far the run is. */
export function statusOf(url: string): Promise<FleetStatus> {
  return withQueues(url, async (redis, queueOf) => {
    await storedRun(redis, url);
    const sites: FleetStatus['sites'][number][] = [];
    for (const site of (await redis.smembers(KEYS.sites)).sort()) {
      const queue = queueOf(site);
      sites.push({ site, workers: (await queue.getWorkers()).length, ...(await countsOf(queue)) });
    }
    const sum = (count: keyof FleetCounts): number => sites.reduce((total, site) => total + site[count], 0);
    const [images, waiting, active] = [sum('images'), sum('waiting'), sum('active')];
    return { images, waiting, active, done: sum('done'), lost: sum('lost'), sites };
  });
}

/** How far the part of one queue is. */
export async function countsOf(queue: Queue): Promise<FleetCounts> {
  const counts = await queue.getJobCounts();
  const of = (...states: string[]): number => states.reduce((total, state) => total + (counts[state] ?? 0), 0);
  const [active, done, lost] = [of('active'), of('completed'), of('failed')];
  const waiting = of('waiting', 'delayed', 'paused', 'prioritized');
  return { images: waiting + active + done + lost, waiting, active, done, lost };
}

/** Every result that there is: lines of the run's journal, and images without one. The order is that of the queue. */
export function eachResult(url: string, take: (result: FleetResult) => void): Promise<void> {
  return withQueues(url, async (redis, queueOf) => {
    for (const site of await redis.smembers(KEYS.sites)) {
      await eachJob(queueOf(site), 'completed', ({ returnvalue }) =>
        take({ kind: 'line', line: unpackLine(returnvalue as string) }),
      );
      await eachJob(queueOf(site), 'failed', ({ data, failedReason }) =>
        take({ kind: 'lost', job: data, reason: failedReason }),
      );
    }
  });
}

type StoredJob = Awaited<ReturnType<Queue<FleetJob>['getJobs']>>[number];

async function eachJob(
  queue: Queue<FleetJob>,
  state: 'completed' | 'failed',
  take: (job: StoredJob) => void,
): Promise<void> {
  for (let at = 0; ; at += PAGE) {
    // The oldest first: what is added while this goes on does not move what was read.
    const page = await queue.getJobs([state], at, at + PAGE - 1, true);
    for (const job of page) take(job);
    if (page.length < PAGE) return;
  }
}

function unpackLine(packed: string): string {
  return inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8');
}

/** Takes the run out of the queue, with its results. Gives how many images it had. */
export function cancelRun(url: string): Promise<number> {
  return withQueues(url, async (redis, queueOf) => {
    await storedRun(redis, url);
    let images = 0;
    for (const site of await redis.smembers(KEYS.sites)) {
      const queue = queueOf(site);
      const counts = await countsOf(queue);
      images += counts.images;
      await queue.obliterate({ force: true });
    }
    await redis.del(...Object.values(KEYS));
    return images;
  });
}
