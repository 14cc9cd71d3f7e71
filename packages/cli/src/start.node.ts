import { existsSync } from 'node:fs';
import { EXIT, OutputClosed, usageError } from './exit-code.js';
import { Session } from './input/session.node.js';
import { isUrl } from './input/targets.node.js';
import { checkLanguage, languageFor, loadLanguage } from './output/language.node.js';
import { asksForHelp, lacksVerb, makeProgram } from './program/program.node.js';
import { VERBS } from './program/verb-table.node.js';
import { findSettings } from './settings/find-settings.node.js';
import { EXIT_OF, onInterrupt } from './supervision/interrupts.node.js';

/**
 * Runs the command line and gives its exit code. Whatever goes wrong is one sentence on stderr, never a stack trace.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController();
  let interrupted: number = EXIT.interrupted;
  onInterrupt((times, signal) => {
    // Whoever asks twice does not want to wait for what is finished.
    if (times > 1) process.exit(EXIT_OF[signal]);
    interrupted = EXIT_OF[signal];
    controller.abort(new DOMException('Interrupted', 'AbortError'));
  });
  const faults: Error[] = [];
  const settings = await findSettings(process.env).catch((error: unknown) => void faults.push(error as Error));
  const configured = settings?.given.get('lang')?.value.toString();
  const session = new Session(await loadLanguage(languageFor(argv, process.env, configured)), controller.signal);
  if (settings !== undefined) session.inputs.add(settings.path);
  let code: number = EXIT.ok;
  const program = makeProgram(
    argv[0],
    async (verb) => {
      code = await verb(session);
    },
    (paths) => session.inputs.add(...paths),
    settings,
  );
  try {
    await checkLanguage(argv, process.env, configured);
    if (argv[0] === 'complete') {
      await (await import('./completion/answer.node.js')).answerCompletion(
        argv.slice(argv[1] === '--' ? 2 : 1),
        session,
      );
      return EXIT.ok;
    }
    if (asksForHelp(argv) || lacksVerb(argv)) {
      const asked = asksForHelp(argv);
      await (await import('./program/help.node.js')).showHelp(argv, asked, session);
      return asked ? EXIT.ok : EXIT.error;
    }
    // Help is there for whoever has to mend the file.
    for (const fault of faults) throw fault;
    checkVerb(argv);
    await program.parseAsync(argv, { from: 'user' });
    return code === EXIT.interrupted ? interrupted : code;
  } catch (error) {
    if (error instanceof OutputClosed) return code;
    if (controller.signal.aborted) return interrupted;
    return (await import('./program/explain.node.js')).explain(error, argv, session, settings);
  }
}

/** `deadbox server.img`: an image where a verb should stand. */
function checkVerb([first]: readonly string[]): void {
  if (first === undefined || first.startsWith('-') || VERBS.some(({ id }) => id === first)) return;
  if (isUrl(first) || existsSync(first)) throw usageError('verb-missing', { name: first });
}

/** Runs the command line of this process, whose exit code is set when it is done. */
export function start(): void {
  void run(process.argv.slice(2)).then((code) => {
    // Setting the code lets stdout drain; exiting at once would cut a pipe short.
    process.exitCode = code;
  });
}

async function run(argv: readonly string[]): Promise<number> {
  if (!argv.some((arg) => arg.startsWith('--time-limit'))) return main(argv);
  const { needsSupervisor, superviseSelf, tellSupervisor } = await import('./supervision/supervise.node.js');
  if (needsSupervisor(argv)) return superviseSelf();
  const code = await main(argv);
  tellSupervisor(code);
  return code;
}
