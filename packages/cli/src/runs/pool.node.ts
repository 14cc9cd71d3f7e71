import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { isDeadboxError } from '@deadbox/core';
import { failedImage } from '@deadbox/triage';
import { Tinypool } from 'tinypool';
import { shownName } from '../input/targets.node.js';
import { outOfMemory } from '../supervision/out-of-memory.js';
import { timeIsUp, timeLimitOf } from '../supervision/time-limit.node.js';
import { answerOf, ImageJudge, type WorkerAnswer, type WorkerSetup } from './image-judge.node.js';
import { internalError } from './judge.node.js';
import type { RunTask } from './run-tasks.node.js';

/**
 * Mebibytes of objects that the judgement of one image may take; buffers of files come on top, and are capped by what
 * reads them.
 */
const MEMORY_CAP = 1024;
/** Milliseconds after its time in which an image can still end by itself; the start of a worker is in them. */
const GRACE = 5000;

/**
 * How the engine treats a run. A worker keeps 20 MB from image to image: left alone, the engine walks through all of
 * them once in eight images, on four threads, and copies what is young on four, too. Threads that wait for one another
 * cost more than they gain where every processor has an image to judge. Both are read anew at each collection.
 *
 * Each worker compiles for itself, on threads beside it, what has been called often. Eight times as often as the
 * engine's own 66 KB leave out what a run of hundreds never earns back: half of the compiling.
 */
export const ENGINE: readonly string[] = [
  '--heap-growing-percent=150',
  '--no-parallel-scavenge',
  '--interrupt-budget=540672',
];

/** What judges the images of a run, several at a time. */
export interface JudgePool {
  /**
   * Never fails over one image: what it does to its worker is in the answer. @throws AbortError when the run is
   * interrupted
   */
  judge(task: RunTask): Promise<WorkerAnswer>;
  close(): Promise<void>;
}

/** How a pool is made. */
export interface PoolOptions {
  /** Threads. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Path of the worker; default the one beside this file. */
  readonly worker?: string;
  /** Mebibytes; default 1024. */
  readonly memoryCap?: number;
}

/** Worker threads, each of which judges one image at a time; one that dies is replaced. */
export async function openPool(setup: WorkerSetup, options: PoolOptions): Promise<JudgePool> {
  const worker = options.worker ?? workerBeside();
  // Sources that were not built have no worker that Node could start.
  if (worker === undefined) return inThisThread(setup, options.signal);
  for (const flag of ENGINE) setFlagsFromString(flag);
  const pool = new Tinypool({
    filename: worker,
    name: 'judgeTask',
    runtime: 'worker_threads',
    minThreads: options.jobs,
    maxThreads: options.jobs,
    workerData: setup,
    useAtomics: false,
    resourceLimits: { maxOldGenerationSizeMb: options.memoryCap ?? MEMORY_CAP },
  });
  const limit = timeLimitOf(setup.options);
  // A worker that cannot even start has no image to answer for.
  const broken = new Promise<never>((_, reject) => pool.on('error', reject));
  broken.catch(() => undefined);
  return {
    judge: async (task) => {
      if (task.target.silent === true) return deadAnswer(task, timeIsUp(limit ?? 0), setup);
      const ending = new AbortController();
      const signal = AbortSignal.any([options.signal, ending.signal]);
      // A worker that waits for a dead disk hears nothing: its thread is left alone, and another takes its place.
      const timer = limit === undefined ? undefined : setTimeout(() => ending.abort(timeIsUp(limit)), limit + GRACE);
      try {
        return (await Promise.race([pool.run(task, { signal }), broken])) as WorkerAnswer;
      } catch (error) {
        options.signal.throwIfAborted();
        return deadAnswer(task, ending.signal.aborted ? ending.signal.reason : error, setup);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => pool.destroy(),
  };
}

async function inThisThread(setup: WorkerSetup, signal: AbortSignal): Promise<JudgePool> {
  const judge = await ImageJudge.create(setup, signal);
  return { judge: (task) => judge.judge(task), close: () => Promise.resolve() };
}

/** The answer for an image over which its worker died. */
function deadAnswer(task: RunTask, error: unknown, setup: WorkerSetup): WorkerAnswer {
  const { path, machine } = task.target;
  const ate = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
  const failure = ate ? outOfMemory() : isDeadboxError(error, 'TIME_LIMIT') ? error : internalError(error);
  const image = { ...failedImage(shownName(path), failure), ...(machine === undefined ? {} : { machine }) };
  return answerOf(task, { image, files: [] }, setup);
}

/** The worker's file: in the bundle, else beside this module as it was compiled. */
function workerBeside(): string | undefined {
  const places = ['./worker.js', './worker.node.js'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  return places.find((path) => existsSync(path));
}
