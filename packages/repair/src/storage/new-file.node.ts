import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { repairError } from '../errors.js';

/** How a new file is spoken of and made. */
interface NewFile {
  /** At the beginning of a sentence: `The overlay`. */
  readonly what: string;
  /** What is said of a file that is there already. */
  readonly kept: string;
  /** Permissions, less the umask. Default: what the system gives. */
  readonly mode?: number;
}

/**
 * Writes a file that was not there, and flushes it. One that could not be written whole is removed: half of it is of no
 * use, and would stand in the way of the next one.
 * @throws DeadboxError `REPAIR_JOURNAL_EXISTS`, `REPAIR_WRITE_FAILED`
 */
export function writeNewFile(path: string, bytes: Uint8Array, { what, kept, mode }: NewFile): void {
  const notWritten = (cause: unknown): Error => {
    const message = `${what} ${path} cannot be written: ${(cause as Error).message}`;
    return repairError('REPAIR_WRITE_FAILED', message, { data: { written: 0 }, cause });
  };
  let handle: number;
  try {
    handle = openSync(path, 'wx', mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritten(error);
    throw repairError('REPAIR_JOURNAL_EXISTS', `${path} exists already: ${kept}`, { cause: error });
  }
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
    fsyncSync(handle);
  } catch (error) {
    rmSync(path, { force: true });
    throw notWritten(error);
  } finally {
    closeSync(handle);
  }
}
