import { isDeadboxError } from '@deadbox/core';
import { problemPhrase } from '@deadbox/report/internals';
import { UsageError } from '../../packages/cli/src/exit-code.js';
import { Session } from '../../packages/cli/src/input/session.node.js';
import { loadLanguage } from '../../packages/cli/src/output/language.node.js';
import { makeProgram } from '../../packages/cli/src/program/program.node.js';

/** What a run of the command line came to. */
export interface Ran {
  readonly code: number | undefined;
  /** What was said on stderr; what goes to stdout is not caught: give `-o`. */
  readonly said: string;
  /** What it ended with, where it did not end well. */
  readonly error: Error | undefined;
}

/** Runs the command line in this process: a start of its own costs a third of a second. */
export async function runInProcess(argv: readonly string[], language: 'en' | 'ja' = 'en'): Promise<Ran> {
  const said: string[] = [];
  const streams = [process.stderr, process.stdout];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = (text: string | Uint8Array) => said.push(String(text)) > 0;
  const session = new Session(await loadLanguage(language), new AbortController().signal);
  let code: number | undefined;
  let failure: Error | undefined;
  const program = makeProgram(
    argv[0],
    async (verb) => void (code = await verb(session)),
    (paths) => session.inputs.add(...paths),
  );
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    if (error instanceof UsageError) session.say(problemPhrase(error.problem, session.reader));
    else if (isDeadboxError(error)) session.sayError(error);
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = writes[i];
  }
  return { code, said: said.join(''), error: failure };
}
