import { closest } from '../../closest.js';
import { SCRIPTS, SHELLS, type Shell } from '../../completion-scripts.js';
import { EXIT, usageError } from '../../exit-code.js';
import type { Session } from '../../input/session.node.js';
import type { CommonOptions } from '../../options.js';
import { withOutput } from '../../output/output.node.js';

/** Prints the completion script of a shell. */
export async function completionVerb(shell: string, options: CommonOptions, session: Session): Promise<number> {
  if (!isShell(shell))
    throw usageError('shell-unknown', { shell, known: SHELLS, meant: closest(shell, SHELLS) ?? null });
  await withOutput(session.output(options), (output) => output.write(SCRIPTS[shell]));
  return EXIT.ok;
}

function isShell(name: string): name is Shell {
  return SHELLS.some((shell) => shell === name);
}
