import { write } from 'node:fs';
import { DeadboxError } from '@deadbox/core';

/** Milliseconds until a full pipe is asked again. */
const PIPE_WAIT = 5;

/**
 * Writes all of `bytes` on the thread pool; they must stay until it is done.
 * @param position - where in the file; `null` where the last write ended
 * @throws DeadboxError `OUTPUT_FAILED`
 */
export async function writeLater(handle: number, bytes: Uint8Array, position: number | null): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += await writeSome(handle, bytes.subarray(done), position === null ? null : position + done);
}

function writeSome(handle: number, bytes: Uint8Array, position: number | null): Promise<number> {
  return new Promise((resolve, reject) => {
    write(handle, bytes, 0, bytes.length, position, (error, count) => {
      if (error === null) resolve(count);
      // A pipe that is full is not an error: Node's stdout may be non-blocking.
      else if (error.code === 'EAGAIN') setTimeout(resolve, PIPE_WAIT, 0);
      // The reader went away (`| head`): nothing more to say.
      else if (error.code === 'EPIPE') process.exit(0);
      else
        reject(
          new DeadboxError('OUTPUT_FAILED', `The output cannot be written: ${error.message}`, {
            data: {},
            cause: error,
          }),
        );
    });
  });
}
