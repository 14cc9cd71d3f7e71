import { fstatSync } from 'node:fs';

// Node makes a stream of stdout or stderr when it is first asked for it, which takes a start 3 ms: who only writes
// bytes, or asks whether there is a terminal, does without.

/** stdout as a stream. */
export function standardOutput(): NodeJS.WriteStream {
  return outlivingReaders(process.stdout);
}

/** stderr as a stream. */
export function standardError(): NodeJS.WriteStream {
  return outlivingReaders(process.stderr);
}

/** Whether a terminal stands behind a file descriptor. */
export function isTerminal(handle: number): boolean {
  try {
    // Files and pipes are none.
    if (!fstatSync(handle).isCharacterDevice() && process.platform !== 'win32') return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule('node:tty').isatty(handle);
}

function outlivingReaders(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (!stream.listeners('error').includes(ignoreClosedPipe)) stream.on('error', ignoreClosedPipe);
  return stream;
}

/**
 * Whoever reads has gone away (`| head`, a terminal that was closed): nothing more to say, and no reason for another
 * exit code.
 */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}
