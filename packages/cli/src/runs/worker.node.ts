import { workerData } from 'node:worker_threads';
import { ImageJudge, type WorkerAnswer, type WorkerSetup } from './image-judge.node.js';
import type { RunTask } from './run-tasks.node.js';

/** Made for the first image of this thread. */
let judge: Promise<ImageJudge> | undefined;

/** Judges one image of a run: what a worker thread does. Whoever wants it to end ends the thread. */
export async function judgeTask(task: RunTask): Promise<WorkerAnswer> {
  // Damage is an error with a place, of which a scan makes and forgets dozens: nobody reads where in the code.
  if ((process.env.DEADBOX_DEBUG ?? '') === '') Error.stackTraceLimit = 0;
  judge ??= ImageJudge.create(setupOf(workerData), new AbortController().signal);
  return (await judge).judge(task);
}

/** The pool puts data of its own before ours. */
function setupOf([, setup]: readonly [unknown, WorkerSetup]): WorkerSetup {
  return setup;
}
