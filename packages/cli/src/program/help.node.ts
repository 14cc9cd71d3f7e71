import { textWriter } from '@deadbox/report';
import { programHelp, type VerbOutline, verbHelp } from '@deadbox/report/internals';
import type { Session } from '../input/session.node.js';
import { loadHelpWords } from '../output/language.node.js';
import { Output, withOutput } from '../output/output.node.js';
import { terminalWidth, writerFor } from '../output/show.node.js';
import { standardError } from '../output/standard-streams.node.js';
import { OPTIONS } from '../settings/option-table.js';
import { VERBS, type VerbFamily, type VerbSpec } from './verb-table.node.js';

/** Every verb as help, the manual page and completions describe it. */
export function outlines(): VerbOutline[] {
  return VERBS.map(outlineOf);
}

/** Shows the help of the verb that `argv` names, else of the program; on stderr where nobody asked for it. */
export async function showHelp(argv: readonly string[], asked: boolean, session: Session): Promise<void> {
  const words = await loadHelpWords(session.language.code);
  const verbs = outlines();
  const named = argv.filter((argument) => !argument.startsWith('-') && argument !== 'help');
  const verb = verbs.find(({ id }) => id === named[0]);
  const inner = verb?.verbs?.find(({ id }) => id === `${named[0]} ${named[1]}`);
  const shown = inner ?? verb;
  const page = shown === undefined ? programHelp(verbs, words) : verbHelp(shown, words);
  if (!asked) {
    const stream = standardError();
    stream.write(textWriter({ width: terminalWidth(stream) })(page));
    return;
  }
  await withOutput(new Output(undefined, session.inputs), (output) => output.write(writerFor({}, output)(page)));
}

function outlineOf(spec: VerbSpec | VerbFamily): VerbOutline {
  if ('verbs' in spec) {
    const { id, group, verbs } = spec;
    return { id, group, exit: 'others', arguments: [], options: [], verbs: verbs.map(outlineOf) };
  }
  const { id, group, exit, arguments: args, options } = spec;
  return {
    id,
    group,
    exit,
    arguments: args,
    options: options.map((option) => {
      const { flags, group: part, value, choices, preset } = OPTIONS[option];
      return {
        id: option,
        flags,
        group: part,
        repeatable: value === 'list',
        ...(choices === undefined ? {} : { choices }),
        ...(preset === undefined ? {} : { preset }),
      };
    }),
  };
}
