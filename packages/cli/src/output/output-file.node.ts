import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { DeadboxError } from '@deadbox/core';
import { type OutputErrorCode } from '@deadbox/report/internals';
import { usageError } from '../exit-code.js';
import type { InputFiles } from './input-files.node.js';
import { windowsNameFault } from './output-name.js';

/**
 * Where a verb's data goes: stdout, or the file of `-o`. A regular file is written beside its place, under a temporary
 * name, and takes its place when it is whole: an interrupted or failed run leaves what was there.
 */
export class OutputFile {
  readonly handle: number;
  /** Whether the data can be written in any order, and holes be left in it. */
  readonly isRegular: boolean;
  readonly #path: string | undefined;
  readonly #temporary: string | undefined;
  readonly #inputs: InputFiles;
  #begun = false;
  #closed = false;

  /** @param path - of `-o`; `-` and `undefined` mean stdout */
  constructor(path: string | undefined, inputs: InputFiles) {
    this.#inputs = inputs;
    if (path === undefined || path === '-') {
      this.handle = 1;
      this.isRegular = false;
      return;
    }
    if (process.platform === 'win32') refuseWindowsName(path);
    inputs.refuse(path);
    inputs.claim(path);
    // A link stays a link: what it points at is replaced.
    this.#path = existsSync(path) ? realpathSync(path) : path;
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    const direct = stats !== undefined && !stats.isFile();
    this.#temporary = direct ? undefined : `${this.#path}.${process.pid}.partial`;
    this.handle = open(this.#temporary ?? this.#path, path);
    if (stats !== undefined && !direct) fchmodSync(this.handle, stats.mode & 0o777);
    this.isRegular = fstatSync(this.handle).isFile();
  }

  get isStdout(): boolean {
    return this.#path === undefined;
  }

  /** Call before the first byte: by then it is known which files are read. */
  begin(): void {
    if (this.#begun || this.#path === undefined) return;
    this.#begun = true;
    this.#inputs.refuse(this.#path);
  }

  /** Sets the length of a regular file; the file ends here where its file system cannot hold that much. */
  resize(size: number): void {
    try {
      ftruncateSync(this.handle, size);
    } catch (cause) {
      this.discard();
      throw outputFailed(this.#path, cause);
    }
  }

  /** All is written: the file takes its place. */
  finish(): void {
    if (this.#closed || this.#path === undefined) return;
    this.begin();
    // Files that were opened since count too.
    this.#inputs.refuse(this.#path);
    this.#closed = true;
    closeSync(this.handle);
    if (this.#temporary === undefined) return;
    try {
      renameSync(this.#temporary, this.#path);
    } catch (cause) {
      rmSync(this.#temporary, { force: true });
      throw outputFailed(this.#path, cause);
    }
  }

  /** Ends without a whole file: what was there stays. Does nothing after {@link finish}. */
  discard(): void {
    if (this.#closed || this.#path === undefined) return;
    this.#closed = true;
    closeSync(this.handle);
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
  }
}

/** Node passes such names on as they are, and the file could not be opened or deleted by others. */
function refuseWindowsName(path: string): void {
  const fault = windowsNameFault(path);
  if (fault !== undefined) throw usageError('output-name', { path, fault });
}

function open(path: string, shown: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
  } catch (cause) {
    throw outputFailed(shown, cause);
  }
}

/** The error of an output that cannot be written. @param path - `undefined` for stdout */
export function outputFailed(path: string | undefined, cause: unknown): DeadboxError<OutputErrorCode> {
  const what = path ?? 'The output';
  return new DeadboxError('OUTPUT_FAILED', `${what} cannot be written: ${(cause as Error).message}`, {
    data: path === undefined ? {} : { path },
    cause,
  });
}
