import { existsSync } from 'node:fs';
import { isDeadboxError } from '@deadbox/core';
import { type Language } from '@deadbox/report';
import { type CallFault, concat, errorPhrase, problemPhrase } from '@deadbox/report/internals';
import { CommanderError } from 'commander';
import { EXIT, OutputClosed, UsageError, usageError } from './exit-code.js';
import { Session } from './input/session.node.js';
import { isUrl } from './input/targets.node.js';
import { checkLanguage, languageFor, loadLanguage } from './output/language.node.js';
import { asksForHelp, makeProgram } from './program/program.node.js';
import { VERBS } from './program/verb-table.node.js';

/** Runs the command line and gives its exit code. Whatever goes wrong is one sentence on stderr, never a stack trace. */
export async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController();
  process.on('SIGINT', () => {
    // Whoever asks twice does not want to wait for what is finished.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new DOMException('Interrupted', 'AbortError'));
  });
  const session = new Session(await loadLanguage(languageFor(argv, process.env)), controller.signal);
  let code: number = EXIT.ok;
  const program = makeProgram(
    argv[0],
    async (verb) => {
      code = await verb(session);
    },
    (paths) => session.inputs.add(...paths),
  );
  try {
    checkLanguage(argv, process.env);
    if (argv[0] === 'complete') {
      await (await import('./completion/answer.node.js')).answerCompletion(
        argv.slice(argv[1] === '--' ? 2 : 1),
        session,
      );
      return EXIT.ok;
    }
    if (asksForHelp(argv)) {
      await (await import('./program/help.node.js')).showHelp(argv, session);
      return argv.length === 0 ? EXIT.error : EXIT.ok;
    }
    checkVerb(argv);
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof OutputClosed) return code;
    if (controller.signal.aborted) return EXIT.interrupted;
    return explain(error, session);
  }
}

/** `deadbox server.img`: an image where a verb should stand. */
function checkVerb([first]: readonly string[]): void {
  if (first === undefined || first.startsWith('-') || VERBS.some(({ id }) => id === first)) return;
  if (isUrl(first) || existsSync(first)) throw usageError('verb-missing', { name: first });
}

/** What the user named is not there, though the volume can be read. */
const LOCKED: ReadonlySet<string> = new Set(['VOLUME_LOCKED', 'IMAGE_ENCRYPTED']);
const NOT_FOUND: ReadonlySet<string> = new Set([
  'NTFS_NO_SUCH_STREAM',
  'NTFS_RECORD_OUT_OF_RANGE',
  'FAT_NO_SUCH_STREAM',
]);

function explain(error: unknown, session: Session): number {
  if (error instanceof CommanderError) return explainCall(error, session);
  if (error instanceof UsageError) {
    session.say(problemPhrase(error.problem, session.reader));
    return error.exitCode;
  }
  const { errors }: Language = session.language;
  if (isDeadboxError(error)) {
    const option = error.code === 'IMAGE_PARENT_MISSING' ? errors.parentOption : undefined;
    session.say(concat(errorPhrase(error, session.reader), option));
    return LOCKED.has(error.code) ? EXIT.locked : NOT_FOUND.has(error.code) ? EXIT.notFound : EXIT.error;
  }
  session.say(errors.unexpected(error instanceof Error ? error.message : String(error)));
  if ((process.env.DEADBOX_DEBUG ?? '') !== '' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return EXIT.error;
}

/** A call that the parser of the command line refuses; help and version end with an error of its own, too. */
function explainCall({ code, message, exitCode }: CommanderError, session: Session): number {
  if (exitCode === 0) return EXIT.ok;
  const { call, callHelp } = session.language.errors;
  const fault = code.replace(/^commander\./, '');
  if (isCallFault(fault, call)) {
    const names = [...message.matchAll(/'([^']*)'/g)].map((match) => match[1]);
    session.say(concat(call[fault](names, message.replace(/^error: /, '')), callHelp));
  }
  return EXIT.error;
}

function isCallFault(fault: string, words: Language['errors']['call']): fault is CallFault {
  return Object.hasOwn(words, fault);
}

/** Whoever reads has gone away (`| head`): nothing more to say, and no reason for another exit code. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);
// Until it is done: what Node itself gives where an await never ends. Nothing but its own code may pass for success.
process.exitCode = 13;
void main(process.argv.slice(2)).then((code) => {
  // Setting the code lets stdout drain; exiting at once would cut a pipe short.
  process.exitCode = code;
});
