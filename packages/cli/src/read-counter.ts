import { CountingSource, type ByteSource, type ReadOptions, type Siblings } from '@deadbox/core';

/** Counts what is read of an image and of every file that belongs to it (parents, extents, segments), below every cache. */
export class ReadCounter {
  readonly #sources: CountingSource[] = [];
  #requests = 0;
  #requestedBytes = 0;

  /** Reads so far. */
  get reads(): number {
    return this.#sources.reduce((sum, { reads }) => sum + reads, this.#requests);
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#sources.reduce((sum, { bytes }) => sum + bytes, this.#requestedBytes);
  }

  /** The same source, counted. */
  count(source: ByteSource): ByteSource {
    const counting = new CountingSource(source);
    this.#sources.push(counting);
    return counting;
  }

  /** The same files, each counted once it is opened. */
  countSiblings(siblings: Siblings): Siblings {
    return {
      open: async (name: string, options?: ReadOptions): Promise<ByteSource | undefined> => {
        const source = await siblings.open(name, options);
        return source === undefined ? undefined : this.count(source);
      },
      ...(siblings.list === undefined ? {} : { list: siblings.list.bind(siblings) }),
    };
  }

  /** Takes in a range that was asked of a server. */
  readonly onRequest = (bytes: number): void => {
    this.#requests += 1;
    this.#requestedBytes += bytes;
  };
}
