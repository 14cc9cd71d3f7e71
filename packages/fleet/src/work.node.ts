import { deflateRawSync } from 'node:zlib';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { connect, KEYS, queueName } from './connection.node.js';
import type { FleetJob } from './fleet-job.js';
import { Gate } from './gate.js';
import { TRIES } from './limits.js';
import { bullmq } from './queue-library.node.js';
import { countsOf, otherRun, storedRun } from './run.node.js';

/** What a worker does with an image. */
export interface FleetAnswer {
  /** The line of the run's journal. */
  readonly line: Uint8Array;
  /** deadbox itself failed over it: it is tried once more, perhaps elsewhere. */
  readonly failedInside: boolean;
}

/** How a worker works. */
export interface WorkOptions {
  readonly url: string;
  /** The sites whose images this host can see. */
  readonly sites: readonly string[];
  /** Images at a time. */
  readonly jobs: number;
  /** What its verdicts depend on, as the run has it. */
  readonly fingerprint: string;
  /** Milliseconds after which the images of a worker that went silent are given to others. */
  readonly lease: number;
  /** Ends when its sites have nothing left to do. */
  readonly drain: boolean;
  /** Ends the work: what is under way is finished. */
  readonly signal: AbortSignal;
  /** Judges an image; must leave the event loop free. */
  judge(job: FleetJob): Promise<FleetAnswer>;
  /** The server went away, or is back. */
  onServer(state: 'gone' | 'back', reason: string): void;
}

/** Milliseconds between two questions whether all is done: few when there was nothing to take, then ever more. */
const DRAIN_POLL = { least: 10, most: 250 };

/**
 * Judges images of the queue until it is told to end. Images of a worker that dies are given to another one after the
 * lease; one that ends two workers is lost, and reported so.
 * @returns how many images this worker judged
 * @throws DeadboxError when the queue cannot be used, or holds a run that judges otherwise
 */
export async function workOn(options: WorkOptions): Promise<number> {
  const redis = await connect(options.url, true);
  try {
    const { fingerprint } = await storedRun(redis, options.url);
    if (fingerprint !== options.fingerprint) throw otherRun(options.url);
    watchServer(redis, options);
    await redis.sadd(KEYS.sites, ...options.sites);
    return await judgeUntilEnd(redis, options);
  } finally {
    // That it goes away now is no news.
    redis.removeAllListeners('close');
    redis.disconnect();
  }
}

async function judgeUntilEnd(redis: Redis, options: WorkOptions): Promise<number> {
  const { UnrecoverableError, Worker } = bullmq();
  let judged = 0;
  const gate = new Gate();
  const process = async (job: Job<FleetJob>): Promise<string> => {
    const id = job.id ?? '';
    // So many began with it, and ended. What was never given out before costs no question: a worker has no image
    // meanwhile.
    const before = job.attemptsStarted > 1 ? Number(await redis.hget(KEYS.begun, id)) : 0;
    if (before >= TRIES) throw new UnrecoverableError(`${before} workers ended while they judged it`);
    const leave = await gate.enter(before > 0);
    try {
      await redis.hincrby(KEYS.begun, id, 1);
      const { line, failedInside } = await options.judge(job.data);
      // A server that goes away before it hears of this has the image judged alone, if at all.
      redis.hdel(KEYS.begun, id).catch(() => undefined);
      if (failedInside && job.attemptsMade < TRIES - 1) throw new Error('deadbox failed inside');
      judged += 1;
      return deflateRawSync(line, { level: 1 }).toString('base64');
    } finally {
      leave();
    }
  };
  const connections = options.sites.map(() => redis.duplicate());
  const workers = options.sites.map((site, i) => {
    const connection = connections[i];
    connection.on('error', () => undefined);
    const worker = new Worker<FleetJob, string>(queueName(site), process, {
      connection,
      concurrency: Math.max(Math.ceil(options.jobs / options.sites.length), 1),
      lockDuration: options.lease,
      stalledInterval: options.lease / 2,
      // We count ourselves: what only waited beside an image that ended the worker is not to blame.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    // Told of by the connection; a job that was taken over meanwhile is another worker's.
    worker.on('error', () => undefined);
    return worker;
  });
  try {
    await untilEnd(redis, options, (drained) => {
      for (const worker of workers) worker.on('drained', drained);
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
    for (const connection of connections) connection.disconnect();
  }
  return judged;
}

/** @param whenDrained - has a function called whenever a worker finds nothing to take */
function untilEnd(
  redis: Redis,
  { sites, drain, signal }: WorkOptions,
  whenDrained: (drained: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
    if (!drain) return;
    const { Queue } = bullmq();
    const queues = sites.map((site) => new Queue(queueName(site), { connection: redis }));
    for (const queue of queues) queue.on('error', () => undefined);
    let pause = DRAIN_POLL.most;
    let timer: NodeJS.Timeout | undefined;
    const poll = async (): Promise<void> => {
      timer = undefined;
      if (signal.aborted) return;
      if (await areDone(queues)) return resolve();
      timer = setTimeout(() => void poll(), pause);
      pause = Math.min(pause * 2, DRAIN_POLL.most);
    };
    whenDrained(() => {
      pause = DRAIN_POLL.least;
      // A question that is under way goes on with this pause.
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = setTimeout(() => void poll(), pause);
    });
    void poll();
  });
}

/** Whether nothing is left of the queues; of a server that is away nothing is known. */
function areDone(queues: readonly Queue[]): Promise<boolean> {
  return Promise.all(queues.map(countsOf)).then(
    (counts) => counts.every(({ waiting, active }) => waiting + active === 0),
    () => false,
  );
}

function watchServer(redis: Redis, { onServer }: WorkOptions): void {
  let gone = false;
  redis.on('error', ({ message }: Error) => {
    if (!gone) onServer('gone', message);
    gone = true;
  });
  redis.on('close', () => {
    if (!gone) onServer('gone', '');
    gone = true;
  });
  redis.on('ready', () => {
    if (gone) onServer('back', '');
    gone = false;
  });
}
