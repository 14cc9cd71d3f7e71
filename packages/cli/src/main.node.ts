import { isDeadboxError } from '@deadbox/core';
import { escapeText } from '@deadbox/report';
import { CommanderError } from 'commander';
import { EXIT, UsageError } from './exit-code.js';
import { makeProgram } from './program.node.js';

/** Runs the command line and gives its exit code. Whatever goes wrong is one sentence on stderr, never a stack trace. */
export async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController();
  const interrupted = (): void => controller.abort(new DOMException('Interrupted', 'AbortError'));
  process.once('SIGINT', interrupted);
  let code: number = EXIT.ok;
  const program = makeProgram(async (verb) => {
    code = await verb(controller.signal);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (controller.signal.aborted) return EXIT.interrupted;
    return explain(error);
  } finally {
    process.removeListener('SIGINT', interrupted);
  }
}

/** What the user named is not there, though the volume can be read. */
const NOT_FOUND: ReadonlySet<string> = new Set([
  'NTFS_NO_SUCH_STREAM',
  'NTFS_RECORD_OUT_OF_RANGE',
  'FAT_NO_SUCH_STREAM',
]);

function explain(error: unknown): number {
  // commander has said what was wrong itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) {
    process.stderr.write(`deadbox: ${message}\n`);
    return error.exitCode;
  }
  if (isDeadboxError(error)) {
    const option = error.code === 'IMAGE_PARENT_MISSING' ? ': --parent FILE' : '';
    process.stderr.write(`deadbox: ${escapeText(message)}${option}\n`);
    return error.code === 'VOLUME_LOCKED' ? EXIT.locked : NOT_FOUND.has(error.code) ? EXIT.notFound : EXIT.error;
  }
  process.stderr.write(
    `deadbox: unexpected error: ${escapeText(message)}. Please report it; DEADBOX_DEBUG=1 shows where it happened.\n`,
  );
  if ((process.env.DEADBOX_DEBUG ?? '') !== '' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return EXIT.error;
}

// Setting the code lets stdout drain; exiting at once would cut a pipe short.
process.exitCode = await main(process.argv.slice(2));
