import type { ByteSource, Bytes, ReadOptions, Surroundings } from '@deadbox/core';
import { monotonicMilliseconds } from '@deadbox/core';

/** What counts reads. */
interface Counter {
  count(source: ByteSource): ByteSource;
  onRequest(bytes: number): void;
}

/** Milliseconds after which the event loop gets a turn, as between other reads. */
const TURN_AFTER = 100;

/**
 * The files around an image, counted. Of a file that is only asked what it is the bytes are counted: its name is
 * nobody's input.
 */
export function countAround(around: Surroundings, counter: Counter, opened: (name: string) => void): Surroundings {
  let lastTurn = monotonicMilliseconds();
  const open = async (path: string, options?: ReadOptions): Promise<ByteSource | undefined> => {
    const source = await around.open(path, options);
    if (source?.name !== undefined) opened(source.name);
    return source === undefined ? undefined : counter.count(source);
  };
  const head = async (path: string, length: number, options?: ReadOptions): Promise<Bytes | undefined> => {
    if (monotonicMilliseconds() - lastTurn > TURN_AFTER) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      lastTurn = monotonicMilliseconds();
    }
    const bytes = await around.head(path, length, options);
    if (bytes !== undefined) counter.onRequest(bytes.length);
    return bytes;
  };
  return { ...around, head, open };
}
