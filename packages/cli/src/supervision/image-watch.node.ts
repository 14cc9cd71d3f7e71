import { getHeapStatistics } from 'node:v8';
import { type DeadboxError, MIB } from '@deadbox/core';
import { outOfMemory } from './out-of-memory.js';
import { timeIsUp, timeLimitOf } from './time-limit.node.js';

/** Mebibytes of buffers of this thread: those of the language's own heap have a limit that V8 watches. */
const BUFFER_CAP = 1024;
/** Milliseconds between two looks. Reading gives timers a turn ten times a second. */
const LOOK_EVERY = 100;

/** Bytes of buffers of this thread. `process.memoryUsage` would ask the kernel for pages too, for each image. */
function buffersHeld(): number {
  return getHeapStatistics().external_memory;
}

/** Ends the judging of an image that takes too long or too much memory, where it still listens. */
export class ImageWatch {
  readonly #ending = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor({
    options,
    bufferCap = BUFFER_CAP,
  }: {
    readonly options: { readonly timeLimit?: string };
    readonly bufferCap?: number;
  }) {
    const limit = timeLimitOf(options);
    if (limit !== undefined) this.#timers.push(setTimeout(() => this.#stop(timeIsUp(limit)), limit));
    const before = buffersHeld();
    this.#timers.push(
      setInterval(() => {
        if (buffersHeld() - before > bufferCap * MIB) this.#stop(outOfMemory());
      }, LOOK_EVERY),
    );
  }

  /** Aborted with the reason as a `DeadboxError`. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** The image is done. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #stop(reason: DeadboxError): void {
    this.#ending.abort(reason);
    this.end();
  }
}
