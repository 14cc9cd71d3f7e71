import { write, writeSync } from 'node:fs';
import { OutputClosed } from '../exit-code.js';
import { outputFailed } from './output-file.node.js';
import { isTerminal } from './standard-streams.node.js';

/** Milliseconds until a full pipe is asked again: Node's stdout may be non-blocking. */
const PIPE_WAIT = 5;

/** The error of a write; `undefined` for a pipe that is only full. */
function failureOf(error: unknown, handle: number): Error | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EAGAIN') return undefined;
  // A terminal that was closed fails so.
  const isGone = code === 'EPIPE' || (code === 'EIO' && isTerminal(handle));
  return isGone ? new OutputClosed() : outputFailed(undefined, error);
}

/**
 * Writes all of `bytes` at once.
 * @throws OutputClosed when nobody reads any more
 * @throws DeadboxError `OUTPUT_FAILED`
 */
export function writeNow(handle: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(handle, bytes, at, bytes.length - at);
    } catch (error) {
      const failure = failureOf(error, handle);
      if (failure !== undefined) throw failure;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_WAIT);
    }
  }
}

/**
 * Writes all of `bytes` on the thread pool; they must stay until it is done.
 * @param position - where in the file; `null` where the last write ended
 * @throws OutputClosed when nobody reads any more
 * @throws DeadboxError `OUTPUT_FAILED`
 */
export async function writeLater(handle: number, bytes: Uint8Array, position: number | null): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += await writeSome(handle, bytes.subarray(done), position === null ? null : position + done);
}

function writeSome(handle: number, bytes: Uint8Array, position: number | null): Promise<number> {
  return new Promise((resolve, reject) => {
    write(handle, bytes, 0, bytes.length, position, (error, count) => {
      if (error === null) {
        resolve(count);
        return;
      }
      const failure = failureOf(error, handle);
      if (failure === undefined) setTimeout(resolve, PIPE_WAIT, 0);
      else reject(failure);
    });
  });
}
