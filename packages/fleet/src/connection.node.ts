import { createHash } from 'node:crypto';
import { DeadboxError } from '@deadbox/core';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { FleetErrorCode } from './errors.js';
import type { FleetJob } from './fleet-job.js';
import { CONNECT_TIMEOUT } from './limits.js';
import { bullmq, ioredis } from './queue-library.node.js';

/** Keys of ours beside those of the queues. */
export const KEYS = {
  run: 'deadbox:run',
  sites: 'deadbox:sites',
  next: 'deadbox:next',
  begun: 'deadbox:begun',
} as const;

/** The queue of one site. */
export function queueName(site: string): string {
  return `deadbox-${createHash('sha256').update(site).digest('hex').slice(0, 16)}`;
}

/** The same image has the same id, so that it is in the queue once however often it is submitted. */
export function jobId({ key }: FleetJob): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Connects to the server at `url`.
 * @param patient - waits for a server that goes away later, instead of failing
 * @throws DeadboxError `QUEUE_UNREACHABLE` or `QUEUE_DENIED` when it cannot be asked now
 */
export async function connect(url: string, patient = false): Promise<Redis> {
  const redis = new (ioredis().Redis)(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT,
    maxRetriesPerRequest: patient ? null : 1,
    retryStrategy: () => null,
  });
  let reason: string | undefined;
  redis.on('error', ({ message }: Error) => (reason = message));
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    redis.disconnect();
    throw refused(url, reason ?? (cause as Error).message);
  }
  if (patient) redis.options.retryStrategy = (tries) => Math.min(tries * 100, 2000);
  return redis;
}

function refused(url: string, reason: string): DeadboxError<FleetErrorCode> {
  const place = shownAddress(url);
  const data = { queue: place };
  if (/WRONGPASS|NOAUTH|NOPERM|invalid password|without any password/i.test(reason))
    return new DeadboxError('QUEUE_DENIED', `The queue ${place} refuses the password: ${reason}`, { data });
  return new DeadboxError('QUEUE_UNREACHABLE', `The queue ${place} cannot be reached: ${reason}`, { data });
}

/** The address without user and password. */
export function shownAddress(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'redis://…';
  }
}

/** Runs `work` with the queues of all sites. */
export async function withQueues<T>(
  url: string,
  work: (redis: Redis, queueOf: (site: string) => Queue) => Promise<T>,
): Promise<T> {
  const redis = await connect(url);
  const { Queue } = bullmq();
  const queues = new Map<string, Queue>();
  const queueOf = (site: string): Queue => {
    const known = queues.get(site) ?? new Queue(queueName(site), { connection: redis });
    queues.set(site, known);
    return known;
  };
  try {
    return await work(redis, queueOf);
  } finally {
    for (const queue of queues.values()) await queue.close();
    redis.disconnect();
  }
}
