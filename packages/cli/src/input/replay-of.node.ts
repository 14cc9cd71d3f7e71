import { isDiagnostics, readDiagnostics } from '../diagnostics/read-diagnostics.node.js';
import type { Replay } from '../diagnostics/replay.js';
import type { CommonOptions } from '../options.js';
import { loadHelpWords } from '../output/language.node.js';
import type { Session } from './session.node.js';

/**
 * The recording of `--diagnostics` at `path`, to be read in place of its image; `undefined` where it is something else.
 */
export async function replayOf(path: string, options: CommonOptions, session: Session): Promise<Replay | undefined> {
  if (!isDiagnostics(path)) return undefined;
  session.inputs.add(path);
  const replay = await readDiagnostics(path);
  const { verbose } = await loadHelpWords(session.language.code);
  const { image, version, made, contents } = replay;
  if (options.quiet !== true) session.say(verbose.replayed({ path, image, version, made, contents }));
  return replay;
}
