import {
  type ByteSource,
  type Bytes,
  CountingSource,
  defined,
  type MaybePromise,
  monotonicMilliseconds,
  type ReadOptions,
  type Siblings,
} from '@deadbox/core';

/**
 * Milliseconds after which the event loop gets a turn: reads that do not wait would keep signals (Ctrl-C) out for as
 * long as they go on.
 */
const TURN_AFTER = 100;
let lastTurn: number = monotonicMilliseconds();

/** Lets signals and timers in. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  lastTurn = monotonicMilliseconds();
}

const isDue = (): boolean => monotonicMilliseconds() - lastTurn > TURN_AFTER;

/** A counted source that knows whether it was closed, and that lets the user interrupt long work. */
class CountedSource extends CountingSource {
  closed = false;

  override read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    return isDue() ? turn().then(() => super.read(offset, length, options)) : super.read(offset, length, options);
  }

  override readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    return isDue()
      ? turn().then(() => super.readInto(offset, target, options))
      : super.readInto(offset, target, options);
  }

  override close(): MaybePromise<void> {
    this.closed = true;
    return super.close();
  }
}

/**
 * Counts what is read of an image and of every file that belongs to it (parents, extents, segments), below every cache.
 */
export class ReadCounter {
  readonly #sources: CountedSource[] = [];
  #requests = 0;
  #requestedBytes = 0;

  get reads(): number {
    return this.#sources.reduce((sum, { reads }) => sum + reads, this.#requests);
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#sources.reduce((sum, { bytes }) => sum + bytes, this.#requestedBytes);
  }

  /** Bytes of all files that were opened; of a server, what was asked for. */
  get size(): number {
    return this.#sources.reduce((sum, { size }) => sum + size, this.#requestedBytes);
  }

  /** Names of the sources that are still open: a file that was tried as a parent and refused is closed again. */
  get openNames(): string[] {
    return this.#sources.flatMap(({ name, closed }) => (closed || name === undefined ? [] : [name]));
  }

  /** What was read of each file that was opened. */
  get files(): { name: string; size: number; reads: number; bytes: number }[] {
    return this.#sources.map(({ name = '', size, reads, bytes }) => ({ name, size, reads, bytes }));
  }

  /** The same source, counted. */
  count(source: ByteSource): ByteSource {
    const counting = new CountedSource(source);
    this.#sources.push(counting);
    return counting;
  }

  /** The same files, each counted once it is opened, and its name told to `opened`. */
  countSiblings(siblings: Siblings, opened: (name: string) => void): Siblings {
    const around = siblings.around?.bind(siblings);
    return {
      open: async (name: string, options?: ReadOptions): Promise<ByteSource | undefined> => {
        const source = await siblings.open(name, options);
        if (source?.name !== undefined) opened(source.name);
        return source === undefined ? undefined : this.count(source);
      },
      ...defined({
        list: siblings.list?.bind(siblings),
        around:
          around &&
          (async () => (await import('../diagnostics/count-around.js')).countAround(await around(), this, opened)),
      }),
    };
  }

  /** Takes in a range that was asked of a server. */
  readonly onRequest = (bytes: number): void => {
    this.#requests += 1;
    this.#requestedBytes += bytes;
  };
}
